"""Sweeps: recipes for every combination of some settings, their table and their picture."""

import copy

import pandas as pd
import pytest
from small_config import SCHEMA, small
from snakemake.utils import Paramspace

from headstart import sweep_results, sweeps
from headstart.config import check
from headstart.errors import InputError

VARY = {"network.dropout": [0, 0.5], "schedules.fast.epochs": [1, 2, 3]}
SWEEP = {"dataset": "pets", "recipe": "head", "vary": VARY}
RECIPES = {"head": {"network": {"dropout": 0.1}, "schedules": {"fast": {"epochs": 9}, "slow": {"epochs": 99}}}}


def test_points_are_every_combination():
    found = sweeps.points(VARY)
    assert found[0] == {"dropout": 0, "epochs": 1}
    assert [(point["dropout"], point["epochs"]) for point in found] == [
        (0, 1), (0, 2), (0, 3), (0.5, 1), (0.5, 2), (0.5, 3),
    ]  # fmt: skip


def test_recipes_are_named_as_snakemake_writes_points():
    found = sweeps.points(VARY | {"network.batch_norm": [True, "blocks"]})
    space = Paramspace(pd.DataFrame(found, dtype=object), filename_params="*")
    assert [sweeps.name("head", point) for point in found] == [f"head-{name}" for name in space.instance_patterns]


def test_a_variant_differs_in_its_settings_alone_and_leaves_the_recipe_as_it_is():
    before = copy.deepcopy(RECIPES)
    found = sweeps.variants(SWEEP, RECIPES)
    assert len(found) == 6
    assert found["head-dropout~0.5_epochs~3"] == {"network": {"dropout": 0.5}, "schedules": {"fast": {"epochs": 3}}}
    assert before == RECIPES


def swept(**changes):
    return small(sweeps={"try": {**SWEEP, **changes}})


def test_a_config_has_the_recipes_of_its_sweeps_and_stays_the_same_when_checked_again():
    config = swept()
    check(config, SCHEMA)
    assert config["recipes"]["head-dropout~0.5_epochs~3"]["schedules"]["fast"]["epochs"] == 3
    again = copy.deepcopy(config)
    check(again, SCHEMA)
    assert again == config


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipe": "hed"}, "sweeps.try.recipe: got 'hed', expected one of head, tuned"),
        ({"dataset": "dogs"}, "sweeps.try.dataset: got 'dogs', expected one of pets"),
        ({"vary": {"network.drop": [0]}}, "sweeps.try.vary: got 'network.drop', expected a key that recipe head has"),
        ({"vary": {"dropout": [0]}}, "sweeps.try.vary: got 'dropout', expected a key that recipe head has"),
        ({"vary": {"kind.x": [0]}}, "sweeps.try.vary: got 'kind.x', expected a key that recipe head has"),
        ({"vary": {"network.dropout": []}}, "sweeps.try.vary.network.dropout: expected 1 or more items, got 0"),
        ({"vary": {"network.dropout": [1]}}, "recipes.head-dropout~1.network.dropout: got 1, expected less than 1"),
        ({"vary": {"precision": ["a/b"]}}, "sweeps.try.vary.precision.0: got 'a/b', expected text like"),
        ({"vary": {"network.l1": [0], "network.l2": [0]}}, None),
        ({"vary": {"surgery.batch_norm": [False], "network.batch_norm": [True]}}, "whose last words differ"),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_work_is_refused(changes, said):
    if said is None:
        check(swept(**changes), SCHEMA)
        return
    with pytest.raises(InputError) as caught:
        check(swept(**changes), SCHEMA)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def figures(loss):
    return {"images": 40, "accuracy": 1 - loss, "accuracy_95": [1 - loss - 0.1, 1 - loss + 0.05], "log_loss": loss}


def test_the_table_has_a_row_a_point():
    points = sweeps.points(VARY)
    frame = sweep_results.table(points, [figures(0.1 * number) for number in range(6)])
    assert list(frame.columns) == ["dropout", "epochs", "images", "accuracy", "low", "high", "log_loss"]
    assert frame["log_loss"].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert frame.iloc[4][["dropout", "epochs"]].tolist() == [0.5, 2]


@pytest.mark.parametrize("vary", [{"network.dropout": [0, 0.5]}, VARY, {"depth": ["head", "block5"]}])
def test_the_same_table_is_the_same_picture(vary, tmp_path):
    points = sweeps.points(vary)
    frame = sweep_results.table(points, [figures(0.05 * number) for number in range(len(points))])
    for name in "ab":
        sweep_results.draw(frame, list(points[0]), "pets head", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_text_of_a_sweep_is_no_markup(tmp_path):
    points = sweeps.points({"network.$x$": ["$\\oops$", "_a"], "network.$\\y$": [0, 1]})
    frame = sweep_results.table(points, [figures(0.05 * number) for number in range(len(points))])
    sweep_results.draw(frame, list(points[0]), "$\\oops$ head", tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").stat().st_size
