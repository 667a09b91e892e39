"""Inspect single images, and decode them to one shape.

A path is relative to a dataset's unpacked folder; ``file#7`` is image 7 of an IDX file (LeCun et al., the MNIST
format). IDX is big-endian: two zero bytes, a type code, the number of dimensions, then each dimension as a 32-bit
number.
"""

import contextlib
import hashlib
import io
import struct
import threading
import warnings
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, TiffImagePlugin, UnidentifiedImageError

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.core.listing import located
from headstart.data import metadata
from headstart.data.idx_files import read_idx

try:
    import pi_heif
except ImportError:  # then HEIC pictures are left out, and the manifest says why
    pi_heif = None
else:
    pi_heif.register_heif_opener()

Image.MAX_IMAGE_PIXELS = 250_000_000
warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # `_decoded` refuses such pictures itself
LARGE = 89_478_485  # pixels; larger pictures are reduced while they are decoded
ALONE = 60_000_000  # pixels; larger pictures are decoded one at a time
GAP = 4  # how many times larger than asked for they stay until the last step
STRIP = 1024  # rows of a large picture whose colours are converted at a time
_one_large = threading.Lock()
HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypheis", b"ftypmif1", b"ftypmsf1")
UPRIGHT = {  # how each of EXIF's orientations is undone
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {UPRIGHT[number] for number in (5, 6, 7, 8)}


def inspect(root, path):
    """Return ``(size, digest, status)`` of an image: its size as WIDTHxHEIGHT, SHA-256, and "ok" or why not.

    The digest is of the file's bytes, or of an IDX image's pixels. The image is decoded as `read` does it, so an image
    that is "ok" here can be read later. Any error of a decoder becomes a status.
    """
    packed = _packed(root, path)
    if packed is not None:
        return f"{packed.shape[1]}x{packed.shape[0]}", digest(root, path), "ok"
    try:
        file = open(located(root, path), "rb")  # noqa: SIM115, closed below
    except OSError as error:
        return "", "", f"unreadable: {error.strerror}"
    with file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            _, (width, height) = _decode(file)
        except Exception as error:
            return "", found, f"unreadable: {_reason(error, file)}"
    return f"{width}x{height}", found, "ok"


def digest(root, path):
    """Return the digest of an image as `inspect` does it, without decoding it."""
    packed = _packed(root, path)
    if packed is not None:
        return hashlib.sha256(packed.tobytes()).hexdigest()
    return sha256(located(root, path))


def read(root, path, shape, background="white"):
    """Return an image as a uint8 array of ``shape``, height × width × channels (1: grey, 3: RGB).

    EXIF rotation is applied. Transparent pixels are laid on ``background``, a colour's name or #rrggbb. The picture is
    squashed to the shape, as the lecture does (without keeping the aspect). The filter is bilinear and anti-aliased.
    Raises `InputError` where it cannot be decoded.
    """
    height, width, channels = shape
    packed = _packed(root, path)
    if packed is None:
        with open(located(root, path), "rb") as file:
            try:
                image, _ = _decode(file, background, GAP * max(height, width))
            except Exception as error:
                raise InputError(
                    f"{root}/{path}: cannot be decoded ({_reason(error, file)}). "
                    f"Run again with --forcerun write_manifest."
                ) from error
    else:
        image = Image.fromarray(packed)
    image = image.convert("RGB" if channels == 3 else "L")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(shape)


def _packed(root, path):
    """Return the pixels of ``file#7``, or None where ``path`` is an image file of its own."""
    file, mark, index = path.rpartition("#")
    return read_idx(located(root, file))[int(index)] if mark and index.isdecimal() else None


def _reason(error, file):
    """Return in one line why a picture cannot be decoded."""
    file.seek(0)
    head = file.read(12)
    if not head:
        return "empty file"
    if head[4:] in HEIC and not pi_heif:
        return "HEIC, which needs the package pi-heif"
    if isinstance(error, UnidentifiedImageError):  # its own text has an address in memory
        return "not an image"
    said = " ".join(str(error).split())
    plain = isinstance(error, OSError | ValueError | SyntaxError | struct.error | Image.DecompressionBombError) and said
    return said if plain else f"{type(error).__name__} {said}".strip()


def _decode(file, background="white", side=1):
    """Return a whole image, upright, and its size; its mode converts to RGB or grey without loss of range.

    A large image is reduced. Where possible it keeps ``side`` pixels or more on each side.
    """
    file.seek(0)
    try:
        return _decoded(file, background, side)
    except Image.DecompressionBombError:
        raise
    except Exception:
        file.seek(0)
        with contextlib.suppress(Exception):
            return _decoded(io.BytesIO(metadata.bare(file.read())), background, side)
        raise


def _decoded(file, background, side):
    with Image.open(file) as image:
        if image.format == "EPS":
            raise ValueError("EPS, which only another program could draw")
        pixels = image.width * image.height
        if pixels > Image.MAX_IMAGE_PIXELS:  # Pillow itself refuses only twice as many
            most = f"limit of {Image.MAX_IMAGE_PIXELS} pixels"
            raise Image.DecompressionBombError(f"Image size ({pixels} pixels) exceeds {most}, could be a bomb")
        large = pixels > LARGE
        with _one_large if pixels > ALONE else contextlib.nullcontext():
            whole = image.size
            drawn = large and image.draft(None, (side, side))  # a JPEG is decoded to an eighth at the smallest
            _scale_transparency(image)
            image.load()
            whole, turn = whole if drawn else image.size, UPRIGHT.get(_orientation(image))  # Pillow turns a TIFF itself
            deep = Deep(known=image.format == "PPM", negative=_white_is_zero(image))
            image = _smaller(image, background, side, deep) if large else _flat(image, background, deep)
    return (image.transpose(turn), whole[:: -1 if turn in SIDEWAYS else 1]) if turn is not None else (image, whole)


def _orientation(image):
    """Return EXIF's orientation, 1 to 8, or None where it cannot be read."""
    with contextlib.suppress(Exception):  # a broken entry spoils no pixel
        said = image.getexif().get(0x0112)
        if said is not None:
            return int(said[0] if isinstance(said, tuple) else said)
    with contextlib.suppress(Exception):
        return metadata.orientation(image.info.get("exif", b""))
    return None


def _scale_transparency(image):
    """Bring a PNG's transparent value to 8 bits before it is loaded, where its channels have less or more.

    Pillow does so with the pixels alone.
    """
    value, form = image.info.get("transparency"), image.tile[0].args if image.format == "PNG" and image.tile else None
    if form in ("L;2", "L;4"):
        image.info |= {"transparency": value * {"L;2": 85, "L;4": 17}[form]} if value is not None else {}
    elif form == "RGB;16B" and value is not None:
        image.info["transparency"] = tuple(part >> 8 for part in value)


class Deep(NamedTuple):
    """Properties of a file's deep greys: ``known`` means that mode I has 16 bits, ``negative`` that 0 is white.

    Deep greys have more than 8 bits.
    """

    known: bool
    negative: bool


def _white_is_zero(image):
    """Return whether a TIFF's greys go from white to black. At 8 bits or less, Pillow turns them itself."""
    return image.format == "TIFF" and image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0


def _flat(image, background, deep):
    """Return an image without transparency, of 8 bits a channel; ``deep`` is the `Deep` of its file."""
    if image.mode.startswith("I;16") or image.mode == "I" and deep.known:
        # Pillow's own conversion would clip all above 255 to white
        values = np.asarray(image)
        bright = np.uint16(65_535) - values if deep.negative else values
        grey = Image.fromarray((bright / np.float32(257)).round().astype(np.uint8))
        if "transparency" not in image.info:
            return grey
        grey.putalpha(Image.fromarray(np.where(values == image.info["transparency"], np.uint8(0), np.uint8(255))))
        image = grey
    if image.mode in ("I", "F"):
        raise ValueError(f"mode {image.mode}: unknown range of values")
    if image.mode == "LAB":
        return image.convert("RGB")  # Pillow converts RGB to grey
    if not image.has_transparency_data:
        return image
    ground = Image.new("RGBA", image.size, ImageColor.getrgb(background))
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _smaller(image, background, side, deep):
    """Return a large loaded image as `_flat` gives it, divided by the whole number that leaves ``side`` pixels."""
    factor = max(1, min(*image.size, side * STRIP) // side)
    rows = STRIP // factor * factor
    parts = []
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        parts.append(_flat(strip, background, deep).convert("RGB").reduce(factor))
    whole = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
