"""One job on a GPU, where no cluster sees to it."""

import contextlib
import fcntl
import os
import tempfile
import time
from pathlib import Path

_held = []  # until the process ends


def claim(devices, folder=None):
    """Return the first of some GPUs that no other job of this user works on; wait where there is none.

    A job of Slurm has its GPUs for itself, and takes the first. ``folder`` is where the locks are, that of temporary
    files by default. A lock goes with the process that holds it, however that ends.
    """
    if "SLURM_JOB_ID" in os.environ:
        return devices[0]
    # Jobs may see different GPUs as the first one.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    names = seen if len(seen) == len(devices) and all(seen) else list(map(str, range(len(devices))))
    folder, told = Path(folder or tempfile.gettempdir()), False
    while True:
        for device, name in zip(devices, names, strict=True):
            if _lock(folder / f"headstart-{os.getuid()}-gpu-{name}.lock"):
                return device
        if not told:
            print("every GPU is taken by another job: waiting (resources: [gpu=1] in a profile keeps its cores free)")
            told = True
        time.sleep(1)


def _lock(path):
    file = open(path, "w")  # noqa: SIM115, it is held
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _held.append(file)
        return True
    file.close()
    return False
