"""Messages and stubs made of protocol files, apart from those of the same names that tritonclient carries."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


class Protocol:
    """The messages of all `.proto` files of a folder, in a pool of their own.

    Args:
        folder: Where the files are.
        out: Where the compiler's output goes.
    """

    def __init__(self, folder: Path, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        compiled = out / "descriptors.bin"
        files = sorted(str(path) for path in folder.glob("*.proto"))
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", f"--descriptor_set_out={compiled}", *files]
        subprocess.run(command, check=True, timeout=120)
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes()).file:
            self._pool.AddSerializedFile(file.SerializeToString())

    def message(self, name: str) -> Any:
        """The class of a message, by its full name."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))

    def file(self, name: str) -> Any:
        """The descriptor of a file."""
        return self._pool.FindFileByName(name)

    def stub(self, service: str, channel: grpc.Channel) -> Any:
        """An object with a method for each call of a service."""
        calls: dict[str, Callable[..., Any]] = {}
        for method in self._pool.FindServiceByName(service).methods:
            calls[method.name] = channel.unary_unary(
                f"/{service}/{method.name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
            )
        return SimpleNamespace(**calls)
