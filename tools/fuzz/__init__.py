"""Requests of all sizes and encodings against a sidecar with little memory."""
