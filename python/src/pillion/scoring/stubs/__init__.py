"""The messages of the sidecar's gRPC services, generated from its protocol files by `make stubs`."""
