"""Reserve each GPU for one job, where no cluster does."""

import fcntl
import os
import platform
import stat
import time
from pathlib import Path

from headstart.core.errors import InputError

REMEDY = "Set XDG_CACHE_HOME to a folder of your own."
_held = []  # lock files stay open until the process ends


def claim(devices, folder=None):
    """Return the first GPU of ``devices`` that no other job of this user has locked; wait until one is free.

    Slurm reserves GPUs for its jobs, so a Slurm job takes the first. ``folder`` holds the locks, `own_folder` by
    default. A lock disappears with the process that holds it, however that process ends.
    """
    if "SLURM_JOB_ID" in os.environ:
        return devices[0]
    # Each job may see another GPU as its first, so locks use the names in CUDA_VISIBLE_DEVICES.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    names = seen if len(seen) == len(devices) and all(seen) else list(map(str, range(len(devices))))
    folder, told = Path(folder or own_folder()), False
    while True:
        for device, name in zip(devices, names, strict=True):
            # Machines may share a home folder, so the host's name is part of the lock's.
            if _lock(folder / f"{platform.node()}-gpu-{name}.lock"):
                return device
        if not told:
            print(
                "Waiting: other jobs use every GPU. Set resources: [gpu=1] in the profile to keep cores free meanwhile."
            )
            told = True
        time.sleep(1)


def own_folder():
    """Return a folder that only this user can write to: headstart in $XDG_CACHE_HOME, which is ~/.cache by default.

    $XDG_RUNTIME_DIR will not do: it disappears when the user logs out, while jobs go on. Raises `InputError` if no such
    folder can be had.
    """
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headstart"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except (OSError, RuntimeError) as error:  # Path.home() raises RuntimeError if there is no home
        raise InputError(f"GPU locks: cannot find or create a folder for them ({error}). {REMEDY}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise InputError(
            f"{folder}: GPU locks need a folder that only you can write to (got {stat.filemode(found.st_mode)}). "
            f"{REMEDY}"
        )
    return folder


def _lock(path):
    file = None
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    except OSError as error:
        raise InputError(f"{path}: cannot lock a GPU ({error.strerror}). {REMEDY}") from error
    _held.append(file)
    return True
