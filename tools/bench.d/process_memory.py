"""The most memory that a process has held."""

import re
from pathlib import Path


def peak(pid):
    """Bytes, or nothing where the process has ended; what `getrusage` tells may be that of the one that made it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return found and 1024 * int(found[1])
