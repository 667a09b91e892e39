"""What predictions are worth."""

import json

import evaluate
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.evaluation import intervals, metrics
from headstart.formats import predictions
from headstart.formats.predictions import Part

CLASSES = ["cat", "dog", "owl"]


def part(labels, predicted, sure=0.8):
    """Predictions that give ``sure`` to the predicted class and share the rest."""
    probabilities = np.full((len(labels), 3), (1 - sure) / 2)
    probabilities[np.arange(len(labels)), predicted] = sure
    return Part([str(i) for i in range(len(labels))], probabilities, np.array(labels))


def rows(count, groups=None):
    """Rows of the manifest for ``count`` images, in no group or in ``groups``, and all different."""
    return pd.DataFrame({"group": groups or [""] * count, "digest": [str(number) for number in range(count)]})


def measured(found, groups=None, classes=CLASSES):
    return metrics.evaluate(found, classes, rows(len(found.ids), groups))


def test_the_numbers_of_a_small_case_are_those_worked_out_by_hand():
    found = measured(part([0, 0, 1, 2], [0, 1, 1, 2]))
    assert (found["images"], found["groups"]) == (4, 0)
    assert found["accuracy"] == 0.75
    assert found["log_loss"] == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4)
    assert found["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert found["mistakes"] == [[0, 1, 1]]


def test_without_groups_the_interval_is_wilsons():
    found = measured(part([0] * 100, [0] * 90 + [1] * 10))
    z, p, n = 1.959964, 0.9, 100
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert found["accuracy_95"] == pytest.approx([centre - half, centre + half], abs=1e-6)
    assert found["interval_note"] == ""


def test_with_groups_the_intervals_are_over_groups():
    groups = ["a"] * 40 + ["b"] * 30 + ["c"] * 30
    drawn = part([0] * 100, [0] * 69 + [1] * 31)  # a and most of b right, c wrong
    found, alone = measured(drawn, groups), measured(drawn)
    assert found["groups"] == 3
    right, losses = metrics.scores(drawn)
    assert found["accuracy_95"] == list(intervals.accuracy(right, groups))
    assert found["log_loss_95"] == list(intervals.loss(losses, groups))
    for name in ("accuracy_95", "log_loss_95"):
        assert np.ptp(found[name]) > 2 * np.ptp(alone[name])
    assert alone["log_loss_95"] == list(intervals.loss(losses, np.arange(100)))


@pytest.mark.parametrize(
    ("groups", "note"),
    [
        (["a"] * 24, "no interval: all images are of one group"),
        (["a", "b"] * 12, "interval over only 2 groups"),
        (list("abcdefg") * 3 + list("abc"), "interval over only 7 groups"),
        (list("abcdefgh") * 3, ""),
        ([""] * 24, ""),
    ],
)
def test_few_groups_are_told(groups, note):
    found = measured(part([0] * 24, [0] * 20 + [1] * 4), groups)
    assert found["interval_note"] == note
    assert (found["accuracy_95"] is None) == (found["log_loss_95"] is None) == note.startswith("no interval")
    assert found["groups"] == len(set(groups) - {""})


def test_one_image_has_no_interval():
    found = measured(part([0], [0]))
    assert (found["accuracy_95"], found["interval_note"]) == (None, "no interval: all images are of one picture")


def test_48_of_48_is_not_certain():
    assert measured(part([0] * 48, [0] * 48))["accuracy_95"] == [pytest.approx(0.9259, abs=1e-4), 1]
    low, high = measured(part([0] * 48, [0] * 48), ["a", "b", "c"] * 16)["accuracy_95"]
    assert low < 0.9259
    assert high == 1


def test_the_majority_answer_is_the_commonest_training_class():
    labels = pd.Series(["dog"] * 60 + ["cat"] * 3 + ["owl"] * 3)
    assert metrics.majority(part([1] * 20 + [0], [0] * 21), CLASSES, labels) == pytest.approx(20 / 21)
    assert metrics.majority(part([0, 0, 0, 1], [0] * 4), CLASSES, labels) == 0.25  # not that of the part itself
    assert metrics.majority(part([0, 1, 1], [0] * 3), CLASSES, pd.Series(["dog", "cat"])) == pytest.approx(1 / 3)


def test_a_class_that_nobody_has_is_in_the_confusion_matrix():
    assert measured(part([0, 0], [0, 0]))["confusion"] == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("abcd")), min_size=2, max_size=50))
def test_metrics_agree_with_each_other_and_are_plain_numbers(images):
    labels, predicted, groups = map(list, zip(*images, strict=True))
    found = measured(part(labels, predicted), groups)
    for name in ("accuracy", "log_loss"):
        interval = found[f"{name}_95"]
        assert (interval is None) == (len(set(groups)) == 1)
        if interval:
            assert 0 <= interval[0] <= found[name] + 1e-12 <= interval[1] + 2e-12
    assert np.trace(found["confusion"]) == pytest.approx(found["accuracy"] * len(images))
    assert np.sum(found["confusion"]) == found["images"] == len(images)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.filterwarnings("error")
