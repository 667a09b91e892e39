"""Files that are whole or absent, and their digests."""

import contextlib
import glob
import hashlib
import json
import os
import shutil
from pathlib import Path

from headstart.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")  # of pictures


@contextlib.contextmanager
def atomic(path):
    """Yield a temporary name beside ``path``; on success sync it to disk and rename it to ``path``.

    On an exception the temporary file or folder is removed and ``path`` stays as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):  # by a stage that was killed
        if left.name.count(".") == path.name.count(".") + 3:  # not that of <name>.zip
            _remove(left)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        if temporary.is_file():
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        else:
            os.sync()  # one by one, thousands of pictures would take minutes
            if path.is_dir():
                shutil.rmtree(path)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno and not error.filename:  # no space: the system does not say where
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        _remove(temporary)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256(path):
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listed(root):
    """Return the paths of all files under a folder, sorted, but for hidden ones and what macOS adds to its zips."""
    paths = (path.relative_to(root) for path in Path(root).rglob("*") if path.is_file())
    return sorted(
        path.as_posix() for path in paths if not any(part[0] == "." or part == "__MACOSX" for part in path.parts)
    )


def write_json(path, content):
    """Write plain values as JSON; the file appears when it is whole."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_json(path, keys=None, optional=()):
    """Return ``{key: value}`` of a JSON file, of all its keys or some; None for those ``optional`` that it lacks.

    Raises `InputError` where it is damaged or lacks a key.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return {key: found[key] for key in (found if keys is None else keys)} | {
            key: found.get(key) for key in optional
        }
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a whole JSON file of ours; remove it and run again") from error
