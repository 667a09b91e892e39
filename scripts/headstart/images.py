"""Single images: inspected, and decoded to one shape.

A path is relative to a dataset's unpacked folder; ``file#7`` is image 7 of an IDX file (LeCun et al., the MNIST
format: big-endian, two zero bytes, a type code, the number of dimensions, then each dimension as a 32-bit number).
"""

import hashlib
import io
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from headstart.errors import InputError

warnings.simplefilter("error", Image.DecompressionBombWarning)  # 89 million pixels is no photograph of ours
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError)


@cache
def read_idx(path):
    """Return an IDX file of bytes as a read-only uint8 array, images N × height × width or labels N.

    Raises `InputError` where the file is not IDX or is shorter or longer than its header says.
    """
    data = np.fromfile(path, np.uint8)
    dimensions = int(data[3]) if len(data) >= 4 and bytes(data[:3]) == b"\0\0\x08" else 0
    start = 4 + 4 * dimensions
    shape = tuple(int(n) for n in data[4:start].view(">u4")) if dimensions and len(data) >= start else ()
    if not shape or len(data) - start != np.prod(shape):
        raise InputError(f"{path}: not a whole IDX file of bytes ({len(data)} bytes, shape {shape}); fetch it again")
    images = data[start:].reshape(shape)
    images.flags.writeable = False
    return images


def inspect(root, path):
    """Return ``(size, digest, status)`` of an image: "width×height" as WIDTHxHEIGHT, SHA-256, "ok" or why not.

    The digest is of the file's bytes, or of an IDX image's pixels. Every pixel is decoded, so that what is "ok" here
    can be read later.
    """
    file, _, index = path.partition("#")
    if index:
        image = read_idx(Path(root, file))[int(index)]
        return f"{image.shape[1]}x{image.shape[0]}", hashlib.sha256(image.tobytes()).hexdigest(), "ok"
    content = Path(root, path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return f"{image.width}x{image.height}", digest, "ok"
    except UNREADABLE as error:
        reason = "empty file" if not content else " ".join(str(error).split()).replace(f" {io.BytesIO!r}", "")
        return (
            "",
            digest,
            f"unreadable: {reason}" if not reason.startswith("cannot identify") else "unreadable: no image",
        )


def read(root, path, shape):
    """Return an image as a uint8 array of ``shape``, height × width × channels (1: grey, 3: RGB).

    EXIF rotation is applied; the picture is squashed to the shape with an anti-aliased bilinear filter, as the lecture
    does (without keeping the aspect). Raises `InputError` where it cannot be decoded.
    """
    height, width, channels = shape
    file, _, index = path.partition("#")
    try:
        if index:
            image = Image.fromarray(read_idx(Path(root, file))[int(index)])
        else:
            image = ImageOps.exif_transpose(Image.open(Path(root, path)))
        image = image.convert("RGB" if channels == 3 else "L")
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.BILINEAR)
    except UNREADABLE as error:
        raise InputError(f"{root}/{path}: cannot be decoded ({error}); run the manifest stage again") from error
    return np.asarray(image, np.uint8).reshape(shape)
