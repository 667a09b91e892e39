"""The audit of a split: what pictures of the same group give away, and how far the split moves a figure."""

import contextlib
import json

import check_leakage as audit_stage
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.evaluation import leakage
from headstart.formats import hdf5, predictions
from headstart.formats.predictions import Part

RNG = np.random.default_rng(0)
SPLITS = {
    "different": 4,
    "accuracy": {"mean": 0.7, "sd": 0.012, "range": [0.683, 0.715]},
    "log_loss": {"mean": 0.9, "sd": 0.034, "range": [0.85, 0.94]},
}


def test_pictures_of_a_group_that_look_alike_are_found():
    groups = np.repeat(["ann", "bob", "cy"], 4)
    places = {"ann": [9, 0, 0], "bob": [0, 9, 0], "cy": [0, 0, 9]}
    features = np.array([places[name] for name in groups]) + RNG.normal(size=(12, 3))
    assert leakage.kinship(features, groups) == (1.0, pytest.approx(3 / 11))


def test_pictures_that_say_nothing_of_their_group_are_near_by_chance():
    groups = np.repeat(np.arange(10), 100)
    share, chance = leakage.kinship(RNG.normal(size=(1000, 8)), groups)
    assert chance == pytest.approx(99 / 999)
    assert share == pytest.approx(chance, abs=0.04)


def test_half_of_the_groups_alike_is_a_half():
    features = np.array([[1, 0.01], [1, 0.02], [0.01, 1], [0.02, 1]])
    assert leakage.kinship(features, ["a", "a", "b", "c"])[0] == 0.5


def part(ids, right, sure=0.75):
    """Predictions of two classes that are right where ``right`` says so; all labels are 0."""
    likelihood = np.where(right, sure, 1 - sure)
    return Part(list(ids), np.column_stack([likelihood, 1 - likelihood]), np.zeros(len(likelihood), int))


def test_two_recipes_are_compared_on_the_images_that_both_predict():
    groups = pd.Series(["x", "x", "y", "y", "z"], index=list("abcde"))
    found = leakage.compare(part("dcba", [1, 1, 1, 0]), part("abcde", [1, 0, 1, 0, 1]), groups)
    assert (found["images"], found["groups"]) == (4, 2)
    assert (found["accuracy"]["random"], found["accuracy"]["grouped"]) == (0.75, 0.5)
    assert found["accuracy"]["difference"] == 0.25
    low, high = found["accuracy"]["difference_95"]
    assert low < 0 < 0.25 < high  # one of two in one group, none in the other
    assert found["log_loss"]["random"] == pytest.approx(-np.log([0.75] * 3 + [0.25]).mean())
    assert found["log_loss"]["grouped"] == pytest.approx(-np.log([0.75, 0.25]).mean())


def test_a_probability_of_0_is_a_large_loss_and_not_an_infinite_one():
    found = leakage.compare(part("ab", [1, 0], 1), part("ab", [1, 1], 1), pd.Series(["x", "y"], list("ab")))
    assert found["log_loss"]["random"] == pytest.approx(-np.log(np.finfo(float).eps) / 2)
    assert found["log_loss"]["grouped"] == 0


def simulated(rng, leak, groups=12, size=30):
    """What two recipes predict; groups differ in how hard they are, and ``leak`` helps the one under a random split."""
    names = np.repeat([f"g{i}" for i in range(groups)], size)
    ids, ease = [str(i) for i in range(len(names))], np.repeat(rng.normal(1, 1, groups), size)
    right = [rng.random(len(names)) < 1 / (1 + np.exp(-ease - gain)) for gain in (leak, 0)]
    return leakage.compare(*(part(ids, some) for some in right), pd.Series(names, ids))


def verdicts(leak, count=100):
    rng = np.random.default_rng(1)
    return [leakage.sentence("head", simulated(rng, leak), 0.5, 0.1, SPLITS) for _ in range(count)]


def test_without_a_leak_the_sentence_says_so_in_nine_of_ten_cases():
    assert sum("no leak is seen" in said for said in verdicts(leak=0)) >= 90


def test_with_a_leak_the_sentence_says_flatters():
    assert sum("flatters" in said for said in verdicts(leak=1.5)) >= 99


