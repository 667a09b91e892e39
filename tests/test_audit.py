"""The audit of a split: what pictures of the same group give away."""

import numpy as np
import pytest

from headstart import audit

RNG = np.random.default_rng(0)


def test_pictures_of_a_group_that_look_alike_are_found():
    groups = np.repeat(["ann", "bob", "cy"], 4)
    places = {"ann": [9, 0, 0], "bob": [0, 9, 0], "cy": [0, 0, 9]}
    features = np.array([places[name] for name in groups]) + RNG.normal(size=(12, 3))
    assert audit.kinship(features, groups) == (1.0, pytest.approx(3 / 11))


def test_pictures_that_say_nothing_of_their_group_are_near_by_chance():
    groups = np.repeat(np.arange(10), 100)
    share, chance = audit.kinship(RNG.normal(size=(1000, 8)), groups)
    assert chance == pytest.approx(99 / 999)
    assert share == pytest.approx(chance, abs=0.04)


def test_half_of_the_groups_alike_is_a_half():
    features = np.array([[1, 0.01], [1, 0.02], [0.01, 1], [0.02, 1]])
    assert audit.kinship(features, ["a", "a", "b", "c"])[0] == 0.5


def figures(accuracy, low=0.0, high=1.0):
    return {"accuracy": accuracy, "accuracy_95": [low, high], "log_loss": 0.5}


@pytest.mark.parametrize(
    ("random", "said"),
    [
        (0.98, "flatters: believe the grouped figure for new ones"),
        (0.8, "agree within"),
        (0.7, "the random split is the harder one"),
    ],
)
def test_the_sentence_says_what_it_means(random, said):
    text = audit.sentence("head", figures(random), figures(0.79, 0.77, 0.81), 0.996, 0.05)
    assert said in text
    assert f"{random:.3f}" in text and "0.790" in text and "100%" in text and "5%" in text
    assert "\n" not in text
