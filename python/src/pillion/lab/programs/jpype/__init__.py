"""The engine in the process of Python, by JPype."""
