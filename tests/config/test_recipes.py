"""Recipes as they are trained."""

from small_config import LECTURE, SCHEMA, small

from headstart.config import recipes
from headstart.config.check import check


def test_members_go_round_the_folds():
    entry = {"hold_out": True, "cross_validate": True}
    assert [recipes.fold(entry, member, 3) for member in range(1, 8)] == [0, 1, 2, 0, 1, 2, 0]
    assert {recipes.fold({**entry, "cross_validate": False}, member, 3) for member in range(1, 8)} == {0}
    assert recipes.fold({"hold_out": False, "cross_validate": False}, 2, 3) is None
    assert recipes.validated({**entry, "members": 7}, 3) == [0, 1, 2]
    assert recipes.validated({**entry, "cross_validate": False, "members": 6}, 3) == [0]
    assert recipes.validated({"hold_out": False, "cross_validate": False, "members": 6}, 3) == []


def test_another_schedule_is_another_recipe():
    config = small(**{"recipes/head/lecture_schedule": LECTURE, "datasets/pets/recipes": ["head", "head-lecture"]})
    check(config, SCHEMA)
    found = recipes.each(config["recipes"])
    assert list(found) == ["head", "head-lecture", "tuned"]
    own, other = found["head"].pop("schedule"), found["head-lecture"].pop("schedule")
    assert (recipes.epochs(own), recipes.epochs(other)) == (1, 5)
    assert other["piecewise"] == LECTURE["piecewise"]
    assert found["head"] == found["head-lecture"]
    assert found["head"]["entry"] == "head"


def test_the_report_looks_into_the_last_recipe_that_is_trained():
    known = {
        "head": {"skip": None, "schedule": {"epochs": 1}},
        "mean": {"skip": None, "schedule": None},
        "big": {"skip": "too large", "schedule": {"epochs": 1}},
    }
    assert recipes.shown({"inspect": None, "recipes": ["head", "mean", "big"]}, known) == "head"
    assert recipes.shown({"inspect": "mean", "recipes": ["head", "mean"]}, known) == "mean"
    assert recipes.shown({"inspect": None, "recipes": ["mean"]}, known) == "mean"
    assert recipes.usable({"pets": {"recipes": list(known)}, "cars": {"recipes": ["head"]}}, known, ["pets"]) == [
        ("pets", "head")
    ]


def test_the_folds_held_out_are_those_of_recipes_that_run_under_a_split():
    trains = {
        "kind": "head",
        "skip": None,
        "hold_out": True,
        "cross_validate": True,
        "split": "grouped",
        "init_from": None,
    }
    known = {
        "three": {**trains, "members": 3},
        "one": {**trains, "members": 4, "cross_validate": False},
        "all": {**trains, "members": 9, "skip": "too large"},
        "random": {**trains, "members": 2, "split": "random"},
        "none": {**trains, "members": 5, "cross_validate": False, "hold_out": False},
        "mean": {"kind": "postprocess", "skip": None, "init_from": ["one", "three"]},
    }
    assert recipes.held_out(known, ["one", "all", "random", "none"], "grouped", 5) == [0]
    assert recipes.held_out(known, ["one", "all", "random", "none"], "random", 5) == [0, 1]
    assert recipes.held_out(known, ["mean"], "grouped", 5) == [0, 1, 2]
    assert recipes.held_out(known, ["none"], "grouped", 5) == []
