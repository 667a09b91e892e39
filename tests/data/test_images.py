"""Single images: inspected, and decoded to one shape."""

import base64
import gzip
import io
import os
import re
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from running import ROOT

from headstart.core.errors import InputError
from headstart.core.listing import SUFFIXES, listed
from headstart.data import idx_files, images

RAMP = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def idx(array):
    """The bytes of an IDX file of a uint8 array."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def save(folder, picture, name="a.png", **options):
    """Save a PIL image; return its name."""
    picture.save(folder / name, **options)
    return name


def jpeg(**options):
    """The bytes of a small JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(RAMP).convert("RGB").save(buffer, "JPEG", **options)
    return buffer.getvalue()


def test_an_idx_file_of_images_is_read(tmp_path):
    array = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "idx").write_bytes(idx(array))
    found = idx_files.read_idx(tmp_path / "idx")
    np.testing.assert_array_equal(found, array)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_an_idx_file_of_labels_is_read(tmp_path):
    (tmp_path / "idx").write_bytes(idx(np.array([3, 1, 2], np.uint8)))
    assert idx_files.read_idx(tmp_path / "idx").tolist() == [3, 1, 2]


WHOLE = idx(np.zeros((2, 3, 4), np.uint8))


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", WHOLE[:10], WHOLE[:-1], WHOLE + b"\0", b"\0\0\x0d" + WHOLE[3:], gzip.compress(WHOLE), b"\0\0\x08\0"],
    ids=["empty", "2 bytes", "header cut", "short", "long", "floats", "gzipped", "no dimensions"],
)
def test_a_file_that_is_not_whole_idx_is_bad_input(tmp_path, content):
    (tmp_path / "idx").write_bytes(content)
    with pytest.raises(InputError, match="not a valid IDX file"):
        idx_files.read_idx(tmp_path / "idx")


def test_a_missing_idx_file_is_bad_input(tmp_path):
    with pytest.raises(InputError):
        idx_files.read_idx(tmp_path / "not there")


def test_an_image_of_an_idx_file_is_inspected_and_read_by_its_number(tmp_path):
    array = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "idx").write_bytes(idx(array))
    size, digest, status = images.inspect(tmp_path, "idx#1")
    assert (size, status) == ("4x3", "ok")
    assert digest != images.inspect(tmp_path, "idx#0")[1]
    np.testing.assert_array_equal(images.read(tmp_path, "idx#1", (3, 4, 1))[:, :, 0], array[1])


def test_a_grey_picture_in_grey_is_the_same(tmp_path):
    name = save(tmp_path, Image.fromarray(RAMP))
    assert images.inspect(tmp_path, name)[::2] == ("8x6", "ok")
    np.testing.assert_array_equal(images.read(tmp_path, name, (6, 8, 1))[:, :, 0], RAMP)


def test_a_grey_picture_in_rgb_has_three_equal_channels(tmp_path):
    name = save(tmp_path, Image.fromarray(RAMP))
    np.testing.assert_array_equal(images.read(tmp_path, name, (6, 8, 3)), np.stack([RAMP] * 3, axis=2))


