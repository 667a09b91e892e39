"""Predictions in the form that a competition takes."""

import numpy as np
import pandas as pd
import pytest
import write_submission as stage
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import InputError
from headstart.evaluation.submissions import HIGHEST, limits, submission, surest
from headstart.formats import predictions
from headstart.formats.predictions import Part

PART = Part(["7", "3"], np.array([[0.99, 0.01], [0.4, 0.6]], np.float32), None)


def test_one_column_is_the_probability_of_the_positive_class():
    found = submission(PART, ["cat", "dog"], id="id", positive="dog", clip=(0.05, 0.95))
    assert list(found.columns) == ["id", "label"]
    assert found["id"].tolist() == ["7", "3"]
    assert found["label"].tolist() == pytest.approx([0.05, 0.6])


def test_the_positive_class_may_be_the_first():
    found = submission(PART, ["cat", "dog"], id="id", positive="cat", clip=(0.05, 0.95))
    assert found["label"].tolist() == pytest.approx([0.95, 0.4])


def test_without_a_positive_class_there_is_a_column_a_class():
    found = submission(PART, ["c0", "c1"], id="img")
    assert list(found.columns) == ["img", "c0", "c1"]
    assert found["c0"].tolist() == pytest.approx([0.99, 0.4])
    assert found["c1"].tolist() == pytest.approx([0.01, 0.6])


def test_a_positive_class_that_is_none_is_bad_input():
    with pytest.raises(InputError, match=r"submission.positive: expected one of cat, dog \(got 'bird'\)"):
        submission(PART, ["cat", "dog"], id="id", positive="bird")


def certain(wrong, count=100, classes=4, rest=1e-6):
    """Predictions that are certain, of which the first ``wrong`` are wrong."""
    labels = np.arange(count) % classes
    said = np.where(np.arange(count) < wrong, (labels + 1) % classes, labels)
    rows = np.full((count, classes), rest)
    rows[np.arange(count), said] = 1 - rest * (classes - 1)
    return Part([str(i) for i in range(count)], rows, labels)


def test_the_clip_that_validation_chooses_follows_the_share_of_certainty_that_is_wrong():
    (low, high), loss = limits(certain(wrong=5))
    assert (low, high) == (pytest.approx(0.05 / 3), 0.95)
    assert loss == pytest.approx(-0.95 * np.log(0.95) - 0.05 * np.log(0.05 / 3))  # 5 of 100: the share is the optimum
    assert limits(certain(wrong=1))[0][1] == 0.99


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize("rest", [0, 1e-6])
@pytest.mark.parametrize(
    ("images", "high"),
    [(1, 2 / 3), (48, 0.98), (240, 241 / 242), (300, 301 / 302), (1_600, 1_601 / 1_602), (1_700, 1_701 / 1_702)],
)
def test_no_mistake_is_no_certainty(images, high, classes, rest):
    """With no mistake in n images, the next answer is wrong with 1 / (n + 2): Laplace's rule of succession."""
    assert surest(images) == pytest.approx(high, abs=1e-15)
    clip, loss = limits(certain(0, images, classes, rest))
    assert clip == (pytest.approx((1 - high) / (classes - 1)), pytest.approx(high, abs=1e-15))
    assert loss == pytest.approx(-np.log(high))
    assert loss < 1 / images  # what it costs


def test_of_equals_the_highest_limit_is_chosen():
    hesitant = np.full((1_000, 2), 0.5)  # no limit changes these
    assert limits(Part([], hesitant, np.arange(1_000) % 2))[0][1] == pytest.approx(1_001 / 1_002)


@pytest.mark.parametrize("wrong", [1, 5, 10, 20, 50, 100, 200, 300, 500, 700, 1_000])
def test_of_the_limits_the_one_that_fits_is_chosen(wrong):
    """Of 20,000 certain answers; the best limit is the share that is right."""
    assert limits(certain(2 * wrong, 20_000, classes=2))[0][1] == pytest.approx(1 - wrong / 10_000)


def test_the_limits_that_are_tried_end_at_what_images_allow():
    assert len(HIGHEST) == 11
    assert limits(certain(0, 9_998))[0][1] == 0.9999  # just what as many images allow, which is one of them