def test_probabilities_in_float32_are_taken_as_they_are():
    drawn = np.random.default_rng(0).dirichlet(np.ones(3), 50).astype(np.float32)
    found = Part([""] * 50, drawn, np.zeros(50, int))
    assert measured(found)["log_loss"] == pytest.approx(-np.log(drawn[:, 0].astype(float)).mean(), rel=1e-5)
    assert metrics.scores(found)[1].mean() == pytest.approx(measured(found)["log_loss"])


def test_a_certain_mistake_costs_as_much_as_scikit_learn_says():
    found = Part(["a", "b"], np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), np.array([0, 0]))
    assert metrics.scores(found)[1].tolist() == pytest.approx([-np.log(2.220446049250313e-16), 0])
    assert metrics.scores(found)[1].mean() == pytest.approx(measured(found)["log_loss"])


@pytest.fixture
def world(tmp_path):
    """Predictions of two members and their mean, and a manifest: sixty dogs train, three cats, five are tested."""
    images = pd.DataFrame({"label": ["dog"] * 60 + ["cat"] * 3 + ["cat", "cat", "dog", "dog", "dog"]})
    images["id"] = images["digest"] = [f"i{number}" for number in range(68)]
    images["group"] = [f"p{number % 9}" for number in range(63)] + ["x", "x", "y", "y", "y"]
    images["part"], images["status"] = ["train"] * 63 + ["test"] * 5, "ok"
    images.loc[0, "status"] = "cannot be read"
    images.assign(path="", size="")[["id", "path", "label", "group", "part", "size", "digest", "status"]].to_csv(
        tmp_path / "manifest.csv", index=False
    )

    def write(name, dogs):
        sure = np.array([0.2, 0.2, dogs, 0.8, 0.8])
        shared = dict(
            zip(("labels", "ids"), (np.array([0, 0, 1, 1, 1]), [f"i{n}" for n in range(63, 68)]), strict=True)
        )
        parts = {"test": Part(probabilities=np.stack([1 - sure, sure], axis=1), **shared)}
        parts["validation"] = Part([f"i{n}" for n in range(1, 5)], np.full((4, 2), 0.5), None)
        predictions.write(tmp_path / name, parts, ["cat", "dog"])
        return tmp_path / name

    return tmp_path, [write("1.h5", 0.1), write("2.h5", 0.9)], write("mean.h5", 0.45)


def test_the_stage_measures_the_ensemble_and_every_member(world):
    folder, members, ensemble = world
    evaluate.main(
        members=members,
        ensemble=ensemble,
        manifest=folder / "manifest.csv",
        target=folder / "found.json",
        dataset="pets",
        recipe="head",
        note="drawn",
    )
    found = json.loads((folder / "found.json").read_text())
    assert {key: found[key] for key in ("dataset", "recipe", "note", "classes")} == {
        "dataset": "pets", "recipe": "head", "note": "drawn", "classes": ["cat", "dog"],
    }  # fmt: skip
    assert list(found["parts"]) == ["test"]  # validation has no labels here
    test = found["parts"]["test"]
    assert (test["accuracy"], test["groups"], test["majority"]) == (0.8, 2, 0.6)
    units = ["x", "x", "y", "y", "y"]
    assert test["accuracy_95"] == list(intervals.accuracy([1, 1, 0, 1, 1], units))
    assert test["interval_note"] == "interval over only 2 groups"
    assert [member["test"]["accuracy"] for member in found["members"]] == [0.8, 1]
    assert found["members"][1]["test"]["accuracy_95"] == list(intervals.accuracy([1] * 5, units))


def test_of_thousands_of_classes_the_mistakes_are_kept_and_no_matrix():
    classes = [f"s{number}" for number in range(2000)]
    labels = np.arange(2000)
    predicted = np.where(labels < 3, 1999, labels)
    probabilities = np.zeros((2003, 2000), np.float32)
    probabilities[np.arange(2003), [*predicted, 7, 7, 7]] = 1
    found = measured(Part(list(map(str, range(2003))), probabilities, np.array([*labels, 8, 8, 9])), classes=classes)
    assert found["mistakes"] == [[8, 7, 2], [0, 1999, 1], [1, 1999, 1]]
    assert found["confusion"] is None
    assert len(json.dumps(found)) < 1000


def perfect(classes):
    return Part([str(n) for n in range(classes)], np.eye(classes), np.arange(classes))


def test_the_matrix_is_kept_for_as_many_classes_as_said():
    for count in (metrics.MOST, metrics.MOST + 1):
        found = measured(perfect(count), classes=[f"s{number}" for number in range(count)])
        assert (found["confusion"] is None) == (count > metrics.MOST)


def test_of_equally_frequent_mistakes_the_first_classes_are_told():
    labels = np.repeat(np.arange(60), [1] * 30 + [2] * 30)
    found = measured(
        Part([str(n) for n in range(90)], np.eye(60)[(labels + 1) % 60], labels),
        classes=[f"s{number}" for number in range(60)],
    )
    assert found["mistakes"] == [[30, 31, 2], [31, 32, 2], [32, 33, 2]]


def test_a_class_without_training_images_is_no_majority():
    assert metrics.majority(part([1, 0], [0, 0]), CLASSES, pd.Series(["dog"])) == 0.5
    assert metrics.majority(part([1, 1], [0, 0]), CLASSES, pd.Series(["dog"])) == 1
