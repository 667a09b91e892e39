"""Which image trains, and which validates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from headstart.core.errors import InputError
from headstart.data import splits

pytestmark = pytest.mark.filterwarnings("ignore:The least populated class")
DRIVERS = Path(__file__).resolve().parents[3] / "shared" / "mirror" / "state-farm" / "driver_imgs_list.csv"
IMAGE = st.tuples(st.sampled_from("ab"), st.integers(0, 7), st.sampled_from(["train"] * 4 + ["test"]), st.booleans())


def manifest(labels, groups="", parts="train", ok=True, pictures=None):
    """A manifest with ids 0 and on; ``pictures`` are the digests, by default all different."""
    count = len(labels)
    return pd.DataFrame(
        {
            "id": [str(i) for i in range(count)],
            "label": list(labels),
            "group": groups,
            "part": parts,
            "digest": [str(i) for i in range(count)] if pictures is None else list(pictures),
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
    table = manifest("ab" * 6, ["x", "x", "y", "y"] * 3)
    with pytest.raises(InputError, match=r"2 groups cannot fill 3 folds\. Lower split\.folds"):
        splits.split(table, folds=3, seed=1)
    assert set(splits.split(table, folds=2, seed=1)["fold"]) == {0, 1}


def test_groups_that_share_a_picture_fill_one_fold():
    table = manifest("ab" * 6, ["x", "x", "y", "y", "z", "z"] * 2, pictures=[0, 1, 0, *range(3, 12)])
    with pytest.raises(
        InputError, match=r"2 groups \(3 before joining those that share a picture\) cannot fill 3 folds"
    ):
        splits.split(table, folds=3, seed=1)
    found = splits.split(table, folds=2, seed=1).merge(table, on="id")
    assert found.groupby(found["group"].replace("y", "x"))["fold"].nunique().eq(1).all()


def test_too_few_images_of_a_class_are_bad_input():
    with pytest.raises(InputError, match=r"2 images of class 'b' cannot fill 3 folds\. Lower split\.folds"):
        splits.split(manifest("aaaaabb"), folds=3, seed=1)
    assert set(splits.split(manifest("aaaabbb"), folds=3, seed=1)["fold"]) == {0, 1, 2}


def test_copies_of_a_picture_fill_one_fold():
    with pytest.raises(InputError, match="2 images of class 'b' cannot fill 3 folds"):
        splits.split(manifest("aaaaabbb", pictures=[0, 1, 2, 3, 4, 5, 6, 6]), folds=3, seed=1)


def test_with_groups_a_class_may_have_fewer_images_than_there_are_folds():
    found = splits.split(manifest("aabb", list("wxyz")), folds=3, seed=1)
    assert set(found["fold"]) == {0, 1, 2}


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("groups", ["", ["x", "y", "z", "x"] * 12])
def test_no_split_divides_the_copies_of_a_picture(grouped, groups):
    table = manifest("abab" * 12, groups, pictures=[i % 36 for i in range(48)])
    found = splits.split(table, folds=3, seed=1, grouped=grouped).merge(table, on="id")
    assert (found.groupby("digest")["fold"].nunique() == 1).all()
    assert (found.groupby("group")["fold"].nunique() == 1).all() == (grouped and groups != "")
    assert found.groupby("fold").size().between(12, 24).all()


def test_without_copies_a_split_without_groups_is_scikit_learns():
    labels = "aab" * 10
    found = splits.split(manifest(labels), folds=5, seed=7)["fold"].to_numpy(int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=7)
    for number, (_, held_out) in enumerate(splitter.split(labels, list(labels))):
        assert (found[held_out] == number).all()


def test_one_copy_in_the_test_part_changes_no_split():
    labels, parts = "ab" * 10, ["train"] * 18 + ["test"] * 2
    table, copied = (manifest(labels, parts=parts, pictures=[*range(19), last]) for last in (19, 0))
    pd.testing.assert_frame_equal(splits.split(table, folds=3, seed=1), splits.split(copied, folds=3, seed=1))


def real_drivers():
    """The drivers of the mirror's table, and the class of each of their pictures."""
    return pd.read_csv(DRIVERS)[["subject", "classname"]].to_numpy().T