def test_channels_are_in_the_order_red_green_blue(tmp_path):
    name = save(tmp_path, Image.new("RGB", (2, 2), (10, 20, 30)))
    assert images.read(tmp_path, name, (2, 2, 3))[0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("mode", "name"),
    [("P", "a.png"), ("RGBA", "a.png"), ("LA", "a.png"), ("1", "a.png"), ("CMYK", "a.jpg"), ("P", "a.gif")],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_of_any_mode_is_read_in_its_colours(tmp_path, mode, name, channels):
    save(tmp_path, Image.new("RGB", (8, 8), (255, 255, 255)).convert(mode), name)
    assert images.inspect(tmp_path, name)[2] == "ok"
    found = images.read(tmp_path, name, (4, 4, channels))
    assert found.shape == (4, 4, channels)
    assert found.dtype == np.uint8
    assert found.min() > 250


def test_a_16_bit_picture_keeps_its_greys(tmp_path):
    name = save(tmp_path, Image.fromarray(RAMP.astype(np.uint16) * 257))
    assert images.inspect(tmp_path, name)[2] == "ok"
    found = images.read(tmp_path, name, (6, 8, 1))[:, :, 0]
    np.testing.assert_allclose(found.astype(int), RAMP.astype(int), atol=1)


def test_16_bits_become_the_nearest_of_8(tmp_path):
    """Value n of 65535 is n / 257 of 255, rounded: black and white stay so, and no grey is darker or lighter."""
    deep = np.array([[0, 128, 129, 257, 385, 386], [32767, 32768, 65278, 65406, 65407, 65535]], np.uint16)
    name = save(tmp_path, Image.fromarray(deep))
    found = images.read(tmp_path, name, (2, 6, 1))[:, :, 0]
    assert found.tolist() == [[0, 0, 1, 1, 1, 2], [127, 128, 254, 254, 255, 255]]


def test_a_16_bit_tiff_whose_0_is_white_is_no_negative(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(np.array([[0, 65535], [257, 65278]], "<u2"), photometric=0))
    assert images.read(tmp_path, "a.tif", (2, 2, 1))[:, :, 0].tolist() == [[255, 0], [254, 1]]


def tiff(values, *, photometric):
    """The bytes of a TIFF of one strip of 16-bit greys."""
    height, width = values.shape
    tags = [(256, width), (257, height), (258, 16), (259, 1), (262, photometric), (273, 0), (277, 1), (278, height)]
    tags = dict([*tags, (279, values.nbytes)])
    tags[273] = 8 + 2 + 12 * len(tags) + 4  # where the strip begins
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4) + values.tobytes()


def test_a_postscript_program_is_not_run(tmp_path, monkeypatch):
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    (tmp_path / "a.jpg").write_bytes(program)
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *args, **kwargs: pytest.fail("it was run"))
    assert images.inspect(tmp_path, "a.jpg")[2].startswith("unreadable: EPS")


def test_exif_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera stood on its side: show it turned by 90° clockwise
    name = save(tmp_path, Image.fromarray(RAMP), exif=exif)
    np.testing.assert_array_equal(images.read(tmp_path, name, (8, 6, 1))[:, :, 0], np.rot90(RAMP, -1))


def test_a_picture_is_squashed_to_the_shape(tmp_path):
    name = save(tmp_path, Image.fromarray(np.repeat([0, 200], 8).reshape(2, 8).astype(np.uint8).repeat(4, axis=0)))
    found = images.read(tmp_path, name, (2, 2, 1))[:, :, 0]
    assert found[0].max() < 60
    assert found[1].min() > 140


def test_a_picture_of_one_pixel_is_read(tmp_path):
    name = save(tmp_path, Image.new("RGB", (1, 1), (9, 9, 9)))
    assert images.inspect(tmp_path, name)[::2] == ("1x1", "ok")
    assert (images.read(tmp_path, name, (4, 4, 3)) == 9).all()


def test_a_png_that_is_called_jpg_is_read(tmp_path):
    name = save(tmp_path, Image.fromarray(RAMP), "a.jpg", format="PNG")
    assert images.inspect(tmp_path, name)[2] == "ok"
    np.testing.assert_array_equal(images.read(tmp_path, name, (6, 8, 1))[:, :, 0], RAMP)


