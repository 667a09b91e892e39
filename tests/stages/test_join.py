"""The features of shards as one file."""

import io

import join_features
import numpy as np
import pytest

from headstart.core.errors import InputError
from headstart.formats import hdf5

IDS = [f"img_{number}" for number in range(9)]
PLACES = [(0, 5), (5, 9)]
ROWS = np.arange(27, dtype=np.float32).reshape(9, 3)


def write(path, ids, rows, **attrs):
    hdf5.write_rows(path, ids, rows.shape[1:], rows.dtype, [rows], attrs, terminal=io.StringIO(), title="")
    return path


@pytest.fixture
def files(tmp_path):
    """Pixels, and the features of their two shards."""
    pixels = write(tmp_path / "pixels.h5", IDS, ROWS.astype(np.uint8), manifest_sha256="m")
    parts = [
        write(tmp_path / f"{stop}.h5", IDS[start:stop], ROWS[start:stop], feature_layer="fc1") for start, stop in PLACES
    ]
    return pixels, parts


def joined(files, target, copy=False):
    join_features.main(pixels=files[0], parts=files[1], target=target, copy=copy, terminal=io.StringIO(), title="")
    return hdf5.read_attrs(target)


@pytest.mark.parametrize("copy", [False, True], ids=["a view", "a copy"])
def test_rows_are_those_of_the_shards_and_attributes_tell_what_made_them(files, tmp_path, copy):
    attrs = joined(files, tmp_path / "whole.h5", copy)
    assert attrs.pop("sha256")
    assert attrs == {
        "feature_layer": "fc1",
        "manifest_sha256": "m",
        "pixels_sha256": hdf5.read_attrs(files[0])["sha256"],
    }
    np.testing.assert_array_equal(hdf5.read_rows(tmp_path / "whole.h5", IDS), ROWS)


def test_a_copy_does_without_the_shards(files, tmp_path):
    joined(files, tmp_path / "whole.h5", copy=True)
    for part in files[1]:
        part.unlink()
    np.testing.assert_array_equal(hdf5.read_rows(tmp_path / "whole.h5", IDS), ROWS)


def test_another_shard_makes_another_file_though_it_holds_no_values(files, tmp_path):
    before = joined(files, tmp_path / "whole.h5")
    write(files[1][0], IDS[:5], ROWS[:5] + 1, feature_layer="fc1")
    assert joined(files, tmp_path / "whole.h5")["sha256"] != before["sha256"]


@pytest.mark.parametrize(
    ("ids", "attrs", "said"),
    [
        (IDS[5:8], {"feature_layer": "fc1"}, "the shards do not match the images in"),
        (IDS[:4:-1], {"feature_layer": "fc1"}, "the shards do not match the images in"),
        (IDS[5:], {"feature_layer": "fc2"}, "9.h5: expected attributes {'feature_layer': 'fc1'}, as in"),
    ],
    ids=["an image missing", "another order", "another layer"],
)
def test_shards_that_do_not_belong_together_are_refused(files, tmp_path, ids, attrs, said):
    write(files[1][1], ids, ROWS[: len(ids)], **attrs)
    with pytest.raises(InputError, match=said):
        joined(files, tmp_path / "whole.h5")
    assert not (tmp_path / "whole.h5").exists()
