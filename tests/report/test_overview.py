"""The overview of a dataset: three sentences, and cautions in the order of their weight."""

import pytest

from headstart.evaluation import leakage
from headstart.report import overview

CHOSEN = "The best of 2 recipes was chosen on these images, which favours it."


def row(recipe, accuracy, interval=(0.7, 0.9), diverged=None):
    return {"recipe": recipe, "accuracy": accuracy, "accuracy_95": interval, "diverged": diverged}


def ranked(*rows, part="validation", images=240, groups=0, random=False, note=""):
    """A set as `ranking.sets` gives it, as far as the overview reads it."""
    best = next((one["recipe"] for one in rows if not one["diverged"]), None)
    said = {"part": part, "images": images, "groups": groups, "majority": 0.25, "note": note, "random": random}
    return {**said, "best": best, "rows": list(rows)}


PAIR = (row("head", 0.8), row("linear", 0.75))
ONE = (row("head", 0.8),)


def summarise(*sets, curves=(), data="", images=(), leak=None):
    return overview.summarise(list(sets), list(curves), data, list(images), leak)


def checked(low, high, diverged=""):
    """A leakage check with this interval of the difference, worded as the stage words it."""
    figures = {"random": 0.95, "grouped": 0.57, "difference": 0.38, "difference_95": [low, high]}
    compared = {"images": 300, "groups": 10, "accuracy": figures, "log_loss": figures}
    said = diverged or leakage.sentence("folds", compared, 1.0, 0.1, {"different": 1, "accuracy": {}, "log_loss": {}})
    return {"recipe": "folds", **compared, "sentence": said}


def test_three_sentences_tell_the_best_its_caution_and_the_majority():
    assert summarise(ranked(*PAIR)) == {
        "set": 0,
        "best": "head",
        "sentences": [
            "head is best, with accuracy 0.8000 (95 % interval 0.7000 to 0.9000) on 240 validation images.",
            CHOSEN,
            "Always predicting the commonest class of the training images gives accuracy 0.2500.",
        ],
        "cautions": [CHOSEN],
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"part": "test", "images": 10000}, "on 10,000 test images."),
        ({"images": 1}, "on 1 validation image."),
        ({"groups": 10}, "on 240 validation images of 10 groups."),
        ({"groups": 1}, "on 240 validation images of 1 group."),
    ],
)
def test_the_first_sentence_counts_images_and_groups(changes, said):
    assert summarise(ranked(*PAIR, **changes))["sentences"][0].endswith(said)


def test_without_an_interval_the_first_sentence_says_so():
    single = ranked(row("head", 0.8, None), groups=1, note="no interval: all images are of one group")
    (first, *_) = summarise(single)["sentences"]
    assert first == "head is best, with accuracy 0.8000 (no interval) on 240 validation images of 1 group."


def test_the_set_is_the_first_that_is_not_random():
    random, large, small = ranked(*ONE, random=True), ranked(*PAIR[::-1]), ranked(*ONE, images=48)
    assert overview.reported([random, large, small]) == (1, large)
    assert overview.reported([random]) == (0, random)
    assert summarise(random, large, small)["best"] == "linear"


def test_a_test_part_goes_before_validation_and_a_figure_before_none():
    validation, test = ranked(*PAIR), ranked(*ONE, part="test", images=48)
    lost = ranked(row("lost", None, None, "epoch 2"), part="test")
    assert overview.reported([validation, test]) == (1, test)
    assert overview.reported([lost, validation]) == (1, validation)
    assert overview.reported([ranked(*ONE, part="test", random=True), validation]) == (1, validation)


def test_where_all_diverged_there_is_no_best():
    found = summarise(ranked(row("a", None, None, "epoch 2"), row("b", None, None, "epoch 3")))
    assert found["best"] is None
    assert found["sentences"][:2] == [
        "Every recipe diverged, so there is no best one.",
        "2 recipes diverged and have no figures: a, b.",
    ]


def test_without_a_caution_the_second_sentence_says_so():
    found = summarise(ranked(*ONE))
    assert found["cautions"] == []
    assert found["sentences"][1] == "No check of this workflow warns about this figure."


def test_the_gravest_caution_comes_first():
    sets = [
        ranked(*PAIR, row("lost", None, None, "epoch 2"), groups=2, random=True, note="interval over only 2 groups"),
    ]
    curves = [
        {"recipe": "linear", "verdict": "Underfitting: the loss."},
        {"recipe": "head", "verdict": "Overfitting: training accuracy 1.0."},
    ]
    images = ["1 of 9 images left out as unreadable", "3 of 5 test images are also among the train images"]
    found = summarise(*sets, curves=curves, data="train cut to 9 images", images=images, leak=checked(0.2, 0.5))
    assert found["cautions"] == [
        "The images are not the full, real data: train cut to 9 images.",
        "The split is random, so images of one group are in training and in validation, which flatters the accuracy.",
        "The interval rests on only 2 groups, so it is no more than a hint.",
        "A random split flatters: folds has accuracy 0.950 under it and 0.570 on new groups.",
        "3 of 5 test images are also among the train images.",
        "1 of 9 images left out as unreadable.",
        "The learning curves of head show overfitting.",
        CHOSEN,
        "1 recipe diverged and has no figures: lost.",
    ]
    assert found["sentences"][1] == found["cautions"][0]


@pytest.mark.parametrize(
    ("groups", "note", "what"),
    [
        (1, "no interval: all images are of one group", "group"),
        (0, "no interval: all images are of one picture", "picture"),
    ],
)
def test_a_missing_interval_is_a_caution(groups, note, what):
    found = summarise(ranked(row("head", 0.8, None), groups=groups, note=note))
    assert found["cautions"] == [f"There is no interval, since all images are of one {what}."]


@pytest.mark.parametrize(
    "leak",
    [None, checked(-0.1, 0.3), checked(-0.5, -0.2), checked(0.2, 0.5, "folds diverged (epoch 2), so no result.")],
)
def test_a_split_that_does_not_flatter_is_no_caution(leak):
    assert summarise(ranked(*ONE), leak=leak)["cautions"] == []


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("Overfitting: gap", ["The learning curves of head show overfitting."]),
        ("Underfitting: gap", ["The learning curves of head show underfitting."]),
        ("Neither over- nor underfitting: gap", []),
        ("Over- or underfitting cannot be judged: no image was held out.", []),
    ],
)
def test_only_a_misfit_of_the_best_is_a_caution(verdict, said):
    curves = [{"recipe": "head", "verdict": verdict}, {"recipe": "other", "verdict": "Overfitting: gap"}]
    assert summarise(ranked(*ONE), curves=curves)["cautions"] == said


def test_recipes_measured_on_other_images_are_counted_without_random_splits():
    other, random = ranked(*ONE, images=48), ranked(*PAIR, random=True)
    assert summarise(ranked(*ONE), random)["cautions"] == []
    assert summarise(ranked(*ONE), random, other)["cautions"] == [
        "1 recipe was measured on other images and is not ranked with the best."
    ]
    assert summarise(ranked(*ONE), ranked(*PAIR, images=48), other)["cautions"] == [
        "3 recipes were measured on other images and are not ranked with the best."
    ]


def test_recipes_that_diverged_are_named_up_to_three():
    lost = [row(name, None, None, "epoch 2") for name in "abcde"]
    assert summarise(ranked(*ONE, *lost[:3]))["cautions"][-1].endswith("have no figures: a, b, c.")
    assert summarise(ranked(*ONE, *lost))["cautions"] == ["5 recipes diverged and have no figures: a, b, c and 2 more."]
