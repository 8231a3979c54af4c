"""The shim: the data plane over HTTP, with FastAPI. It translates, and decides nothing."""

from pillion.shim.app import create_app
from pillion.shim.server import serve

__all__ = ["create_app", "serve"]
