"""Which image trains, and which validates."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from headstart import splits
from headstart.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:The least populated class")
IMAGE = st.tuples(st.sampled_from("ab"), st.integers(0, 7), st.sampled_from(["train"] * 4 + ["test"]), st.booleans())


def manifest(labels, groups="", parts="train", ok=True):
    """A manifest with ids 0 and on."""
    count = len(labels)
    return pd.DataFrame(
        {
            "id": [str(i) for i in range(count)],
            "label": list(labels),
            "group": groups,
            "part": parts,
            "status": pd.Series(ok, index=range(count)).map({True: "ok", False: "unreadable: not an image"}),
        }
    )


def generated(images, grouped):
    """A manifest of `IMAGE`s."""
    labels, groups, parts, broken = zip(*images, strict=True)
    return manifest(labels, [f"g{i}" for i in groups] if grouped else "", list(parts), [not value for value in broken])


def split_or_discard(table, folds, seed):
    """The split, or another example where there are too few groups or images, which is an `InputError`."""
    assume(((table["part"] == "train") & (table["status"] == "ok")).any())
    try:
        return splits.split(table, folds=folds, seed=seed)
    except InputError:
        assume(False)


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.lists(IMAGE, min_size=12, max_size=60), st.booleans(), st.integers(2, 4), st.integers(0, 99))
def test_a_split_of_any_manifest_is_honest(images, grouped, folds, seed):
    table = generated(images, grouped)
    found = split_or_discard(table, folds, seed)

    usable = table[table["status"] == "ok"]
    assert sorted(found["id"]) == sorted(usable["id"])
    both = found.merge(usable, on="id", suffixes=("", "_published"))
    assert ((both["part"] == "test") == (both["part_published"] == "test")).all()

    train = both[both["part"] != "test"]
    assert train["fold"].notna().all()
    assert set(train["fold"]) <= set(range(folds))
    assert set(train["part"]) == {"train", "validation"}
    assert ((train["part"] == "validation") == (train["fold"] == 0)).all()
    assert both.loc[both["part"] == "test", "fold"].isna().all()
    if grouped:
        assert (train.groupby("group")["fold"].nunique() == 1).all()
        assert (train.groupby("group")["part"].nunique() == 1).all()


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.lists(IMAGE, min_size=12, max_size=40), st.booleans(), st.integers(0, 99))
def test_the_same_seed_gives_the_same_split(images, grouped, seed):
    table = generated(images, grouped)
    pd.testing.assert_frame_equal(split_or_discard(table, 2, seed), splits.split(table, folds=2, seed=seed))


def test_another_seed_gives_another_split():
    table = manifest("ab" * 20)
    assert not splits.split(table, folds=4, seed=1).equals(splits.split(table, folds=4, seed=2))


def test_a_split_without_groups_is_stratified_by_label():
    table = manifest("a" * 30 + "b" * 10)
    found = splits.split(table, folds=5, seed=1).merge(table[["id", "label"]], on="id")
    assert (found[found["label"] == "a"].groupby("fold").size() == 6).all()
    assert (found[found["label"] == "b"].groupby("fold").size() == 2).all()


def test_too_few_groups_are_bad_input():
    with pytest.raises(InputError, match="2 groups cannot fill 3 folds; lower split.folds"):
        splits.split(manifest("ab" * 6, ["x", "y"] * 6), folds=3, seed=1)


def test_too_few_images_of_a_class_are_bad_input():
    with pytest.raises(InputError, match="2 images of class 'b' cannot fill 3 folds; lower split.folds"):
        splits.split(manifest("aaaaabb"), folds=3, seed=1)


def test_too_few_images_of_every_class_are_bad_input_with_groups_too():
    with pytest.raises(InputError, match="cannot fill 3 folds"):
        splits.split(manifest("aabb", list("wxyz")), folds=3, seed=1)


def test_an_image_without_a_group_among_others_that_have_one_is_bad_input():
    with pytest.raises(InputError, match="image '3' has no group"):
        splits.split(manifest("abab", ["x", "y", "z", ""]), folds=2, seed=1)


def test_a_split_is_the_same_when_read_again(tmp_path):
    table = manifest("ab" * 6, parts=["train"] * 10 + ["test"] * 2)
    found = splits.split(table, folds=2, seed=1)
    found.to_csv(tmp_path / "split.csv", index=False)
    pd.testing.assert_frame_equal(splits.read(tmp_path / "split.csv"), found, check_dtype=False)


def test_a_split_without_its_end_is_refused(tmp_path):
    (tmp_path / "split.csv").write_text("id,part,fold\n1,train,0\n2,tra")
    with pytest.raises(InputError, match="not a whole table"):
        splits.read(tmp_path / "split.csv")


@pytest.mark.parametrize("name", ["NA", "null", "nan", "None", "007"])
def test_ids_that_look_like_missing_values_are_ids(tmp_path, name):
    (tmp_path / "split.csv").write_text(f"id,part,fold\n{name},train,1\nb,test,\n")
    found = splits.read(tmp_path / "split.csv")
    assert found["id"].tolist() == [name, "b"]
    assert found["fold"].isna().tolist() == [False, True]
