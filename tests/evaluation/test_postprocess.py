"""Predictions averaged over neighbours and softened, chosen on validation."""

import contextlib

import numpy as np
import pandas as pd
import postprocess as stage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from headstart.evaluation import postprocess
from headstart.formats import predictions

RNG = np.random.default_rng(0)


def random(count=12, classes=3, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(classes), count)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_nearest_image_is_the_image_itself_even_among_twins(metric):
    features = RNG.normal(size=(10, 2, 2, 3)).astype(np.float32)
    features[3] = features[7]
    order = postprocess.nearest(features, 4, metric)
    assert order.shape == (10, 4)
    assert order[:, 0].tolist() == list(range(10))
    assert order[3, 1] == 7 and order[7, 1] == 3
    assert all(len(set(row)) == 4 for row in order.tolist())


def test_neighbours_are_those_of_the_metric():
    features = np.array([[1, 0], [10, 0.5], [1, 1], [0.9, 1]])
    assert postprocess.nearest(features, 2, "euclidean")[0, 1] == 2
    assert postprocess.nearest(features, 2, "cosine")[0, 1] == 1


def test_pictures_without_any_feature_have_neighbours_too():
    assert postprocess.nearest(np.zeros((3, 2), np.float32), 3, "cosine").shape == (3, 3)


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_there_are_no_more_neighbours_than_images(count):
    order = postprocess.nearest(RNG.normal(size=(5, 4)), count, "cosine")
    assert order.shape == (5, min(count, 5))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("searched", [1, 5, 11, 12])
def test_the_nearest_of_a_part_at_a_time_are_those_of_all(monkeypatch, searched, metric):
    features = RNG.normal(size=(12, 4)).astype(np.float32)
    before, whole = features.copy(), postprocess.nearest(features, 6, metric)
    monkeypatch.setattr(postprocess, "SEARCHED", searched)
    np.testing.assert_array_equal(postprocess.nearest(features, 6, metric), whole)
    np.testing.assert_array_equal(features, before)


def test_one_neighbour_and_no_temperature_change_nothing():
    probabilities = random()
    order = postprocess.nearest(RNG.normal(size=(12, 4)), 3, "cosine")
    np.testing.assert_allclose(postprocess.refine(probabilities, order, 1, 1.0), probabilities, rtol=1e-12)


def test_neighbours_are_averaged():
    probabilities, order = random(), postprocess.nearest(RNG.normal(size=(12, 4)), 3, "cosine")
    found = postprocess.refine(probabilities, order, 3, 1.0)
    np.testing.assert_allclose(found[5], probabilities[order[5]].mean(axis=0), rtol=1e-12)


