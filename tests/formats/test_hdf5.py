"""Arrays with a row an image, in HDF5."""

import hashlib
import io
import shutil
import time

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import InputError
from headstart.formats import hdf5

IDS = [f"cat-{i}" for i in range(600)]  # more than two blocks
ROWS = np.random.default_rng(0).normal(size=(600, 2, 3)).astype(np.float32)


def write(path, ids=IDS, rows=ROWS, batch=64, **attrs):
    batches = (rows[start : start + batch] for start in range(0, len(rows), batch))
    hdf5.write_rows(path, ids, rows.shape[1:], rows.dtype, batches, attrs, terminal=io.StringIO(), title="rows")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A file of all rows."""
    path = tmp_path_factory.mktemp("hdf5") / "rows.h5"
    write(path)
    return path


@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_what_is_written_can_be_read(tmp_path, batch):
    write(tmp_path / "a.h5", IDS[:20], ROWS[:20], batch)
    assert hdf5.read_ids(tmp_path / "a.h5") == IDS[:20]
    found = hdf5.read_rows(tmp_path / "a.h5", IDS[:20])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, ROWS[:20])


@pytest.mark.parametrize(("count", "shape"), [(30, (7, 7, 512)), (600, (2, 3)), (1, (7,))])
def test_features_take_a_quarter_of_their_bytes_and_lose_no_bit(tmp_path, count, shape):
    """One number in seven is not 0, as of VGG16's last convolutions on photographs."""
    rng, ids = np.random.default_rng(0), IDS[:count]
    rows = np.where(rng.random((count, *shape)) < 1 / 7, rng.gamma(1, 30, (count, *shape)), 0).astype(np.float32)
    path = tmp_path / "features.h5"
    hdf5.write_rows(path, ids, shape, "float32", [rows], {}, terminal=io.StringIO(), title="", compress=True)
    np.testing.assert_array_equal(hdf5.read_rows(path, ids[::-1]), rows[::-1])
    if shape == (7, 7, 512):
        assert path.stat().st_size / count < 25_000 < rows[0].nbytes / 4


@settings(deadline=None)
@given(order=st.lists(st.integers(0, 599), max_size=40))
def test_rows_come_in_the_order_of_the_ids_even_twice(whole, order):
    found = hdf5.read_rows(whole, [IDS[i] for i in order])
    np.testing.assert_array_equal(found, ROWS[np.array(order, int)])


def test_batches_are_all_rows_in_order(whole):
    batches = list(hdf5.read_batches(whole, 250))
    assert [len(batch) for batch in batches] == [250, 250, 100]
    np.testing.assert_array_equal(np.concatenate(batches), ROWS)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (250, 250), (100, 333), (599, 1)])
def test_batches_of_some_rows_are_those_alone(whole, first, count):
    batches = list(hdf5.read_batches(whole, 100, first, count))
    assert max(map(len, batches)) <= 100
    np.testing.assert_array_equal(np.concatenate(batches), ROWS[first : first + count])


@pytest.fixture
def joined(tmp_path):
    """A file joined from three others, in a folder beside it."""
    parts = []
    for number, (start, stop) in enumerate([(0, 50), (50, 51), (51, 600)]):
        parts.append(tmp_path / "moved" / "parts" / f"{number}.h5")
        write(parts[-1], IDS[start:stop], ROWS[start:stop])
    hdf5.write_joined(tmp_path / "moved" / "whole.h5", parts, IDS, {"feature_layer": "fc1"})
    return tmp_path / "moved" / "whole.h5"


def test_joined_files_are_read_as_one(joined, monkeypatch):
    monkeypatch.chdir("/")
    folder = joined.parent.rename(joined.parent.with_name("elsewhere"))
    path = folder / "whole.h5"
    assert hdf5.read_ids(path) == IDS
    assert hdf5.read_attrs(path)["feature_layer"] == "fc1"
    np.testing.assert_array_equal(hdf5.read_rows(path, IDS[::-7]), ROWS[::-7])
    assert path.stat().st_size < ROWS.nbytes + 40 * len(IDS)


