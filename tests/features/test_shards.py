"""Rows cut into shards."""

import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.features import shards
from headstart.formats import hdf5

NAMES = [f"img_{number}.jpg" for number in np.random.default_rng(0).permutation(20000)]


def ids_in_shards(ids, size):
    return [tuple(ids[place]) for place in shards.cut(ids, size)]


@given(count=st.integers(1, 400), size=st.integers(1, 50))
def test_every_row_is_in_one_shard_in_its_order_and_shards_are_of_half_the_size_to_the_size(count, size):
    found = ids_in_shards(NAMES[:count], size)
    assert [name for shard in found for name in shard] == NAMES[:count]
    assert all((size + 1) // 2 <= len(shard) <= size for shard in found[:-1])
    assert 1 <= len(found[-1]) <= size


def test_a_shard_ends_after_the_smallest_digest_of_those_after_which_it_may_end():
    ids = NAMES[:100]
    first = next(shards.cut(ids, 10))
    assert first.stop - 1 == min(range(4, 10), key=lambda row: hashlib.sha256(ids[row].encode()).digest())


@pytest.mark.parametrize("change", ["added", "taken away"])
def test_one_row_more_or_less_changes_few_shards(change):
    changed = []
    for place in range(50, 20000, 1000):
        other = NAMES[:place] + (["new.jpg"] if change == "added" else []) + NAMES[place + (change != "added") :]
        before, after = (set(ids_in_shards(ids, 256)) for ids in (NAMES, other))
        changed.append(len(after - before))
    assert min(changed) == 1
    assert np.mean(changed) < 4  # of 104
    assert max(changed) < 15


def test_rows_at_the_end_change_the_last_shards_alone():
    before, after = (ids_in_shards(NAMES[:count], 256) for count in (10000, 12000))
    assert before[:-1] == after[: len(before) - 1]


def test_the_table_names_shards_by_ids_and_rows(tmp_path):
    def written(ids, rows):
        path = tmp_path / "rows.h5"
        options = {"terminal": io.StringIO(), "title": ""}
        hdf5.write_rows(path, ids, rows.shape[1:], rows.dtype, [rows], {}, **options)
        shards.write(tmp_path / "table.csv", path, 4)
        return shards.read(tmp_path / "table.csv")

    rows = np.arange(60, dtype=np.uint8).reshape(10, 2, 3)
    table = written(NAMES[:10], rows)
    assert table["images"].sum() == 10
    assert table["first"].tolist() == [0, *table["images"].cumsum()[:-1]]
    for shard, first, images in table.itertuples(index=False):
        own = slice(first, first + images)
        assert shard == hashlib.sha256("\n".join(NAMES[:10][own]).encode() + rows[own].tobytes()).hexdigest()[:16]
    rows[0, 0, 0] += 1
    assert (written(NAMES[:10], rows)["shard"] != table["shard"]).tolist() == [True] + [False] * (len(table) - 1)
    rows[0, 0, 0] -= 1
    assert (written(["other", *NAMES[1:10]], rows)["shard"] != table["shard"]).tolist()[0]


def test_the_table_has_no_other_columns_and_a_name_of_digits_stays_a_name(tmp_path):
    hdf5.write_rows(
        tmp_path / "rows.h5", ["a"], (2,), np.uint8, [np.zeros((1, 2), np.uint8)], {}, terminal=io.StringIO(), title=""
    )
    shards.write(tmp_path / "table.csv", tmp_path / "rows.h5", 4)
    name = hashlib.sha256(b"a\0\0").hexdigest()[:16]
    assert (tmp_path / "table.csv").read_text() == f"shard,first,images\n{name},0,1\n"
    (tmp_path / "table.csv").write_text("shard,first,images\n0012345678901234,0,1\n")
    assert shards.read(tmp_path / "table.csv")["shard"].tolist() == ["0012345678901234"]
