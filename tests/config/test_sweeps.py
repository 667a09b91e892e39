"""Sweeps: recipes for every combination of some settings, their table and their picture."""

import copy
import json

import compare_sweep
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from small_config import SCHEMA, small
from snakemake.utils import Paramspace

from headstart.config import sweeps
from headstart.config.check import check
from headstart.core.errors import InputError
from headstart.formats import predictions
from headstart.formats.predictions import Part
from headstart.report import sweep_results

VARY = {"network.dropout": [0, 0.5], "schedule.epochs": [1, 2, 3]}
SWEEP = {"dataset": "pets", "recipe": "head", "grid": VARY}
RECIPES = {"head": {"network": {"dropout": 0.1}, "schedule": {"epochs": 9}, "lecture_schedule": {"epochs": 99}}}


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
    assert found["head-dropout~0.5_epochs~3"] == {
        "network": {"dropout": 0.5},
        "schedule": {"epochs": 3},
        "lecture_schedule": None,
    }
    assert before == RECIPES


def swept(**changes):
    return small(sweeps={"try": {**SWEEP, **changes}})


def test_a_config_has_the_recipes_of_its_sweeps_and_stays_the_same_when_checked_again():
    config = swept()
    check(config, SCHEMA)
    assert config["recipes"]["head-dropout~0.5_epochs~3"]["schedule"]["epochs"] == 3
    again = copy.deepcopy(config)
    check(again, SCHEMA)
    assert again == config


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipe": "hed"}, "sweeps.try.recipe: no such recipe (got 'hed'). Expected one of head, tuned."),
        ({"dataset": "dogs"}, "sweeps.try.dataset: no such dataset (got 'dogs'). Expected one of pets."),
        ({"grid": {"network.drop": [0]}}, "sweeps.try.grid: recipe head has no such setting (got 'network.drop')."),
        ({"grid": {"dropout": [0]}}, "sweeps.try.grid: recipe head has no such setting (got 'dropout')."),
        ({"grid": {"kind.x": [0]}}, "sweeps.try.grid: recipe head has no such setting (got 'kind.x')."),
        ({"grid": {"network.dropout": []}}, "sweeps.try.grid.network.dropout: expected 1 or more items, got 0"),
        ({"grid": {"network.dropout": [1]}}, "recipes.head-dropout~1.network.dropout: got 1, expected less than 1"),
        ({"grid": {"precision": ["a/b"]}}, "sweeps.try.grid.precision.0: got 'a/b', expected text that matches"),
        ({"grid": {"network.l1": [0], "network.l2": [0]}}, None),
        (
            {"grid": {"surgery.batch_norm": [False], "network.batch_norm": [True]}},
            "two settings have the same last word (got surgery.batch_norm,",
        ),
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


def figures(loss, **changes):
    return {
        "images": 40,
        "accuracy": 1 - loss,
        "accuracy_95": [1 - loss - 0.1, 1 - loss + 0.05],
        "log_loss": loss,
        "log_loss_95": [loss / 2, loss * 3],
        "interval_note": "",
        "diverged": None,
        **changes,
    }


def test_the_table_has_a_row_a_point():
    points = sweeps.points(VARY)
    metrics = [figures(0.1 * number) for number in range(5)]
    metrics.append(
        figures(0.5, accuracy_95=None, log_loss_95=None, interval_note="no interval: all images are of one group")
    )
    frame = sweep_results.table(points, metrics, ["", "", "accuracy", "", "log_loss", "unknown"])
    settings = {"dropout": [0, 0, 0, 0.5, 0.5, 0.5], "epochs": [1, 2, 3, 1, 2, 3]}
    expected = settings | {
        "images": [40] * 6,
        "accuracy": [1, 0.9, 0.8, 0.7, 0.6, 0.5],
        "low": [0.9, 0.8, 0.7, 0.6, 0.5, np.nan],
        "high": [1.05, 0.95, 0.85, 0.75, 0.65, np.nan],
        "log_loss": [0, 0.1, 0.2, 0.3, 0.4, 0.5],
        "log_loss_low": [0, 0.05, 0.1, 0.15, 0.2, np.nan],
        "log_loss_high": [0, 0.3, 0.6, 0.9, 1.2, np.nan],
        "worse_in": ["", "", "accuracy", "", "log_loss", "unknown"],
        "note": [""] * 5 + ["no interval: all images are of one group"],
    }
    assert list(frame.columns) == list(expected)
    for column in list(expected)[:-2]:
        assert frame[column].tolist() == pytest.approx(expected[column], nan_ok=True), column
    assert frame[["worse_in", "note"]].to_dict("list") == {name: expected[name] for name in ("worse_in", "note")}


def point(right, sure, ids=None):
    """Predictions of two classes, where ``right`` says which images are right, all as ``sure``."""
    right = np.array(right, bool)
    own = np.where(right, sure, 1 - sure)
    ids = [f"i{number}" for number in range(len(right))] if ids is None else ids
    return Part(ids, np.stack([own, 1 - own], axis=1), np.zeros(len(right), int))


def images(groups):
    ids = [f"i{number}" for number in range(len(groups))]
    return pd.DataFrame({"id": ids, "group": groups, "digest": ids})


RIGHT = np.arange(60) % 10 > 0  # nine of ten


def test_points_that_do_not_differ_are_not_worse():
    fewer = np.arange(60) % 10 > 1  # all mistakes of RIGHT, and as many again
    points = [point(RIGHT, 0.9), point(np.roll(RIGHT, 3), 0.89), point(fewer, 0.9), point(RIGHT, 0.6)]
    found = sweep_results.worse(points, images([""] * 60))
    assert found == ["", "", "accuracy, log_loss", "log_loss"]


