"""The demo: two models of MovieLens, trained, judged and published; nothing of MovieLens is elsewhere."""