def test_the_same_parts_are_the_same_file_a_second_later(joined):
    before = joined.read_bytes()
    time.sleep(1.1)
    hdf5.write_joined(joined, sorted((joined.parent / "parts").iterdir()), IDS, {"feature_layer": "fc1"})
    assert joined.read_bytes() == before


@pytest.mark.parametrize("read", [hdf5.read_ids, lambda path: list(hdf5.read_batches(path, 100))])
def test_a_joined_file_without_one_of_its_parts_is_not_read_as_zeros(joined, read):
    (joined.parent / "parts" / "1.h5").unlink()
    with pytest.raises(InputError, match=r"parts/1\.h5: not a valid HDF5 file .* Remove it and .*whole\.h5, then run"):
        read(joined)


def test_a_joined_file_of_which_a_part_is_another_now_is_refused(joined):
    write(joined.parent / "parts" / "1.h5", IDS[50:51], ROWS[50:51] + 1)
    with pytest.raises(InputError, match=r"whole\.h5: the files that it joins have changed in .*parts\. Remove it"):
        hdf5.read_attrs(joined)


def test_attributes_are_plain_values(tmp_path):
    write(tmp_path / "a.h5", feature_layer="block5_pool", size=224)
    found = hdf5.read_attrs(tmp_path / "a.h5")
    assert found.pop("sha256")
    assert found == {"feature_layer": "block5_pool", "size": 224}
    assert type(found["size"]) is int


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_the_digest_of_the_values_does_not_depend_on_the_batches(tmp_path, batch):
    write(tmp_path / "a.h5", batch=batch)
    assert hdf5.read_attrs(tmp_path / "a.h5") == {"sha256": hashlib.sha256(ROWS.tobytes()).hexdigest()}


def test_ids_of_any_script_are_kept(tmp_path):
    write(tmp_path / "a.h5", ["ä/1", "猫"], ROWS[:2])
    assert hdf5.read_ids(tmp_path / "a.h5") == ["ä/1", "猫"]


def test_the_same_rows_are_the_same_file(tmp_path):
    write(tmp_path / "a.h5", size=224)
    write(tmp_path / "b.h5", size=224)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def flip(path, place, pattern=b"\xff\xff\xff\xff"):
    """Change four bytes of a file."""
    content = bytearray(path.read_bytes())
    content[place : place + 4] = bytes(a ^ b for a, b in zip(content[place : place + 4], pattern, strict=True))
    path.write_bytes(content)


def place_of(path, row):
    """Where a row's values begin in a file."""
    with h5py.File(path) as file:
        values = file["values"]
        return values.id.get_offset() + row * values[0].nbytes


READINGS = [
    lambda path: hdf5.read_rows(path, IDS[:70]),
    lambda path: list(hdf5.read_batches(path, 7, 50, 20)),
]


@pytest.mark.parametrize("read", READINGS, ids=["rows", "batches"])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_four_changed_bytes_are_bad_input_that_names_the_file_and_the_image(tmp_path, read, dtype):
    """Zeros become ones all over, which Fletcher's sum, of HDF5's own filter, does not see."""
    path = tmp_path / "a.h5"
    write(path, rows=np.zeros((600, 2, 3), dtype))
    read(path)
    flip(path, place_of(path, 53))
    with pytest.raises(
        InputError, match=r"a\.h5: checksum mismatch in the values of image 'cat-53'\. Remove it, then run again"
    ):
        read(path)


def test_rows_that_were_not_changed_can_be_read(tmp_path):
    write(tmp_path / "a.h5")
    flip(tmp_path / "a.h5", place_of(tmp_path / "a.h5", 53))
    found = hdf5.read_rows(tmp_path / "a.h5", [*IDS[:53], *IDS[54:]])
    np.testing.assert_array_equal(found, np.delete(ROWS, 53, axis=0))


