"""A picture that is not as it should be."""

import io
import struct
import zlib

import h5py
import numpy as np
import pandas as pd
import pytest
import world
from PIL import Image
from running import refusal

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 200, 30), (30, 30, 200), (250, 250, 250)


def quarters(*values):
    """A picture of 16 × 32 pixels: one value top left, one top right, one below each; 8 × 8 blocks, as JPEG has."""
    return np.kron(np.array(values, np.uint8).reshape(2, 2, -1), np.ones((8, 16, 1), np.uint8))


COLOURS = quarters(RED, GREEN, BLUE, WHITE)
GREYS = quarters(20, 90, 160, 230)
# What EXIF's orientations say of the pixels as stored: which side the first row is on, and which the first column.
STORED = {
    1: COLOURS,  # top, left
    2: COLOURS[:, ::-1],  # top, right
    3: COLOURS[::-1, ::-1],  # bottom, right
    4: COLOURS[::-1],  # bottom, left
    5: COLOURS.transpose(1, 0, 2),  # left, top
    6: COLOURS.transpose(1, 0, 2)[::-1],  # right, top
    7: COLOURS.transpose(1, 0, 2)[::-1, ::-1],  # right, bottom
    8: COLOURS.transpose(1, 0, 2)[:, ::-1],  # left, bottom
}


def encoded(pixels, kind, **options):
    """The bytes of a picture file."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(buffer := io.BytesIO(), kind, **options)
    return buffer.getvalue()


def jpeg(pixels, **options):
    """The bytes of a JPEG that keeps its colours."""
    return encoded(pixels, "JPEG", quality=95, subsampling=0, **options)


def turned(orientation):
    """The bytes of a JPEG whose pixels are stored as a camera held in another way stores them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(np.ascontiguousarray(STORED[orientation]), exif=exif)


def png(width, height, depth, colours, rows):
    """The bytes of a PNG, from its rows as stored; what Pillow does not write."""
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(b"\0" + row) for row in rows), packer.flush()])
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)), (b"IDAT", packed)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in [*chunks, (b"IEND", b"")]
    )


def deep(pixels, colours):
    """The bytes of a PNG of 16 bits a channel; colours 0: grey, 2: RGB."""
    height, width = pixels.shape[:2]
    return png(width, height, 16, colours, [(row.astype(">u2") * 257).tobytes() for row in pixels])


def without_jfif(content):
    """The bytes of a JPEG without its JFIF header, as some in Microsoft's cats and dogs."""
    assert content[2:4] == b"\xff\xe0"
    return content[:2] + content[4 + int.from_bytes(content[4:6], "big") :]


NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
PALETTE = Image.fromarray(COLOURS).quantize(4)
FILES = {  # name: content
    "empty.jpg": b"",
    "text.jpg": b"This is no picture.\n",
    "cut.jpg": jpeg(NOISE)[:3000],
    "cut.png": encoded(NOISE, "PNG")[:3000],
    "giant.png": png(30000, 30000, 1, 0, [bytes(3750)] * 30000),
    "png.jpg": encoded(COLOURS, "PNG"),
    "grey.png": encoded(GREYS[..., 0], "PNG"),
    "grey.jpg": jpeg(GREYS[..., 0]),
    "palette.png": encoded(PALETTE, "PNG"),
    "palette-one-clear.png": encoded(PALETTE, "PNG", transparency=PALETTE.getpixel((31, 15))),
    "palette-all-half-clear.png": encoded(PALETTE, "PNG", transparency=bytes([128] * 4)),
    "clear-black.png": encoded(Image.new("LA", (32, 16)), "PNG"),
    "cmyk.jpg": jpeg(Image.fromarray(COLOURS).convert("CMYK")),
    "grey-16.png": deep(GREYS, 0),
    "colours-16.png": deep(COLOURS, 2),
    "one-pixel.png": encoded(quarters(*[GREEN] * 4)[:1, :1], "PNG"),
    "bare.jpg": without_jfif(jpeg(COLOURS)),
    **{f"turned-{orientation}.jpg": turned(orientation) for orientation in STORED},
}
UNREADABLE = 5  # the first ones


@pytest.fixture(scope="module")
def looked(tiny, tmp_path_factory):
    """The world after a whole run with all these pictures among forty sound ones."""
    place = world.fresh(tiny, tmp_path_factory.mktemp("pictures") / "fresh wörld")
    folder = place.folder / world.FLOWERS["folder"]
    world.draw_flowers(folder)
    for name, content in FILES.items():
        (folder / "daisy" / name).write_bytes(content)
    place = place.configured(**{"datasets/flowers": {**world.FLOWERS, "recipes": ["linear"]}, "only": "flowers"})
    run = place.snakemake("--", "all", "results/flowers/pixels/16x32x3/train.h5")
    assert run.returncode == 0, run.stdout[-3000:]
    assert "Traceback" not in run.stdout
    assert not list(place.results.rglob("*.part"))
    return place


@pytest.fixture(scope="module")
def manifest(looked):
    """The manifest, by id."""
    return pd.read_csv(looked.results / "flowers" / "manifest.csv", dtype=str, keep_default_na=False).set_index("id")


@pytest.fixture(scope="module")
def pixels(looked):
    """``{id: pixels}``, as training reads them."""
    with h5py.File(looked.results / "flowers" / "pixels" / "16x32x3" / "train.h5") as file:
        return dict(zip(file["ids"].asstr()[:], file["values"][:].astype(int), strict=True))