@settings(deadline=None)
@given(st.floats(0.05, 20), st.integers(0, 99))
def test_a_temperature_divides_logits(degree, seed):
    logits = np.random.default_rng(seed).normal(size=(6, 4))
    softmax = lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)  # noqa: E731
    found = postprocess.refine(softmax(logits), np.arange(6)[:, None], 1, degree)
    np.testing.assert_allclose(found, softmax(logits / degree), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_certainty_stays_a_number_under_any_temperature():
    found = postprocess.refine(np.array([[1.0, 0.0]]), np.array([[0]]), 1, 2.0)
    root = float(np.sqrt(np.float64(np.finfo(np.float32).tiny)))  # what a zero counts as
    assert found[0, 1] == pytest.approx(root / (1 + root), rel=1e-9, abs=0)


def test_probabilities_in_float32_are_averaged_in_float64():
    single, order = random().astype(np.float32), postprocess.nearest(RNG.normal(size=(12, 4)), 3, "cosine")
    expected = postprocess.refine(single.astype(np.float64), order, 3, 2.0)
    np.testing.assert_array_equal(postprocess.refine(single, order, 3, 2.0), expected)


def test_as_many_threads_search_as_are_given_and_else_one(monkeypatch):
    given = []

    def limits(threads):
        given.append(threads)
        return contextlib.nullcontext()

    monkeypatch.setattr(postprocess, "threadpool_limits", limits)
    postprocess.nearest(RNG.normal(size=(5, 4)), 2, "euclidean")
    postprocess.nearest(RNG.normal(size=(5, 4)), 2, "euclidean", 3)
    assert given == [1, 3]


def alone(count):
    """An order of images without neighbours."""
    return np.arange(count)[:, None]


def test_what_was_tried_has_a_row_for_each_pair_and_fold_with_its_loss():
    probabilities, labels = random(10), np.arange(10) % 3
    orders = {0: (np.arange(6), alone(6)), 3: (np.arange(6, 10), alone(4))}
    parts = np.array([0] * 6 + [3] * 4)
    table = postprocess.tried(probabilities, labels, orders, parts, [1], [1.0, 2.0])
    assert table[["fold", "part", "temperature"]].to_numpy().tolist() == [[0, 0, 1], [0, 0, 2], [3, 3, 1], [3, 3, 2]]
    assert table["images"].tolist() == [6, 6, 4, 4]
    assert table["neighbours"].tolist() == [1] * 4
    assert table["log_loss"][2] == pytest.approx(log_loss(labels[6:], probabilities[6:], labels=range(3)))


def test_what_was_tried_of_a_fold_in_parts_has_the_loss_of_each_part_with_neighbours_of_the_fold():
    probabilities, labels, parts = random(6), np.arange(6) % 3, np.array([1, 0, 1, 0, 0, 0])
    order = postprocess.nearest(RNG.normal(size=(6, 4)), 3, "cosine")
    table = postprocess.tried(probabilities, labels, {0: (np.arange(6), order)}, parts, [1, 3], [1.0])
    assert table[["neighbours", "part", "images"]].to_numpy().tolist() == [[1, 0, 4], [1, 1, 2], [3, 0, 4], [3, 1, 2]]
    assert table["log_loss"][1] == pytest.approx(log_loss(labels[[0, 2]], probabilities[[0, 2]], labels=range(3)))
    refined = postprocess.refine(probabilities, order, 3, 1.0)
    assert table["log_loss"][3] == pytest.approx(log_loss(labels[[0, 2]], refined[[0, 2]], labels=range(3)))


def test_a_part_is_a_fold_or_of_the_only_fold_a_fifth_in_whole_units():
    assert postprocess.choosers([2, 0, 2], ["a", "b", "c"]).tolist() == [2, 0, 2]
    units = np.repeat(list("gfedcba"), 3)
    parts = postprocess.choosers([4] * 21, units)
    assert {unit: set(parts[units == unit]) for unit in "abcdefg"} == dict(
        zip("abcdefg", [{0}, {1}, {2}, {3}, {4}, {0}, {1}], strict=True)
    )
    assert postprocess.choosers([0] * 4, ["b", "a", "b", "a"]).tolist() == [1, 0, 1, 0]
    assert postprocess.choosers([0, 0], ["a", "a"]).tolist() == [0, 0]


def table_of(*rows):
    return pd.DataFrame(rows, columns=["part", "neighbours", "temperature", "images", "log_loss"])


def test_a_part_gets_what_the_others_choose():
    table = table_of((0, 1, 1.0, 9, 0.5), (0, 5, 2.0, 9, 0.4), (1, 1, 1.0, 9, 0.3), (1, 5, 2.0, 9, 0.6))
    assert postprocess.chosen(table) == {0: (1, 1.0), 1: (5, 2.0)}
    more = pd.concat([table, table_of((2, 1, 1.0, 1, 9.0), (2, 5, 2.0, 1, 0.1))])
    assert postprocess.chosen(more) == {0: (5, 2.0), 1: (5, 2.0), 2: (1, 1.0)}


def test_a_part_that_is_alone_gets_the_first_pair_and_not_its_best():
    assert postprocess.chosen(table_of((3, 2, 1.5, 9, 0.5), (3, 5, 2.0, 9, 0.4))) == {3: (2, 1.5)}


def test_each_part_is_refined_by_its_pair_with_neighbours_of_its_whole_fold():
    probabilities, rows = random(10), np.array([9, 7, 5, 3, 1])
    orders = {
        0: (rows, postprocess.nearest(RNG.normal(size=(5, 4)), 3, "cosine")),
        1: (rows - 1, postprocess.nearest(RNG.normal(size=(5, 4)), 3, "cosine")),
    }
    parts = np.array([5, 0, 5, 0, 5, 0, 5, 1, 5, 1])  # of the odd ones, those at 7 and 9 are part 1
    pairs = {0: (3, 2.0), 1: (2, 0.5), 5: (1, 1.0)}
    found = postprocess.cross_refine(probabilities, orders, parts, pairs)
    np.testing.assert_allclose(found[rows - 1], probabilities[rows - 1], rtol=1e-12)
    for pair, places in ((pairs[1], [0, 1]), (pairs[0], [2, 3, 4])):
        expected = postprocess.refine(probabilities[rows], orders[0][1], *pair)
        np.testing.assert_array_equal(found[rows[places]], expected[places])


def test_no_image_has_a_say_in_what_it_gets():
    """Of one fold, labels that are all wrong change what the other parts get, and never their own."""
    probabilities = random(20)
    parts = postprocess.choosers([0] * 20, np.repeat(np.arange(10), 2))
    orders = {0: (np.arange(20), alone(20))}

    def pairs(labels):
        return postprocess.chosen(postprocess.tried(probabilities, labels, orders, parts, [1], [0.1, 1.0, 9.0]))

    before = pairs(probabilities.argmax(axis=1))
    assert set(before.values()) == {(1, 0.1)}
    after = pairs(np.where(parts == 2, probabilities.argmin(axis=1), probabilities.argmax(axis=1)))
    assert after[2] == (1, 0.1)
    assert all(after[part] != (1, 0.1) for part in (0, 1, 3, 4))


def test_the_best_is_that_of_all_images_and_of_equals_the_first():
    table = pd.DataFrame(
        [(0, 1, 1.0, 10, 0.5), (0, 5, 1.0, 10, 0.4), (1, 1, 1.0, 90, 0.5), (1, 5, 1.0, 90, 0.52)],
        columns=["part", "neighbours", "temperature", "images", "log_loss"],
    )
    assert postprocess.best(table) == (1, 1.0)
    assert postprocess.best(table[table["part"] == 0]) == (5, 1.0)
    table["log_loss"] = 0.5
    assert postprocess.best(table.iloc[::-1]) == (5, 1.0)


def test_an_only_fold_is_refined_part_by_part_and_the_test_part_by_all(tmp_path):
    """Drivers a and b are sure and right, c is sure and wrong: what a gets, b and c choose."""
    drivers, labels = np.repeat(list("abc"), 4), np.array([0, 1] * 6)
    right = np.array([[0.9, 0.1], [0.1, 0.9]] * 6)
    sure = np.where((drivers == "c")[:, None], 1 - right, right)
    ids = [f"i{number}" for number in range(12)]
    parts = {"validation": predictions.Part(ids, sure, labels), "test": predictions.Part(["t"], sure[:1], None)}
    predictions.write(tmp_path / "before.h5", parts, ["cat", "dog"])
    pd.DataFrame({"id": ids, "part": "validation", "fold": 0}).to_csv(tmp_path / "split.csv", index=False)
    images = pd.DataFrame({"id": ids, "group": drivers, "digest": ids})
    images.to_csv(tmp_path / "manifest.csv", index=False)
    stage.main(
        sources=[tmp_path / "before.h5"],
        rows={},
        split=tmp_path / "split.csv",
        manifest=tmp_path / "manifest.csv",
        neighbours=[1],
        metric="cosine",
        temperature=[0.5, 1, 4],
        threads=1,
        target=tmp_path / "after.h5",
        tried=tmp_path / "tried.csv",
    )
    after = predictions.read(tmp_path / "after.h5")[0]
    for part, degree in ((slice(0, 8), 4), (slice(8, 12), 0.5)):
        expected = postprocess.refine(sure[part], alone(12)[: len(sure[part])], 1, degree)
        np.testing.assert_allclose(after["validation"].probabilities[part], expected, atol=1e-6)
    np.testing.assert_allclose(after["test"].probabilities, postprocess.refine(sure[:1], alone(1), 1, 4), atol=1e-6)
    assert pd.read_csv(tmp_path / "tried.csv")["part"].tolist() == [0, 1, 2] * 3


@pytest.mark.parametrize("test", [True, False])
def test_each_part_is_searched_among_its_own_features_as_the_recipe_says(monkeypatch, test):
    """A fold of validation in the published train part, and the test part in its own."""
    rng, given, asked = np.random.default_rng(5), [], []
    ids = {"validation": [f"v{i}" for i in range(20)], "test": [f"t{i}" for i in range(6)]}
    parts = {
        name: predictions.Part(some, rng.dirichlet([1, 1, 1], len(some)), np.arange(len(some)) % 3)
        for name, some in ids.items()
        if test or name != "test"
    }
    folds = np.arange(20) % 2
    values = {name: rng.normal(size=4) for some in ids.values() for name in some}

    def features(part, some):
        asked.append((part, list(some)))
        return np.array([values[name] for name in some])

    real = postprocess.nearest
    monkeypatch.setattr(postprocess, "nearest", lambda *found: given.append(found[1:]) or real(*found))
    settings = {"neighbours": [1, 4], "metric": "euclidean", "temperature": [1, 3], "threads": 2}
    found, table, pairs = postprocess.apply(parts, folds, np.arange(20), features, **settings)
    assert asked == [
        ("train", ids["validation"][0::2]),
        ("train", ids["validation"][1::2]),
        *([("test", ids["test"])] if test else []),
    ]
    assert set(given) == {(4, "euclidean", 2)}
    assert set(table["fold"]) == {0, 1}
    assert set(pairs) == {0, 1, *(["test"] if test else [])}
    assert set(found) == set(parts)
    for name, rows in [(0, np.arange(0, 20, 2)), (1, np.arange(1, 20, 2))]:
        order = real(np.array([values[ids["validation"][row]] for row in rows]), 4, "euclidean")
        expected = postprocess.refine(parts["validation"].probabilities[rows], order, *pairs[name])
        np.testing.assert_allclose(found["validation"].probabilities[rows], expected)
    if test:
        order = real(np.array([values[name] for name in ids["test"]]), 4, "euclidean")
        expected = postprocess.refine(parts["test"].probabilities, order, *pairs["test"])
        np.testing.assert_allclose(found["test"].probabilities, expected)


def test_rows_of_length_1_take_no_more_memory_than_those_before():
    rows = RNG.normal(size=(5, 2, 3)).astype(np.float32)
    found = postprocess._scaled(rows, 0, "cosine")
    assert (found.dtype, found.shape) == (np.float32, (5, 6))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)
