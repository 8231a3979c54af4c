"""What a process has used, as Linux tells it."""

import os
from pathlib import Path


def cpu_s(pid: int) -> float:
    """Returns the processor time that a process has taken so far, in seconds; on Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Returns the memory that a process has resident, in bytes; on Linux."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