def compared(low, high):
    accuracy = {"random": 0.912, "grouped": 0.79, "difference": 0.122, "difference_95": [low, high]}
    loss = {"random": 0.34, "grouped": 0.56, "difference": -0.22, "difference_95": [-0.3, -0.1]}
    return {"images": 1700, "groups": 20, "accuracy": accuracy, "log_loss": loss}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.05, 0.2, "A random split flatters: trust the grouped figure for new groups."),
        (0.0, 0.2, "The interval contains 0, so no leak is seen."),
        (-0.1, 0.2, "The interval contains 0, so no leak is seen."),
        (-0.1, 0.0, "The interval contains 0, so no leak is seen."),
        (-0.2, -0.1, "The random split is harder here, which a leak does not explain."),
    ],
)
def test_the_sentence_says_what_it_means(low, high, said):
    text = leakage.sentence("head", compared(low, high), 0.996, 0.05, SPLITS)
    assert f"). {said} The nearest picture" in text
    assert "On the same 1,700 images, head has accuracy 0.912 and log loss 0.34 under a random split." in text
    assert f"differ by +0.122 (95 % interval over 20 groups: {low:+.3f} to {high:+.3f})" in text
    assert "for 100% of the images (by chance 5%)" in text
    assert "Under a grouped split it has accuracy 0.790 and log loss 0.56, on groups that it was not" in text
    assert "5 seeds give 4 different grouped splits." in text
    assert "accuracy 0.683 to 0.715 (SD 0.012). Its log loss is 0.85 to 0.94 (SD 0.03)." in text
    assert "\n" not in text


def test_features_are_averaged_over_their_places():
    features = np.arange(24).reshape(2, 2, 2, 3)
    np.testing.assert_array_equal(leakage.pooled(features), [[4.5, 5.5, 6.5], [16.5, 17.5, 18.5]])


def test_splits_that_differ_move_the_figure_and_equal_ones_do_not():
    labels = np.repeat(["cat", "dog"], 40)
    features = RNG.normal(size=(80, 4)) + (labels == "dog")[:, None]
    folds = [np.random.default_rng(seed).permutation(80) % 4 for seed in range(3)]
    found = leakage.moved(features, labels, folds)
    low, high = found["log_loss"]["range"]
    assert 0 < low < found["log_loss"]["mean"] < high < np.log(2)
    two = leakage.moved(features, labels, folds[:2])["log_loss"]
    assert two["sd"] == pytest.approx((two["range"][1] - two["range"][0]) / np.sqrt(2))
    assert 0.7 < found["accuracy"]["mean"] < 1
    assert found["different"] == 3
    same = leakage.moved(features, labels, [folds[0], 3 - folds[0]])  # but for the folds' numbers
    assert same["log_loss"]["sd"] == pytest.approx(0, abs=1e-9)
    assert same["different"] == 1


def test_figures_of_a_split_are_scikit_learn_s_of_every_image_predicted_once():
    labels = np.repeat(["ant", "cat", "dog"], 20)
    features = RNG.normal(size=(60, 5)) + np.eye(5)[np.repeat(range(3), 20)]
    folds = [np.random.default_rng(seed).permutation(60) % 4 for seed in range(2)]
    found = leakage.moved(features, labels, folds)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    each = [cross_val_predict(model, features, labels, cv=PredefinedSplit(f), method="predict_proba") for f in folds]
    assert sorted(found["log_loss"]["range"]) == pytest.approx(sorted(log_loss(labels, some) for some in each))
    right = [(np.array(["ant", "cat", "dog"])[some.argmax(axis=1)] == labels).mean() for some in each]
    assert found["accuracy"]["mean"] == pytest.approx(np.mean(right))


def test_splits_that_are_all_the_same_tell_nothing_of_the_split():
    text = leakage.sentence("head", compared(0.05, 0.2), 0.996, 0.05, {**SPLITS, "different": 1})
    assert text.endswith("All 5 seeds give the same grouped split, so how far the split moves a figure is unknown.")
    two = leakage.sentence("head", compared(0.05, 0.2), 0.996, 0.05, {**SPLITS, "different": 2})
    assert "5 seeds give 2 different grouped splits." in two