def test_groups_decide_whether_points_differ():
    one = np.arange(60) >= 9  # all nine mistakes are of one group of five
    points = [point(np.ones(60), 0.9), point(one, 0.9)]
    assert sweep_results.worse(points, images([""] * 60)) == ["", "accuracy, log_loss"]
    assert sweep_results.worse(points, images([f"p{number // 12}" for number in range(60)])) == ["", ""]
    assert sweep_results.worse(points, images(["p"] * 60)) == ["unknown", "unknown"]


def test_points_are_compared_on_the_images_that_all_predict():
    ids = [f"i{number}" for number in range(60)]
    first, second = point(np.ones(60), 0.9, ids), point(np.arange(60) >= 20, 0.9, ids[::-1])
    short = point(np.ones(40), 0.9, ids[:40])
    assert sweep_results.worse([first, second], images([""] * 60)) == ["", "accuracy, log_loss"]
    assert sweep_results.worse([first, second, short], images([""] * 60)) == ["", "", ""]  # mistakes are in the rest
    assert sweep_results.worse([point([1], 0.9, ["i0"]), point([1], 0.9, ["i1"])], images([""] * 60)) == ["unknown"] * 2


@pytest.mark.parametrize("vary", [{"network.dropout": [0, 0.5]}, VARY, {"unfreeze_from": ["head", "block5"]}])
def test_the_same_table_is_the_same_picture(vary, tmp_path):
    points = sweeps.points(vary)
    frame = sweep_results.table(points, [figures(0.05 * number) for number in range(len(points))], [""] * len(points))
    for name in "ab":
        sweep_results.draw(frame, list(points[0]), "pets head", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_picture_shows_which_points_are_worse_and_the_intervals(tmp_path):
    points, inks = sweeps.points({"network.dropout": [0, 0.5]}), set()
    kinds = [
        (["", ""], {}),
        (["", "accuracy"], {}),
        (["", "log_loss"], {}),
        (["", ""], {"accuracy_95": None}),
        (["", ""], {"log_loss_95": None}),
        (["", ""], {"interval_note": "interval over only 5 groups"}),
    ]
    for worse, changes in kinds:
        frame = sweep_results.table(points, [figures(0.1), figures(0.3, **changes)], worse)
        sweep_results.draw(frame, ["dropout"], "pets head", tmp_path / "sweep.png")
        inks.add((tmp_path / "sweep.png").read_bytes())
    assert len(inks) == len(kinds)


def test_points_that_are_worse_are_hollow(tmp_path, monkeypatch):
    filled = []
    plot = Axes.plot
    monkeypatch.setattr(Axes, "plot", lambda axes, *given, **style: filled.append(given) or plot(axes, *given, **style))
    points = sweeps.points({"network.dropout": [0, 0.3, 0.5]})
    frame = sweep_results.table(points, [figures(0.1)] * 3, ["", "accuracy", "accuracy, log_loss"])
    sweep_results.draw(frame, ["dropout"], "pets head", tmp_path / "sweep.png")
    assert [given[0].tolist() for given in filled if given[-1] == "o"] == [["0.0"], ["0.0", "0.3"]]


def test_the_bars_reach_to_the_ends_of_the_intervals(tmp_path, monkeypatch):
    bars = []
    draw = Axes.errorbar
    monkeypatch.setattr(
        Axes, "errorbar", lambda axes, *given, **style: bars.append(given) or draw(axes, *given, **style)
    )
    frame = sweep_results.table([{"dropout": 0}], [figures(0.2)], [""])
    sweep_results.draw(frame, ["dropout"], "pets head", tmp_path / "sweep.png")
    ends = [(float(value - below), float(value + above)) for _, (value,), ((below,), (above,)) in bars]
    assert ends == [pytest.approx((0.7, 0.85)), pytest.approx((0.1, 0.6))]


def test_the_stage_reads_validation_alone(tmp_path):
    paths = []
    for number, right in enumerate((RIGHT, np.roll(RIGHT, 1) & RIGHT)):
        path = tmp_path / f"{number}.h5"
        predictions.write(path, {"validation": point(right, 0.9), "test": point(np.ones(60), 0.9)}, ["cat", "dog"])
        numbers = {"validation": figures(0.1 + 0.1 * number), "test": figures(0)}
        (tmp_path / f"{number}.json").write_text(json.dumps({"diverged": None, "parts": numbers}))
        paths.append(path)
    images([""] * 60).to_csv(tmp_path / "manifest.csv", index=False)
    compare_sweep.main(
        metrics=[tmp_path / "0.json", tmp_path / "1.json"],
        predictions=paths,
        manifest=tmp_path / "manifest.csv",
        points=sweeps.points({"network.dropout": [0, 0.5]}),
        csv=tmp_path / "sweep.csv",
        png=tmp_path / "sweep.png",
        title="pets head",
    )
    found = pd.read_csv(tmp_path / "sweep.csv", keep_default_na=False)
    assert found["accuracy"].tolist() == [0.9, 0.8]
    assert found["worse_in"].tolist() == ["", "accuracy, log_loss"]
    assert (tmp_path / "sweep.png").stat().st_size > 10_000


def test_text_of_a_sweep_is_no_markup(tmp_path):
    points = sweeps.points({"network.$x$": ["$\\oops$", "_a"], "network.$\\y$": [0, 1]})
    frame = sweep_results.table(points, [figures(0.05 * number) for number in range(len(points))], [""] * len(points))
    sweep_results.draw(frame, list(points[0]), "$\\oops$ head", tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").stat().st_size
