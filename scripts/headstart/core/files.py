"""Read and write files that are whole or absent, and compute their digests."""

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path

from headstart.core.errors import InputError


@contextlib.contextmanager
def atomic(path):
    """Yield a temporary name beside ``path``; on success sync it to disk and rename it to ``path``.

    A file replaces ``path`` in one step. A folder does not: the old folder is put aside first, so a kill between the
    two leaves none. On an exception, the temporary file or folder is removed and ``path`` stays as it was. What killed
    stages left, temporary or put aside, is removed at the start.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):  # a killed stage left it
        if left.name.count(".") == path.name.count(".") + 3:  # keep the temporary file of <name>.zip
            _remove(left)
    temporary, old = (path.with_name(f".{path.name}.{name}.part") for name in (os.getpid(), f"{os.getpid()}-old"))
    try:
        yield temporary
        if temporary.is_file():
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        else:
            os.sync()  # syncing thousands of images one by one takes minutes
            if path.is_dir():
                os.replace(path, old)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno and not error.filename:  # on a full disk the system names no file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        if old.exists() and not path.exists():
            os.replace(old, path)
        _remove(temporary)
        _remove(old)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256(path):
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raise_refusal(error, path):
    """Raise an `OSError` that names ``path`` if ``error`` is the system's refusal to read or write it.

    h5py turns some refusals into other exceptions, with the system's error number in their text. Other errors concern
    the file's content: the function returns. It also returns for a missing file.
    """
    said = re.search(r"\berrno = (\d+)", str(error))
    number = getattr(error, "errno", None) or (int(said[1]) if said else None)
    if number not in (None, errno.ENOENT):
        raise OSError(number, os.strerror(number), str(path)) from error


REMEDY = "Remove it and run again."


@contextlib.contextmanager
def reading(path, kind, remedy=REMEDY):
    """Raise `InputError` if reading a file shows that it is not a whole ``kind``, such as "HDF5 file".

    A refusal by the system is no fault of the file; `raise_refusal` handles it.
    """
    try:
        yield
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise_refusal(error, path)
        raise InputError(f"{path}: not a valid {kind} ({' '.join(str(error).split())}). {remedy}") from error


def write_json(path, content):
    """Write plain values as JSON; the file appears when it is whole."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_json(path, keys=None):
    """Return ``{key: value}`` of a JSON file, for ``keys`` or for all its keys.

    Raises `InputError` if the file is damaged or lacks a key.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return {key: found[key] for key in (found if keys is None else keys)}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not valid JSON, or keys are missing. {REMEDY}") from error
