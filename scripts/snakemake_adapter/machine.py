"""Say what the machine that runs the jobs has."""

import contextlib
from pathlib import Path

import psutil

LIMIT = "/sys/fs/cgroup/memory.max"  # of a container (cgroup v2): a number of bytes, or "max"


def memory(limit=LIMIT):
    """Return the megabytes that jobs may use together: the machine's, or the container's where these are fewer."""
    total = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        total = min(total, int(Path(limit).read_text()))
    return total // 10**6