@pytest.mark.parametrize("images", [48, 300])
@pytest.mark.parametrize("wrong", [0, 0.2, 1, 3])
def test_what_is_lost_on_new_images_is_bounded_and_small(images, wrong):
    """Classifiers wholly certain, of which a mistake is expected in ``images`` / ``wrong`` images: the mean loss."""
    rng, rate = np.random.default_rng(0), wrong / images
    losses = []
    for mistakes, times in zip(*np.unique(rng.binomial(images, rate, 200), return_counts=True), strict=True):
        (low, high), _ = limits(certain(mistakes, images, classes=2, rest=0))
        losses += times * [-rate * np.log(low) - (1 - rate) * np.log(high)]
    best = 0 if not wrong else -rate * np.log(rate) - (1 - rate) * np.log1p(-rate)
    assert np.mean(losses) - best < 1 / images  # more than who knows the rate; without a floor there is no bound


def test_rows_are_brought_back_to_a_sum_of_1_in_float64():
    hesitant = Part([], np.array([[0.5, 0.5, 0]] * 48), np.arange(48) % 2)
    clip, loss = limits(hesitant)
    assert clip == (pytest.approx(0.01), pytest.approx(0.98))
    assert loss == pytest.approx(-np.log(0.5 / 1.01), rel=1e-12)
    rows = np.random.default_rng(0).dirichlet(np.ones(3), 48)
    single, double = (Part([], rows.astype(np.float32).astype(kind), hesitant.labels) for kind in ("f4", "f8"))
    assert limits(single) == limits(double)


@pytest.mark.parametrize("seed", range(3))
def test_no_other_limit_has_a_lower_log_loss(seed):
    rows = np.random.default_rng(seed).dirichlet([0.05] * 3, 200)
    part = Part([str(i) for i in range(200)], rows, np.random.default_rng(seed + 9).integers(3, size=200))
    _, loss = limits(part)
    for high in [surest(200), *(high for high in HIGHEST if high < surest(200))]:
        clipped = np.clip(rows, (1 - high) / 2, high)
        clipped /= clipped.sum(axis=1, keepdims=True)
        right = np.maximum(clipped[np.arange(200), part.labels], np.finfo(float).eps)
        assert loss <= -np.log(right).mean() + 1e-9


@settings(deadline=None)
@given(st.floats(0, 0.4), st.floats(0.6, 1), st.lists(st.floats(0, 1), min_size=1))
def test_no_probability_is_outside_the_clip(low, high, dogs):
    rows = np.array([[1 - dog, dog] for dog in dogs])
    found = submission(Part(["x"] * len(dogs), rows, None), ["cat", "dog"], id="id", clip=(low, high))
    assert found[["cat", "dog"]].to_numpy().min() >= low
    assert found[["cat", "dog"]].to_numpy().max() <= high


def test_limits_that_are_given_stay_as_they_are():
    sure = Part(["a"], np.array([[0, 1]], np.float32), None)
    assert submission(sure, ["cat", "dog"], id="id", clip=(0, 1)).loc[0].tolist() == ["a", 0, 1]
    assert submission(sure, ["cat", "dog"], id="id", clip=(0.05, 0.95)).loc[0].tolist() == ["a", 0.05, 0.95]


def test_rounding_makes_nothing_certain_again(tmp_path):
    """The limits of a million images, and of many classes, are in the file that is written."""
    sure = Part(["a"], np.eye(1, 100, dtype=np.float32), np.array([0]))
    predictions.write(tmp_path / "predictions.h5", {"validation": sure, "test": sure}, [f"c{i}" for i in range(100)])
    high = surest(10**6)
    form = {"id": "id", "positive": None, "clip": [(1 - high) / 99, high]}
    stage.main(source=tmp_path / "predictions.h5", target=tmp_path / "a.csv", form=form)
    found = pd.read_csv(tmp_path / "a.csv")
    assert found["c0"][0] == pytest.approx(high, abs=1e-8) and found["c0"][0] < 1
    assert found["c1"][0] == pytest.approx((1 - high) / 99)


def test_a_clip_by_validation_is_that_of_validation_alone(tmp_path):
    part = certain(0, 48, classes=2)
    parts = {"validation": part, "test": Part(part.ids, part.probabilities, None)}
    predictions.write(tmp_path / "predictions.h5", parts, ["cat", "dog"])
    form = {"id": "id", "positive": "dog", "clip": "validation"}
    stage.main(source=tmp_path / "predictions.h5", target=tmp_path / "a.csv", form=form)
    assert (tmp_path / "a.csv").read_text().splitlines()[:3] == ["id,label", "0,0.02", "1,0.98"]
