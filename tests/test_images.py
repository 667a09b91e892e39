"""Single images: inspected, and decoded to one shape."""

import gzip
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart import images
from headstart.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
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
    found = images.read_idx(tmp_path / "idx")
    np.testing.assert_array_equal(found, array)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_an_idx_file_of_labels_is_read(tmp_path):
    (tmp_path / "idx").write_bytes(idx(np.array([3, 1, 2], np.uint8)))
    assert images.read_idx(tmp_path / "idx").tolist() == [3, 1, 2]


WHOLE = idx(np.zeros((2, 3, 4), np.uint8))


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", WHOLE[:10], WHOLE[:-1], WHOLE + b"\0", b"\0\0\x0d" + WHOLE[3:], gzip.compress(WHOLE), b"\0\0\x08\0"],
    ids=["empty", "2 bytes", "header cut", "short", "long", "floats", "gzipped", "no dimensions"],
)
def test_a_file_that_is_not_whole_idx_is_bad_input(tmp_path, content):
    (tmp_path / "idx").write_bytes(content)
    with pytest.raises(InputError, match="not a whole IDX file"):
        images.read_idx(tmp_path / "idx")


def test_a_missing_idx_file_is_bad_input(tmp_path):
    with pytest.raises(InputError):
        images.read_idx(tmp_path / "not there")


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
        "from PIL import Image; from headstart import images; "
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
