"""Python with lists, loops and the standard library."""
