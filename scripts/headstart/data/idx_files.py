"""Read IDX files."""

from functools import cache

import numpy as np

from headstart.core.errors import InputError


@cache
def read_idx(path):
    """Return an IDX file of bytes as a read-only uint8 array, images N × height × width or labels N.

    Raises `InputError` where the file is not IDX or is shorter or longer than its header says.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}). Fetch it, or name another file in idx."
        ) from error
    dimensions = int(data[3]) if len(data) >= 4 and bytes(data[:3]) == b"\0\0\x08" else 0
    start = 4 + 4 * dimensions
    shape = tuple(int(n) for n in data[4:start].view(">u4")) if dimensions and len(data) >= start else ()
    if not shape or len(data) - start != np.prod(shape):
        raise InputError(
            f"{path}: not a valid IDX file of bytes (got {len(data)} bytes, shape {shape}). Fetch it again."
        )
    images = data[start:].reshape(shape)
    images.flags.writeable = False
    return images