def drawn_drivers():
    """Pictures of 20 drivers in ten classes, as uneven as the real ones."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(39, 134, 20)
    labels = [rng.choice(10, count, p=rng.dirichlet([20] * 10)) for count in sizes]
    return np.repeat([f"p{i:02d}" for i in range(20)], sizes), np.concatenate(labels)


def deviations(counts, fold):
    """How far a fold's share of the images, and a class's share in a fold, are from even, at most."""
    filled = np.array([counts[fold == number].sum(axis=0) for number in range(fold.max() + 1)])
    sizes, shares = filled.sum(axis=1), counts.sum(axis=0) / counts.sum()
    return abs(sizes / counts.sum() - 1 / len(sizes)).max(), abs(filled / sizes[:, None] - shares).max()


@pytest.mark.parametrize("folds", [2, 5, 6, 10])
@pytest.mark.parametrize(
    "drivers",
    [drawn_drivers, pytest.param(real_drivers, marks=pytest.mark.skipif(not DRIVERS.is_file(), reason="no mirror"))],
)
def test_seeds_give_other_splits_of_drivers_that_are_no_less_balanced(drivers, folds):
    groups, labels = drivers()
    counts = pd.crosstab(groups, labels).to_numpy()
    drawn = [splits.deal(counts, folds, seed) for seed in range(10)]
    assert len({tuple(pd.factorize(fold)[0]) for fold in drawn}) >= 9  # whatever the folds' numbers
    sorted_ones = np.empty(len(counts), int)
    names = np.unique(groups)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for number, (_, held_out) in enumerate(splitter.split(groups, labels, groups)):
        sorted_ones[np.isin(names, groups[held_out])] = number
    limits, found = deviations(counts, sorted_ones), np.array([deviations(counts, fold) for fold in drawn])
    assert (found.sum(axis=1) <= sum(limits)).all()
    if drivers is real_drivers:  # and neither is bought with the other
        assert (found <= limits).all()


def test_as_many_folds_as_groups_means_one_group_each():
    counts = np.random.default_rng(0).integers(0, 9, (7, 3)) + np.eye(7, 3, dtype=int)
    assert sorted(splits.deal(counts, 7, seed=1)) == list(range(7))
    assert sorted(splits.deal(np.array([[1, 0], [0, 1], [9, 9]]), 3, seed=1)) == [0, 1, 2]
    found = splits.split(manifest("abab", ["x", "x", "y", "y"]), folds=2, seed=1)
    assert found["fold"].nunique() == 2


def test_thousands_of_groups_are_even():
    labels = np.random.default_rng(0).integers(0, 4, 2000)
    fold = splits.deal(np.eye(4, dtype=int)[labels], 5, seed=1)
    assert set(np.bincount(fold)) <= {399, 400, 401}
    assert max(deviations(np.eye(4, dtype=int)[labels], fold)) < 0.002


@pytest.mark.parametrize("seed", range(5))
def test_every_fold_leaves_every_class_to_train_on_where_that_can_be(seed):
    # Most balanced were the first two groups in one fold, but they alone have the last class.
    fold = splits.deal(np.array([[5] * 9 + [1], [5] * 9 + [1], [10] * 9 + [0]]), 2, seed)
    assert fold[0] != fold[1]


@pytest.mark.parametrize("seed", range(5))
def test_the_fold_that_holds_all_of_a_class_is_the_last(seed):
    table = manifest("ab" * 12 + "cc", [f"g{i // 4}" for i in range(26)])
    found = splits.split(table, folds=3, seed=seed, held_out=(0, 1)).merge(table[["id", "label"]], on="id")
    assert set(found.loc[found["label"] == "c", "fold"]) == {2}


def test_the_folds_that_members_validate_on_are_checked_and_no_others():
    table = manifest("ab" * 12 + "cc", [f"g{i // 4}" for i in range(26)])
    for held_out in ((), (0,), (0, 1)):
        splits.split(table, folds=3, seed=1, held_out=held_out)
    for held_out in ((2,), (0, 1, 2)):
        with pytest.raises(InputError, match="all images of class 'c' are in fold 2, so a member that validates on it"):
            splits.split(table, folds=3, seed=1, held_out=held_out)


def test_the_first_fold_is_checked_where_every_fold_lacks_a_class():
    with pytest.raises(InputError, match="are in fold 0"):
        splits.split(manifest("aabb", ["x", "x", "y", "y"]), folds=2, seed=1)


def test_an_image_without_a_group_among_others_that_have_one_is_bad_input():
    with pytest.raises(InputError, match="image '3' has no group"):
        splits.split(manifest("abab", ["x", "y", "z", ""]), folds=2, seed=1)


def test_a_split_is_the_same_when_read_again(tmp_path):
    table = manifest("ab" * 6, parts=["train"] * 10 + ["test"] * 2)
    found = splits.split(table, folds=2, seed=1)
    found.to_csv(tmp_path / "split.csv", index=False)
    pd.testing.assert_frame_equal(splits.read(tmp_path / "split.csv"), found, check_dtype=False)
    assert splits.read(tmp_path / "split.csv")["fold"].dtype == found["fold"].dtype == "Int64"


def test_the_rows_of_a_split_are_numbered_from_0():
    table = manifest("ab" * 6, parts=["test"] * 2 + ["train"] * 10)
    found = splits.split(table, folds=2, seed=1)
    assert found.index.tolist() == list(range(12))
    assert found["id"].tolist() == [*map(str, range(2, 12)), "0", "1"]


def test_a_split_without_its_end_is_refused(tmp_path):
    (tmp_path / "split.csv").write_text("id,part,fold\n1,train,0\n2,tra")
    with pytest.raises(InputError, match="truncated table"):
        splits.read(tmp_path / "split.csv")


@pytest.mark.parametrize("name", ["NA", "null", "nan", "None", "007"])
def test_ids_that_look_like_missing_values_are_ids(tmp_path, name):
    (tmp_path / "split.csv").write_text(f"id,part,fold\n{name},train,1\nb,test,\n")
    found = splits.read(tmp_path / "split.csv")
    assert found["id"].tolist() == [name, "b"]
    assert found["fold"].isna().tolist() == [False, True]


def written_out(counts, folds, seed, deals):
    """`splits.deal` as its docstring says it, group by group."""
    groups, classes = counts.shape
    total = counts.sum(axis=0)
    weights = [*(total.sum() ** 2 // total**2), 1]
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(groups), (deals, 1)), axis=1)
    found = []
    for number, order in enumerate(orders):
        filled, fold = np.zeros((folds, classes + 1), int), np.zeros(groups, int)
        for group in order:
            row = np.array([*counts[group], counts[group].sum()])
            squares = [((filled[place] + row) ** 2 - filled[place] ** 2) @ weights for place in range(folds)]
            fold[group] = int(np.argmin(squares))
            filled[fold[group]] += row
        lacking = [bool((filled[place, :-1] == total).any()) for place in range(folds)]
        found.append((sum(lacking), splits.imbalance(filled[:, :-1]), number, fold, lacking))
    *_, fold, lacking = min(found, key=lambda one: one[:3])
    places = [*(place for place in range(folds) if not lacking[place]), *np.flatnonzero(lacking)]
    return [places.index(place) for place in fold]


@pytest.mark.parametrize(("groups", "classes", "folds"), [(7, 3, 3), (12, 2, 5), (30, 4, 20)])
def test_a_deal_is_the_best_of_many(monkeypatch, groups, classes, folds):
    monkeypatch.setattr(splits, "DEALS", 3)
    rng = np.random.default_rng(groups)
    for seed in range(6):
        counts = rng.integers(0, 9, (groups, classes)) ** 2 + np.eye(groups, classes, dtype=int)
        expected = written_out(counts, folds, seed, max(10, 3 * folds))
        assert splits.deal(counts, folds, seed).tolist() == expected


@pytest.mark.parametrize(("work", "deals"), [(13, 13), (10, 10), (9, 10), (0, 10)])
def test_so_many_deals_are_drawn_as_the_work_allows_and_ten_at_least(monkeypatch, work, deals):
    counts = np.random.default_rng(3).integers(1, 50, (15, 2))
    monkeypatch.setattr(splits, "WORK", work * 15 * 4 * 3)
    expected = [written_out(counts, 4, seed, deals) for seed in range(40)]
    assert [splits.deal(counts, 4, seed).tolist() for seed in range(40)] == expected


def test_imbalance_is_the_largest_deviation_of_a_fold_s_share_and_of_a_class_s():
    filled = np.array([[3, 1], [2, 4]])  # folds of 4 and 6 images; of class 0 half of all, but 3/4 and 1/3 of a fold
    assert splits.imbalance(filled) == pytest.approx(0.1 + 0.25)
    both = np.array([filled, [[1, 1], [1, 1]]])
    assert splits.imbalance(both) == pytest.approx([0.35, 0])
