"""The limits that the tests' sidecar is started with: small, so that they are reached quickly."""

MAX_BODY = 8 << 20
MAX_ROWS = 20_000
