"""The programs that are compared: a folder a language, and a file a model kind under the same names."""