def test_a_picture_with_a_number_sign_in_its_name_is_a_picture(tmp_path):
    name = save(tmp_path, Image.fromarray(RAMP), "cat#1.png")
    assert images.inspect(tmp_path, name)[::2] == ("8x6", "ok")
    np.testing.assert_array_equal(images.read(tmp_path, name, (6, 8, 1))[:, :, 0], RAMP)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", "unreadable: empty file"),
        (b"not a picture", "unreadable: not an image"),
        (jpeg()[:-60], "unreadable: .*[Tt]runcated"),
        (jpeg()[:30], "unreadable: .+"),
    ],
    ids=["empty", "text", "truncated", "header only"],
)
def test_a_damaged_picture_has_the_reason_as_its_status(tmp_path, content, status):
    (tmp_path / "a.jpg").write_bytes(content)
    size, digest, found = images.inspect(tmp_path, "a.jpg")
    assert size == ""
    assert len(digest) == 64
    assert re.match(status, found)
    assert "\n" not in found
    with pytest.raises(InputError, match="a.jpg: cannot be decoded"):
        images.read(tmp_path, "a.jpg", (4, 4, 3))


@pytest.mark.parametrize("limit", [30, 10], ids=["over the limit", "over twice the limit"])
def test_a_decompression_bomb_is_refused(tmp_path, limit):
    save(tmp_path, Image.fromarray(RAMP))
    code = (
        "from PIL import Image; from headstart.data import images; "
        f"Image.MAX_IMAGE_PIXELS = {limit}; print(images.inspect('.', 'a.png')[2])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    status = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True)
    assert status.startswith("unreadable: ")
    assert "bomb" in status


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_picture_with_any_damage_has_a_status_and_is_read_where_that_is_ok(tmp_path, data):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x011A] = 6, "a cat", 72.0
    content = bytearray(jpeg(exif=exif))
    changes = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), min_size=1, max_size=4)
    for place, value in data.draw(changes):
        content[place] = value
    (tmp_path / "a.jpg").write_bytes(content)
    status = images.inspect(tmp_path, "a.jpg")[2]
    if status == "ok":
        assert images.read(tmp_path, "a.jpg", (4, 4, 3)).shape == (4, 4, 3)
    else:
        assert status.startswith("unreadable: ")
        assert len(status) > len("unreadable: ")


