"""Single images: inspected, and decoded to one shape.

A path is relative to a dataset's unpacked folder; ``file#7`` is image 7 of an IDX file (LeCun et al., the MNIST
format: big-endian, two zero bytes, a type code, the number of dimensions, then each dimension as a 32-bit number).
"""

import hashlib
import io
import struct
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from headstart.errors import InputError

warnings.simplefilter("error", Image.DecompressionBombWarning)  # 89 million pixels is no photograph of ours
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    struct.error,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)


@cache
def read_idx(path):
    """Return an IDX file of bytes as a read-only uint8 array, images N × height × width or labels N.

    Raises `InputError` where the file is not IDX or is shorter or longer than its header says.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name another file in idx, or fetch it") from error
    dimensions = int(data[3]) if len(data) >= 4 and bytes(data[:3]) == b"\0\0\x08" else 0
    start = 4 + 4 * dimensions
    shape = tuple(int(n) for n in data[4:start].view(">u4")) if dimensions and len(data) >= start else ()
    if not shape or len(data) - start != np.prod(shape):
        raise InputError(f"{path}: not a whole IDX file of bytes ({len(data)} bytes, shape {shape}); fetch it again")
    images = data[start:].reshape(shape)
    images.flags.writeable = False
    return images


def inspect(root, path):
    """Return ``(size, digest, status)`` of an image: its size as WIDTHxHEIGHT, SHA-256, and "ok" or why not.

    The digest is of the file's bytes, or of an IDX image's pixels. The image is decoded as `read` does it, so that what
    is "ok" here can be read later.
    """
    packed = _packed(root, path)
    if packed is not None:
        return f"{packed.shape[1]}x{packed.shape[0]}", hashlib.sha256(packed.tobytes()).hexdigest(), "ok"
    content = Path(root, path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    try:
        image = _decode(io.BytesIO(content))
    except UnidentifiedImageError:  # its own text has an address in memory
        return "", digest, "unreadable: not an image" if content else "unreadable: empty file"
    except UNREADABLE as error:
        return "", digest, f"unreadable: {' '.join(str(error).split())}"
    return f"{image.width}x{image.height}", digest, "ok"


def read(root, path, shape):
    """Return an image as a uint8 array of ``shape``, height × width × channels (1: grey, 3: RGB).

    EXIF rotation is applied; the picture is squashed to the shape with an anti-aliased bilinear filter, as the lecture
    does (without keeping the aspect). Raises `InputError` where it cannot be decoded.
    """
    height, width, channels = shape
    packed = _packed(root, path)
    try:
        image = _decode(Path(root, path)) if packed is None else Image.fromarray(packed)
    except UNREADABLE as error:
        raise InputError(f"{root}/{path}: cannot be decoded ({error}); run the manifest stage again") from error
    image = image.convert("RGB" if channels == 3 else "L")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(shape)


def _packed(root, path):
    """The pixels of ``file#7``, or None where ``path`` is an image file of its own."""
    file, mark, index = path.rpartition("#")
    return read_idx(Path(root, file))[int(index)] if mark and index.isdecimal() else None


def _decode(file):
    """A whole image, upright, in a mode that converts to RGB or grey without loss of range."""
    with Image.open(file) as image:
        image = ImageOps.exif_transpose(image)
        image.load()
    if image.mode.startswith("I;16"):  # Pillow's own conversion would clip all above 255 to white
        return Image.fromarray(np.round(np.asarray(image) / 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(f"mode {image.mode}: the range of its values is not known")
    return image