@pytest.fixture
def left_out(manifest, pixels):
    """A function that sees that a picture is left out, and why."""

    def check(name, reason):
        assert manifest.loc[f"daisy/{name}", "status"].startswith(f"unreadable: {reason}")
        assert f"daisy/{name}" not in pixels

    return check


@pytest.fixture
def shown(manifest, pixels):
    """A function that sees that a picture is read, and that its pixels are those that it shows."""

    def check(name, expected, size="32x16", tolerance=0):
        assert manifest.loc[f"daisy/{name}", ["status", "size"]].tolist() == ["ok", size]
        np.testing.assert_allclose(pixels[f"daisy/{name}"], np.broadcast_to(expected, (16, 32, 3)), atol=tolerance)

    return check


def test_a_file_of_no_byte(left_out):
    """Left out, with the reason in the manifest."""
    left_out("empty.jpg", "empty file")


def test_a_text_that_is_called_jpg(left_out):
    """Left out, with the reason in the manifest."""
    left_out("text.jpg", "not an image")


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png"])
def test_a_picture_that_breaks_off(left_out, name):
    """Left out, with the reason in the manifest."""
    left_out(name, "image file is truncated")


def test_a_picture_of_30_000_by_30_000_pixels(left_out):
    """Left out before it is decoded, with the reason in the manifest."""
    left_out("giant.png", "Image size (900000000 pixels) exceeds limit")


def test_pictures_that_are_left_out(looked, manifest):
    """The results table says how many of how many."""
    assert (manifest["status"] != "ok").sum() == UNREADABLE
    said = f"{UNREADABLE} of {40 + len(FILES)} images left out as unreadable"
    assert pd.read_csv(looked.results / "summary.csv")["note"].tolist() == [said]
    assert said in (looked.results / "summary.html").read_text(encoding="utf-8")


def test_a_png_that_is_called_jpg(shown):
    """Read right: the pixels are those of the PNG."""
    shown("png.jpg", COLOURS)


@pytest.mark.parametrize(("name", "tolerance"), [("grey.png", 0), ("grey.jpg", 2)])
def test_a_grey_picture(shown, name, tolerance):
    """Read right: three equal channels."""
    shown(name, GREYS, tolerance=tolerance)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("palette.png", COLOURS),
        ("palette-one-clear.png", quarters(RED, GREEN, BLUE, (255, 255, 255))),
        ("palette-all-half-clear.png", (COLOURS.astype(int) + 255) / 2),
        ("clear-black.png", (255, 255, 255)),
    ],
)
def test_a_palette_and_what_is_transparent(shown, name, expected):
    """Read right; what is transparent lies on white."""
    shown(name, expected, tolerance=1)


def test_a_cmyk_jpeg(shown):
    """Read right: red is red, not its complement."""
    shown("cmyk.jpg", COLOURS, tolerance=4)


@pytest.mark.parametrize(("name", "expected"), [("grey-16.png", GREYS), ("colours-16.png", COLOURS)])
def test_16_bits_a_channel(shown, name, expected):
    """Read right: the whole range, not the lowest values alone."""
    shown(name, expected, tolerance=1)


@pytest.mark.parametrize("orientation", STORED)
def test_a_camera_held_in_another_way(shown, orientation):
    """Read right: upright, each colour in its corner."""
    shown(f"turned-{orientation}.jpg", COLOURS, tolerance=4)


def test_a_picture_of_one_pixel(shown):
    """Read right: its colour all over."""
    shown("one-pixel.png", GREEN, size="1x1")


def test_a_jpeg_without_a_jfif_header(shown):
    """Read right, as many of Microsoft's cats and dogs are."""
    shown("bare.jpg", COLOURS, tolerance=4)


def refused(place):
    """The one line that ends a run which makes no manifest."""
    run = place.snakemake("--", "results/flowers/manifest.csv")
    assert [path.name for path in place.results.rglob("*") if path.is_file()] == ["flowers.log"]
    return refusal(run)


def test_more_unreadable_pictures_than_the_config_allows(pictures):
    """One line names the first and how many, the log lists all; a raised share lets it run."""
    place = pictures()
    broken = [f"daisy/{number}.png" for number in range(0, 10, 2)]
    for name in broken:
        (place.folder / world.FLOWERS["folder"] / name).write_text("no picture")
    assert refused(place) == (
        "error: flowers: 5 of 40 images cannot be read, more than the allowed share of 0.1 (first: 'daisy/0.png', "
        "unreadable: not an image). Replace or remove the files that the log lists, or raise "
        "datasets.flowers.max_unreadable."
    )
    log = (place.results / "logs" / "write_manifest" / "flowers.log").read_text(encoding="utf-8")
    assert [name for name in broken if f"{name}  unreadable: not an image" not in log] == []
    assert pictures(max_unreadable=0.125).snakemake("--", "results/flowers/manifest.csv").returncode == 0


def test_a_class_without_a_readable_picture(pictures):
    """One line names the class."""
    place = pictures(max_unreadable=0.5)
    for path in (place.folder / world.FLOWERS["folder"] / "tulip").iterdir():
        path.write_bytes(b"")
    assert "error: flowers: no readable train image of class 'tulip'. Add images" in refused(place)