def test_the_units_of_features_do_not_matter():
    labels, fold = np.repeat(["cat", "dog"], 40), np.arange(80) % 4
    features = RNG.normal(size=(80, 4)) + (labels == "dog")[:, None]
    one, other = (leakage.moved(some, labels, [fold] * 2)["log_loss"]["mean"] for some in (features, features / 1000))
    assert one == pytest.approx(other, rel=1e-3)


def test_a_class_that_is_in_one_fold_alone_is_never_predicted_there():
    labels = np.array(["cat", "dog"] * 20 + ["ant"] * 10)
    features, fold = np.eye(3)[np.unique(labels, return_inverse=True)[1]], np.arange(50) // 2 % 2
    assert leakage.moved(features, labels, [fold] * 2)["accuracy"]["mean"] == 1
    fold[40:] = 1
    assert leakage.moved(features, labels, [fold] * 2)["accuracy"]["mean"] == 0.8


def test_images_are_predicted_by_models_that_were_not_fitted_to_them():
    features, labels = RNG.normal(size=(60, 59)), np.repeat(["cat", "dog"], 30)  # by heart all can be told apart
    folds = [np.random.default_rng(seed).permutation(60) % 3 for seed in range(3)]
    assert leakage.moved(features, labels, folds)["accuracy"]["mean"] < 0.75


def test_the_stage_writes_figures_and_their_meaning(tmp_path):
    ids, groups = [f"i{n:02d}" for n in range(60)], [f"g{n % 6}" for n in range(60)]
    labels = ["cat" if n % 2 else "dog" for n in np.arange(60) // 6]
    table = {"id": ids, "label": labels, "group": groups, "part": "train", "digest": ids, "status": "ok"}
    pd.DataFrame(table).to_csv(tmp_path / "manifest.csv", index=False)
    values = RNG.normal(size=(60, 2, 2, 3)).astype(np.float32) + (np.array(labels) == "dog")[:, None, None, None]
    hdf5.write_rows(tmp_path / "train.h5", ids, (2, 2, 3), "float32", [values], {}, terminal=None, title="")
    for name, right in (("random", [1] * 54 + [0] * 6), ("grouped", [1] * 48 + [0] * 12)):
        predictions.write(tmp_path / f"{name}.h5", {"validation": part(ids, right)}, ["cat", "dog"])
    paths = {name: tmp_path / f"{name}.h5" for name in ("random", "grouped")}
    audit_stage.main(
        **paths,
        features=tmp_path / "train.h5",
        manifest=tmp_path / "manifest.csv",
        target=tmp_path / "audit.json",
        dataset="pets",
        recipe="head",
        folds=3,
        seed=1,
        threads=1,
    )
    found = json.loads((tmp_path / "audit.json").read_text())
    assert (found["dataset"], found["recipe"], found["images"], found["groups"]) == ("pets", "head", 60, 6)
    assert found["accuracy"]["random"] == 0.9
    assert found["accuracy"]["difference"] == pytest.approx(0.1)
    assert found["splits"]["log_loss"]["sd"] > 0
    assert found["sentence"].startswith("On the same 60 images, head has accuracy 0.900")


@pytest.mark.parametrize("threads", [{}, {"threads": 7}])
def test_the_nearest_other_image_by_cosine_is_looked_for_on_as_many_threads(monkeypatch, threads):
    asked = []

    def nearest(*given):
        asked.append(given)
        return np.array([[0, 1], [1, 0], [2, 0]])

    monkeypatch.setattr(leakage, "nearest", nearest)
    features = np.ones((3, 2))
    assert leakage.kinship(features, ["a", "a", "b"], **threads)[0] == pytest.approx(2 / 3)
    assert asked == [(features, 2, "cosine", threads.get("threads", 1))]


@pytest.mark.parametrize("threads", [{}, {"threads": 7}])
def test_the_models_of_a_split_are_fitted_on_as_many_threads(monkeypatch, threads):
    limits = []
    monkeypatch.setattr(leakage, "threadpool_limits", lambda count: limits.append(count) or contextlib.nullcontext())
    leakage.moved(np.eye(8, 2), np.arange(8) % 2, [np.arange(8) // 2 % 2] * 2, **threads)
    assert limits == [threads.get("threads", 1)]
