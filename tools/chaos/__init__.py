"""Faults between the shim, the store and the sidecar: a proxy that makes them, and what becomes of requests."""
