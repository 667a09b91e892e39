"""Arrays with a row an image, in HDF5: pixels and features.

A file holds ``values`` (images × …) and ``ids`` (images), and says in its attributes what made it.
"""

import contextlib
import errno
import hashlib
import math
import os
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
from tqdm import tqdm

from headstart.errors import InputError
from headstart.files import atomic

SLACK = 100  # bytes an image for its id
BLOCK = 256  # rows read at a time: 26 MB of 7 × 7 × 512 float32


@contextlib.contextmanager
def writing(path):
    """Yield a new HDF5 file, for what fits into memory twice; at the end it is written to ``path`` in one piece.

    HDF5 writes small arrays when their objects are cleared away, and what h5py meets there it only prints: on a full
    disk a file with holes would look whole.
    """
    with h5py.File(path, "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        content = file.id.get_file_image()
    Path(path).write_bytes(content)


@contextlib.contextmanager
def _told():
    """Turn what h5py makes of a write that the system refuses (a disk that has become full) into an `OSError`."""
    try:
        yield
    except RuntimeError as error:
        said = re.search(r"\berrno = (\d+)", str(error))
        if not said:
            raise
        raise OSError(int(said[1]), os.strerror(int(said[1]))) from error


def write_rows(path, ids, shape, dtype, batches, attrs, *, terminal, title, digest=None):
    """Write rows of ``shape`` and ``dtype`` for all ``ids``, as the arrays that ``batches`` yields, in that order.

    ``attrs`` become attributes of the file, and so does, under the name ``digest``, the SHA-256 over all values in C
    order; a bar called ``title`` runs on ``terminal``. The file appears when it is whole.
    """
    total = hashlib.sha256()
    with atomic(path) as temporary:
        # Before hours of work, and since HDF5 does not always come back from a write that is refused (see `writing`).
        needed = len(ids) * (math.prod(shape) * np.dtype(dtype).itemsize + SLACK)
        if shutil.disk_usage(temporary.parent).free < needed + SLACK * SLACK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with _told(), h5py.File(temporary, "w") as file:
            file.attrs.update(attrs)
            file.create_dataset("ids", data=np.array(ids, dtype=object), dtype=h5py.string_dtype())
            values = file.create_dataset("values", (len(ids), *shape), dtype)
            start = 0
            with tqdm(desc=title, total=len(ids), unit=" images", file=terminal, disable=None) as bar:
                for batch in batches:
                    values[start : start + len(batch)] = batch
                    if digest:
                        total.update(np.ascontiguousarray(batch, values.dtype))
                    start += len(batch)
                    bar.update(len(batch))
            if digest:
                file.attrs[digest] = total.hexdigest()
            if start != len(ids):
                raise InputError(
                    f"{path}: got {start} rows for {len(ids)} ids; remove what it is made from and run again"
                )


def read_ids(path):
    """Return the ids of a file's rows, in their order."""
    with _open(path) as file:
        return list(file["ids"].asstr()[:])


def read_attrs(path):
    """Return a file's attributes as a dict."""
    with _open(path) as file:
        return {name: value.item() if hasattr(value, "item") else value for name, value in file.attrs.items()}


def read_rows(path, ids):
    """Return the rows of the given ids, in the given order, as an array len(ids) × ….

    Raises `InputError` where the file cannot be read or lacks an id.
    """
    with _open(path) as file:
        position = {name: row for row, name in enumerate(file["ids"].asstr()[:])}
        missing = [name for name in ids if name not in position]
        if missing:
            raise InputError(
                f"{path}: no row for image {missing[0]!r} ({len(missing)} missing); remove the file and run again"
            )
        values = file["values"]
        wanted = np.array([position[name] for name in ids], dtype=int)
        out = np.empty((len(wanted), *values.shape[1:]), values.dtype)
        order = np.argsort(wanted)
        # Whole blocks, then a choice in memory: h5py's own reading of a list of rows takes far longer.
        for start in range(0, len(values), BLOCK):
            first, last = np.searchsorted(wanted[order], [start, start + BLOCK])
            if first < last:
                here = order[first:last]
                out[here] = values[start : start + BLOCK][wanted[here] - start]
    return out


def read_batches(path, size):
    """Yield all rows of a file, ``size`` at a time."""
    with _open(path) as file:
        values = file["values"]
        for start in range(0, len(values), size):
            yield values[start : start + size]


def _open(path):
    try:
        return h5py.File(path)
    except OSError as error:
        raise InputError(f"{path}: not a whole HDF5 file ({error}); remove it and run again") from error
