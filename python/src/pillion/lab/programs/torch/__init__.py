"""PyTorch: on a CPU or another device, all rows and trees together."""