def segment(marker, data):
    """The bytes of a JPEG's segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def entry(tag, kind, count, value):
    """The bytes of an entry of EXIF."""
    return struct.pack("<HHL4s", tag, kind, count, value)


SIDEWAYS = entry(0x0112, 3, 1, b"\6\0")


def exif(*entries):
    """The bytes of EXIF, with a fraction behind its entries; their offsets count from II."""
    return (
        b"Exif\0\0II*\0" + struct.pack("<LH", 8, len(entries)) + b"".join(entries) + bytes(4) + struct.pack("<LL", 1, 3)
    )


ODD = {
    "the maker is a fraction": [segment(0xE1, exif(entry(0x010F, 5, 1, struct.pack("<L", 38)), SIDEWAYS))],
    "an entry lies beyond the end": [segment(0xE1, exif(entry(0x010F, 2, 9, struct.pack("<L", 9999)), SIDEWAYS))],
    "an entry is of an unknown kind": [segment(0xE1, exif(entry(0x010F, 99, 1, b"abcd"), SIDEWAYS))],
    "more entries are told than there are": [segment(0xE1, exif(SIDEWAYS).replace(b"\1\0\x12", b"\x63\0\x12"))],
    "the resolution is no number": [
        segment(0xE1, exif(SIDEWAYS, entry(0x011A, 2, 1, b"\0"), entry(0x0128, 3, 1, b"\2\0")))
    ],
    "Photoshop's block breaks off": [segment(0xE1, exif(SIDEWAYS)), segment(0xED, b"Photoshop 3.0\x008BIM\4\4")],
    "JFIF's and Adobe's break off": [segment(0xE0, b"JFIF\0"), segment(0xE1, exif(SIDEWAYS)), segment(0xEE, b"Adobe")],
    "the orientation is there twice": [segment(0xE1, exif(entry(0x0112, 3, 2, b"\6\0\6\0")))],
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.filterwarnings("ignore")
def test_a_picture_that_viewers_show_is_read_upright_whatever_stands_beside_its_pixels(tmp_path, name):
    whole = jpeg()
    (tmp_path / "a.jpg").write_bytes(whole[:2] + b"".join(ODD[name]) + whole[2:])
    (tmp_path / "plain.jpg").write_bytes(whole)
    assert images.inspect(tmp_path, "a.jpg")[::2] == ("6x8", "ok")
    plain = images.read(tmp_path, "plain.jpg", (6, 8, 3))
    np.testing.assert_array_equal(images.read(tmp_path, "a.jpg", (8, 6, 3)), np.rot90(plain, -1))


def chunk(name, data):
    """The bytes of a PNG's chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(depth, kind, row, *chunks, size=(2, 1)):
    """The bytes of a PNG of one row, two pixels wide, whatever ``size`` it says it has."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0))
    body = [head, *chunks, chunk(b"IDAT", zlib.compress(b"\0" + row)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


@pytest.mark.parametrize(
    "beside",
    [chunk(b"tEXt", b"a\0b")[:-1] + b"?", chunk(b"pHYs", b"\0"), chunk(b"iCCP", b"a\0\7b"), chunk(b"zTXt", b"a\0\7b")],
    ids=["checksum", "short", "profile", "text"],
)
def test_a_png_is_read_whatever_stands_beside_its_pixels(tmp_path, beside):
    (tmp_path / "a.png").write_bytes(png(8, 0, b"\3\4", beside))
    assert images.inspect(tmp_path, "a.png")[2] == "ok"
    assert images.read(tmp_path, "a.png", (1, 2, 1)).ravel().tolist() == [3, 4]


@pytest.mark.parametrize(
    "error", [AttributeError("IFDRational"), KeyError(1), RuntimeError(), EOFError(), SystemError("x")]
)
def test_whatever_a_decoder_raises_is_the_status_of_one_picture(tmp_path, monkeypatch, error):
    def broken(_):
        raise error

    save(tmp_path, Image.fromarray(RAMP))
    monkeypatch.setattr(Image, "open", broken)
    assert images.inspect(tmp_path, "a.png")[2].startswith(f"unreadable: {type(error).__name__}")
    with pytest.raises(InputError, match="a.png: cannot be decoded"):
        images.read(tmp_path, "a.png", (4, 4, 3))


CLEAR = [255, 255, 255]
COLOURS = chunk(b"PLTE", bytes([0, 0, 0, 9, 9, 9]))
TRANSPARENT = {  # a clear pixel, and one that is not
    "grey and alpha": (png(8, 4, b"\0\0\7\xff"), [7] * 3),
    "colours and alpha": (png(8, 6, b"\0\0\0\0\7\x08\x09\xff"), [7, 8, 9]),
    "grey and alpha of 16 bits": (png(16, 4, b"\0\0\0\0\7\7\xff\xff"), [7] * 3),
    "one colour of a palette": (png(8, 3, b"\0\1", COLOURS, chunk(b"tRNS", b"\0")), [9] * 3),
    "colours of a palette, by half": (png(8, 3, b"\0\1", COLOURS, chunk(b"tRNS", b"\0\x80")), [132] * 3),
    "one of 2 bits": (png(2, 0, b"\x60", chunk(b"tRNS", b"\0\1")), [170] * 3),
    "one grey of 4 bits": (png(4, 0, b"\x31", chunk(b"tRNS", b"\0\3")), [17] * 3),
    "one grey": (png(8, 0, b"\3\4", chunk(b"tRNS", b"\0\3")), [4] * 3),
    "one grey of 16 bits": (png(16, 0, b"\0\3\4\4", chunk(b"tRNS", b"\0\3")), [4] * 3),
    "one colour": (png(8, 2, b"\1\2\3\4\5\6", chunk(b"tRNS", b"\0\1\0\2\0\3")), [4, 5, 6]),
    "one colour of 16 bits": (
        png(16, 2, b"\x64\0\0\0\0\0\5\5\6\6\7\7", chunk(b"tRNS", b"\x64\0\0\0\0\0")),
        [5, 6, 7],
    ),
}


@pytest.mark.parametrize("name", TRANSPARENT)
def test_what_is_transparent_is_laid_on_white_or_on_another_colour(tmp_path, name):
    content, other = TRANSPARENT[name]
    (tmp_path / "a.png").write_bytes(content)
    assert images.inspect(tmp_path, "a.png")[2] == "ok"
    assert images.read(tmp_path, "a.png", (1, 2, 3))[0].tolist() == [CLEAR, other]
    assert images.read(tmp_path, "a.png", (1, 2, 3), "#0a0b0c")[0, 0].tolist() == [10, 11, 12]
    assert images.read(tmp_path, "a.png", (1, 2, 1), "black")[0, 0].tolist() == [0]


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "TGA", "AVIF", "GIF", "JPEG2000"])
def test_what_is_transparent_in_other_formats_is_laid_on_white(tmp_path, kind):
    name = save(tmp_path, Image.new("RGBA", (32, 32)), "a.png", format=kind)
    assert (images.read(tmp_path, name, (4, 4, 3)) == 255).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_opaque_picture_with_alpha_is_as_it_is_without(tmp_path, mode, channels):
    colours = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    plain = Image.fromarray(colours).convert(mode.removesuffix("A") if mode == "LA" else "RGB")
    save(tmp_path, plain), save(tmp_path, plain.convert(mode), "b.png")
    found = [images.read(tmp_path, name, (64, 64, channels)) for name in ("a.png", "b.png")]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.jfif", {"format": "JPEG"}), ("a.JPE", {"format": "JPEG"}), ("a.avif", {}), ("a.pgm", {}), ("a.ppm", {})]
    + [("a.tga", {}), ("a.jp2", {}), ("a.mpo", {}), ("a.dib", {})],
)
def test_pictures_of_other_suffixes_are_read(tmp_path, name, options):
    save(tmp_path, Image.new("RGB", (32, 32), (90, 90, 90)).convert("L" if name == "a.pgm" else "RGB"), name, **options)
    assert Path(name).suffix.lower() in SUFFIXES
    assert images.inspect(tmp_path, name)[::2] == ("32x32", "ok")
    assert abs(images.read(tmp_path, name, (4, 4, 3)).astype(int) - 90).max() < 6


def test_a_pgm_of_16_bits_keeps_its_greys(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5 2 1 65535\n" + struct.pack(">2H", 257, 257 * 200))
    assert images.read(tmp_path, "a.pgm", (1, 2, 1)).ravel().tolist() == [1, 200]


HEIC = base64.b64decode(  # a red picture of 16 × 8 pixels, from pi-heif
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABoAABAAAAAAAAADMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADc"
    "aXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFw"
    "AAAAEAAAAAEAAAAIAAAAAf///9AAAAAC////yAAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAO21kYXQAAAAv"
    "KAGvEyFkY0D1JyL//2q6n/rQWf9v9lhZ3K6AwVvy+sD2ZJvA86qRnoCHaacwFXg="
)


def test_a_heic_is_read_where_pi_heif_is_installed(tmp_path):
    pytest.importorskip("pi_heif")
    (tmp_path / "a.heic").write_bytes(HEIC)
    assert images.inspect(tmp_path, "a.heic")[::2] == ("16x8", "ok")
    assert abs(images.read(tmp_path, "a.heic", (4, 4, 3)).astype(int) - [200, 30, 30]).max() < 12


def test_a_heic_says_what_to_install_where_it_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "pi_heif", None)
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))
    assert images.inspect(tmp_path, "a.heic")[2] == "unreadable: HEIC, which needs the package pi-heif"


@pytest.mark.parametrize("name", [b"ca\xf1on.png", b"\xff/1#2.png", b"a\nb.png"])
def test_a_picture_of_any_name_is_read(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(png(8, 0, b"\3\4"))
    (found,) = listed(tmp_path)
    assert images.inspect(tmp_path, found)[::2] == ("2x1", "ok")
    assert images.read(tmp_path, found, (1, 2, 1)).ravel().tolist() == [3, 4]
    path.write_bytes(b"")
    with pytest.raises(InputError) as caught:
        images.read(tmp_path, found, (1, 2, 1))
    assert str(caught.value).encode("utf-8").decode().isprintable()


@pytest.mark.parametrize("options", [{"name": "a.jpg", "quality": 95}, {"name": "a.png"}, {"name": "a.webp"}])
@pytest.mark.parametrize("turned", [1, 6])
def test_a_large_picture_comes_out_much_as_if_it_were_not_large(tmp_path, monkeypatch, options, turned):
    y, x = np.mgrid[:480, :720]
    waves = np.stack([127 + 120 * np.sin(x / 90), 127 + 120 * np.cos(y / 70), (x + y) % 256 / 4], axis=2)
    said = Image.Exif()
    said[0x0112] = turned
    name = save(tmp_path, Image.fromarray(waves.astype(np.uint8)), exif=said, **options)
    usual, size = images.read(tmp_path, name, (20, 30, 3)), images.inspect(tmp_path, name)
    monkeypatch.setattr(images, "LARGE", 1000)
    monkeypatch.setattr(images, "ALONE", 1000)
    assert images.inspect(tmp_path, name) == size
    assert abs(images.read(tmp_path, name, (20, 30, 3)).astype(int) - usual).max() <= 3


@pytest.mark.parametrize("mode", ["1", "P", "LA", "I;16"])
def test_a_large_picture_of_any_mode_is_read_on_white(tmp_path, monkeypatch, mode):
    clear = {"transparency": 0} if mode != "LA" else {}
    name = save(tmp_path, Image.new(mode, (50, 2100)), **clear)
    monkeypatch.setattr(images, "LARGE", 1000)
    assert images.inspect(tmp_path, name)[::2] == ("50x2100", "ok")
    assert (images.read(tmp_path, name, (5, 5, 3)) == 255).all()


@pytest.mark.filterwarnings("ignore")
def test_a_phones_108_megapixels_are_read_and_300_are_refused(tmp_path):
    name = save(tmp_path, Image.new("1", (12000, 9000), 1))
    assert images.inspect(tmp_path, name)[::2] == ("12000x9000", "ok")
    (tmp_path / "b.png").write_bytes(png(1, 0, b"", size=(20000, 15000)))
    assert images.inspect(tmp_path, "b.png")[2].startswith("unreadable: Image size (300000000 pixels) exceeds")


def test_large_pictures_are_decoded_one_at_a_time(tmp_path, monkeypatch):
    names = [save(tmp_path, Image.new("L", (300, 300)), f"{number}.png") for number in range(6)]
    inside, most = [], []

    def slow(*arguments):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return Image.new("L", (9, 9))

    monkeypatch.setattr(images, "ALONE", 1000)
    monkeypatch.setattr(images, "_flat", slow)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: images.inspect(tmp_path, name), names))
    assert (len(most), max(most)) == (6, 1)


def test_a_lab_picture_is_read_in_grey_too(tmp_path):
    Image.new("LAB", (4, 4), (200, 128, 128)).save(tmp_path / "a.tif")
    assert images.inspect(tmp_path, "a.tif")[2] == "ok"
    assert len(np.unique(images.read(tmp_path, "a.tif", (4, 4, 1)))) == 1


def test_a_picture_that_cannot_be_opened_is_left_out(tmp_path):
    (tmp_path / "a.png").mkdir()
    assert images.inspect(tmp_path, "a.png") == ("", "", "unreadable: Is a directory")