@pytest.mark.parametrize("read", READINGS, ids=["rows", "batches"])
def test_four_changed_bytes_in_a_part_name_the_part_and_what_is_joined_from_it(joined, read):
    part = joined.parent / "parts" / "2.h5"
    flip(part, place_of(part, 2))
    said = rf"{part}: checksum mismatch in the values of image 'cat-53'\. Remove it and {joined}, then run again"
    with pytest.raises(InputError, match=said):
        read(joined)
    with pytest.raises(InputError, match=r"2\.h5: checksum mismatch in the values of image 'cat-53'"):
        list(hdf5.read_batches(part, 100))


def test_a_row_under_another_id_is_bad_input(tmp_path):
    write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["ids"][3], file["ids"][4] = IDS[4], IDS[3]
    with pytest.raises(InputError, match="checksum mismatch in the values of image 'cat-4'"):
        hdf5.read_rows(tmp_path / "a.h5", [IDS[4]])


@pytest.mark.parametrize("missing", ["values", "ids", "checks"])
def test_a_file_without_one_of_its_arrays_is_bad_input(tmp_path, missing):
    write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file[missing]
    with pytest.raises(InputError, match=r"a\.h5: not a valid HDF5 file .*Remove it and run again"):
        hdf5.read_rows(tmp_path / "a.h5", IDS)


def test_a_missing_id_is_bad_input_that_names_it(whole):
    with pytest.raises(InputError, match=r"no row for image 'dog-1' \(2 missing\)"):
        hdf5.read_rows(whole, ["cat-1", "dog-1", "dog-2"])


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
@pytest.mark.parametrize("read", [hdf5.read_ids, hdf5.read_attrs, lambda path: hdf5.read_rows(path, IDS)])
def test_a_truncated_file_is_bad_input_in_one_line(tmp_path, whole, share, read):
    content = whole.read_bytes()
    (tmp_path / "half.h5").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="not a valid HDF5 file") as caught:
        read(tmp_path / "half.h5")
    assert "\n" not in str(caught.value)


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    def batches():
        yield ROWS[:2]
        raise KeyError("disk gone")

    with pytest.raises(KeyError):
        hdf5.write_rows(tmp_path / "a.h5", IDS, (2, 3), "float32", batches(), {}, terminal=io.StringIO(), title="rows")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [19, 21])
def test_another_number_of_rows_than_ids_is_refused(tmp_path, count):
    with pytest.raises((ValueError, TypeError, InputError)):
        write(tmp_path / "a.h5", IDS[:20], ROWS[:count])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_for_all_rows_is_told_before_the_first(tmp_path, monkeypatch):
    free = shutil.disk_usage(tmp_path)._replace(free=ROWS.nbytes + 100 * len(IDS))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)

    def batches():
        raise AssertionError("no work should be done")
        yield

    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/a.h5'"):
        hdf5.write_rows(tmp_path / "a.h5", IDS, (2, 3), "float32", batches(), {}, terminal=io.StringIO(), title="")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_becomes_full_is_told_as_what_it_is(tmp_path):
    """h5py makes two kinds of exceptions of it; here the second."""

    def batches():
        raise RuntimeError("Can't decrement id ref count (file write failed: errno = 28, error message = 'No space')")
        yield

    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/a.h5'"):
        hdf5.write_rows(tmp_path / "a.h5", IDS, (2, 3), "float32", batches(), {}, terminal=io.StringIO(), title="")


def test_a_small_file_is_written_in_one_piece(tmp_path):
    """As long as it is open there is nothing on the disk that could be half."""
    with hdf5.writing(tmp_path / "a.h5") as file:
        file["values"] = ROWS
        assert list(tmp_path.iterdir()) == []
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["values"][:], ROWS)
