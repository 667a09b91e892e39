"""What a recipe takes from the recipe that it is based on."""

import copy

import pytest
from small_config import SCHEMA, complaint, small

from headstart.config.check import check
from headstart.config.inheritance import inherit
from headstart.core.errors import InputError

HEAD = {"kind": "head", "network": {"dense": [8], "dropout": 0.5}, "schedule": {"epochs": 2}, "skip": "too large"}


def test_a_recipe_has_its_base_s_settings_but_for_its_own():
    recipes = {"folds": {"based_on": "head", "network": {"dense": [4]}, "cross_validate": True}, "head": HEAD}
    before = copy.deepcopy(HEAD)
    inherit(recipes)
    assert recipes["folds"] == {
        "based_on": None,
        "kind": "head",
        "network": {"dense": [4], "dropout": 0.5},
        "schedule": {"epochs": 2},
        "cross_validate": True,
    }
    assert recipes["head"] == HEAD == before
    recipes["folds"]["schedule"]["epochs"] = 9
    assert HEAD["schedule"]["epochs"] == 2


def test_a_base_may_have_a_base_in_any_order():
    recipes = {"c": {"based_on": "b", "members": 3}, "b": {"based_on": "a", "mean": "geometric"}, "a": HEAD}
    inherit(recipes)
    assert (recipes["c"]["kind"], recipes["c"]["mean"], recipes["c"]["members"]) == ("head", "geometric", 3)
    assert "members" not in recipes["b"]


@pytest.mark.parametrize(
    ("recipes", "said"),
    [
        ({"a": {"based_on": "b"}}, r"recipes.a.based_on: no such recipe \(got 'b'\). Expected one of a."),
        ({"a": {"based_on": "a"}}, r"based on itself \(got 'a': a → a\)"),
        ({"a": {"based_on": "b"}, "b": {"based_on": "a"}}, r"based on itself \(got 'a': a → b → a\)"),
    ],
)
def test_a_base_that_is_not_there_and_a_circle_are_refused(recipes, said):
    with pytest.raises(InputError, match=said):
        inherit(recipes)


def test_a_config_is_the_same_when_it_is_checked_again():
    config = small(**{"recipes/more": {"based_on": "head", "members": 3}})
    check(config, SCHEMA)
    again = copy.deepcopy(config)
    check(again, SCHEMA)
    assert again == config
    assert config["recipes"]["more"] == config["recipes"]["head"] | {"members": 3}


def test_what_is_inherited_is_checked_like_what_is_written():
    assert "recipes.more.members: got 0, expected 1 or more" in complaint(
        **{"recipes/more": {"based_on": "head", "members": 0}}
    )
    assert "recipes.more: got 3, expected object" in complaint(**{"recipes/more": 3})
