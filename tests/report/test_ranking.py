"""Recipes are ranked on the same images; others are compared on the images that both have."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from headstart.core.files import write_json
from headstart.evaluation import intervals
from headstart.formats.predictions import Part
from headstart.report import leaderboard, overview, page, ranking

TEMPLATE = Path(__file__).resolve().parents[2] / "workflow" / "report" / "index.html"
LATER = {"story": [("Inputs", "3 files")], "settings": "{}", "seconds": None}  # what chapter and report add to a row


def measured(folder, recipe, accuracy, log_loss=0.1, images=4, **more):
    """A metrics file of two members, the first a little better and the second a little worse."""
    numbers = {"images": images, "groups": more.pop("groups", 0), "accuracy": accuracy, "accuracy_95": [0.1, 0.9]}
    numbers |= {"log_loss": log_loss, "log_loss_95": [0.05, 0.2]}
    numbers |= {"majority": more.pop("majority", None), "interval_note": more.pop("interval_note", "")}
    part, members = more.pop("part", "validation"), [{"accuracy": accuracy + step} for step in (0.01, -0.03)]
    write_json(
        folder / f"{recipe}.json",
        {
            "dataset": "pets",
            "recipe": recipe,
            "diverged": None,
            "note": "",
            "parts": {"validation": {}, part: numbers},
            "members": [{"validation": {}, part: member} for member in members],
            **more,
        },
    )
    return folder / f"{recipe}.json"


def test_rows_are_ranked_by_accuracy_then_log_loss_then_name(tmp_path):
    figures = {"e": (0.8, 0.2), "c": (0.9, 0.3), "d": (0.9, 0.2), "b": (0.9, 0.2), "a": (0.7, 0.1)}
    metrics = [measured(tmp_path, recipe, *numbers) for recipe, numbers in figures.items()]
    assert [row["recipe"] for row in leaderboard.rows(metrics, [], {})] == ["b", "d", "c", "e", "a"]


def test_a_row_has_the_figures_of_the_part_that_counts(tmp_path):
    path = measured(tmp_path, "head", 0.9, 0.3, 48, part="test", groups=3, majority=0.5, interval_note="few")
    lecture = {"head": {"member": 0.98}}
    (row,) = leaderboard.rows([path], [], lecture)
    assert row == {
        "recipe": "head",
        "part": "test",
        "images": 48,
        "groups": 3,
        "accuracy": 0.9,
        "accuracy_95": [0.1, 0.9],
        "log_loss": 0.3,
        "log_loss_95": [0.05, 0.2],
        "majority": 0.5,
        "interval_note": "few",
        "members": 2,
        "member_accuracy": pytest.approx(0.89),
        "lecture": 0.98,
        "parameters": None,
        "diverged": None,
    }
    assert leaderboard.rows([path], [], {"head": {"member": 0.98, "ensemble": 0.99}})[0]["lecture"] == 0.99
    assert leaderboard.rows([path], [], {"other": {"member": 0.98}})[0]["lecture"] is None
    (row,) = leaderboard.rows([measured(tmp_path, "head", 0.9)], [], {})
    assert (row["part"], row["majority"], row["interval_note"]) == ("validation", None, "")


def test_what_diverged_is_last_and_has_no_figures(tmp_path):
    metrics = [measured(tmp_path, "a", 0.9, diverged="epoch 2"), measured(tmp_path, "b", 0.1, diverged=None)]
    metrics.append(measured(tmp_path, "c", 0.2))
    found = leaderboard.rows(metrics, [], {})
    assert [(row["recipe"], row["diverged"]) for row in found] == [("c", None), ("b", None), ("a", "epoch 2")]
    assert {row["accuracy"] for row in found[2:]} == {None} and found[1]["accuracy"] == 0.1


def right(*values, start=0):
    return pd.Series(np.array(values, bool), index=[f"i{number}" for number in range(start, start + len(values))])


def manifest(count, groups=None):
    ids = [f"i{number}" for number in range(count)]
    return pd.DataFrame({"id": ids, "group": groups or "", "digest": ids}).set_index("id")


def row(recipe, values, **more):
    """A row of `leaderboard.rows`, as far as ranking reads it."""
    made = {"recipe": recipe, "part": "validation", "images": len(values), "groups": 0, "accuracy": values.mean()}
    return made | {"majority": None, "interval_note": "", "diverged": None, **more}


def test_right_is_by_image():
    part = Part(["b", "a"], np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([0, 0]))
    assert ranking.right(part).to_dict() == {"b": False, "a": True}


def test_a_paired_difference_is_of_the_images_that_both_have_by_id():
    one, other = right(1, 1, 0, 1, 1, 1), right(1, 0, 0, 0, 1, start=2)  # i0 … i5 and i2 … i6
    found = ranking.paired(one, other.iloc[::-1], manifest(7))
    assert found["images"] == 4
    assert (found["accuracy"], found["other_accuracy"]) == (0.75, 0.25)
    expected = intervals.accuracy_difference([0, 1, 1, 1], [1, 0, 0, 0], list("abcd"))
    assert (found["difference"], *found["difference_95"]) == expected
    assert expected[0] == 0.5
    assert ranking.paired(one, right(1, start=6), manifest(7)) is None


def test_a_paired_difference_is_over_groups_and_of_one_group_has_no_interval():
    one, other = right(1, 1, 1, 1, 0, 0), right(0, 0, 0, 1, 0, 0)
    found = ranking.paired(one, other, manifest(6, list("aaabbb")))
    assert tuple(found["difference_95"]) == intervals.accuracy_difference(one, other, list("aaabbb"))[1:]
    found = ranking.paired(one, other, manifest(6, ["a"] * 6))
    assert (found["difference"], found["difference_95"]) == (0.5, None)


def test_figures_of_few_images_do_not_rank_above_those_of_all():
    """The case of the issue: `head`, on 48 images, above `head-linear`, on 240, though on the 48 that one is better."""
    folds = right(*[1] * 48, *[1, 1, 1, 0] * 48)
    rights = {
        "head": right(*[1] * 47, 0),
        "again": right(*[1] * 46, 0, 0),
        "head-linear": folds,
        "head-folds": right(*[0] * 48, *[1, 1, 1, 0] * 48),
    }
    rows = [row(name, values) for name, values in rights.items()]
    rows.sort(key=lambda one: -one["accuracy"])
    assert rows[0]["recipe"] == "head"
    first, second = ranking.sets(rows, rights, manifest(240))
    assert [one["recipe"] for one in first["rows"]] == ["head-linear", "head-folds"]
    assert [one["recipe"] for one in second["rows"]] == ["head", "again"]
    assert (first["images"], first["best"], first["against"], first["paired"]) == (240, "head-linear", None, [])
    assert (second["images"], second["best"], second["against"]) == (48, "head", "head-linear")
    assert [one["recipe"] for one in second["paired"]] == ["head", "again"]
    assert second["paired"][0] == {"recipe": "head", **ranking.paired(rights["head"], folds, manifest(240))}
    assert second["paired"][0]["images"] == 48
    assert second["paired"][0]["difference"] == pytest.approx(-1 / 48)
    assert first["rows"][0]["to_best"] is None
    assert first["rows"][1]["to_best"]["difference"] == pytest.approx(-48 / 240)
    assert first["rows"][1]["to_best"]["images"] == 240
    assert second["rows"][1]["to_best"]["difference"] == pytest.approx(-1 / 48)


def test_as_many_other_images_are_another_set():
    rights = {"a": right(1, 1), "b": right(1, 0, start=1), "c": right(0, 0)}
    first, second = ranking.sets([row(name, values) for name, values in rights.items()], rights, manifest(3))
    assert [[one["recipe"] for one in ranked["rows"]] for ranked in (first, second)] == [["a", "c"], ["b"]]
    assert second["paired"][0]["images"] == 1


def test_sets_that_share_no_image_are_not_compared():
    rights = {"a": right(1, 1), "b": right(1, start=2)}
    found = ranking.sets([row(name, values) for name, values in rights.items()], rights, manifest(3))
    assert found[1]["paired"] == []


def test_a_random_split_of_groups_is_a_set_of_its_own():
    rights = {"random": right(1, 1, 1), "grouped": right(1, 0, 1)}
    rows = [row(name, values, groups=3) for name, values in rights.items()]
    first, second = ranking.sets(rows, rights, manifest(3, list("abc")), ["random"])
    assert (first["random"], first["best"]) == (False, "grouped")
    assert (second["random"], second["best"], second["against"]) == (True, "random", "grouped")
    assert second["paired"][0]["difference"] == pytest.approx(1 / 3)
    rows = [row(name, values) for name, values in rights.items()]  # without groups, it is a split like any other
    (both,) = ranking.sets(rows, rights, manifest(3), ["random"])
    assert (both["random"], both["best"]) == (False, "random")


def test_what_diverged_is_neither_the_best_nor_compared():
    rights = {"a": right(1, 0), "b": right(1, 1), "c": right(1)}
    said = {"diverged": "epoch 2"}
    rows = [row("a", rights["a"]), row("b", rights["b"], **said), row("c", rights["c"], **said)]
    first, second = ranking.sets(rows, rights, manifest(2))
    assert (first["best"], [one["to_best"] for one in first["rows"]]) == ("a", [None, None])
    assert (second["best"], second["paired"], second["rows"][0]["to_best"]) == (None, [], None)
    lost, other = ranking.sets([row("c", rights["c"]), row("b", rights["b"], **said)], rights, manifest(2))
    assert (lost["best"], lost["rows"][0]["to_best"]) == (None, None)
    assert (other["best"], other["against"], other["paired"]) == ("c", None, [])


def test_a_set_says_what_holds_for_all_of_its_rows():
    values = right(1, 0)
    (found,) = ranking.sets(
        [row("a", values, groups=2, majority=0.5, interval_note="few")], {"a": values}, manifest(2, list("ab"))
    )
    told = {key: found[key] for key in ("part", "images", "groups", "majority", "note")}
    assert told == {"part": "validation", "images": 2, "groups": 2, "majority": 0.5, "note": "few"}


@pytest.fixture
def written(tmp_path):
    """Writes the page of one dataset with these sets, and returns it as text, from the leaderboard on."""

    def write(sets):
        for ranked in sets:
            ranked["rows"] = [one | LATER for one in ranked["rows"]]
        pictures = dict.fromkeys(("learning", "calibration", "confusion", "split"), "data:,")
        layers = {"image": "data:,", "layers": [], "filters": [], "mistakes": []}
        dataset = {"name": "pets", "inspected": "head", "sets": sets, "unit": "class", "curves": []}
        dataset |= {"gallery": {"part": "test", "images": 4, "kinds": {}}, "layers": layers, "previews": []}
        found = overview.summarise(sets, [], "", [], None)
        page.write(
            tmp_path / "index.html",
            TEMPLATE,
            datasets=[dataset | pictures | {"confused": "", "audit": None, "overview": found}],
            systems=dict.fromkeys(("descent", "edges", "matrix", "pooling", "softmax", "vgg16"), "data:,"),
            layers=[],
            frames=3,
        )
        text = (tmp_path / "index.html").read_text(encoding="utf-8")
        return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", text[text.index('<h3 id="pets-leaderboard"') :]))

    return write


def test_the_page_has_a_table_a_set_and_what_sets_share(tmp_path, written):
    accuracies = {"head": 1.0, "linear": 0.75, "folds": 0.5, "lost": 0.5}
    more = {"majority": 0.625, "groups": 4, "interval_note": "interval over only 4 groups"}
    metrics = [measured(tmp_path, name, value, images=4, **more) for name, value in accuracies.items()]
    single = {"images": 2, "groups": 1, "interval_note": "no interval: all images are of one group"}
    metrics[0] = measured(tmp_path, "head", 1.0, **single)
    metrics[3] = measured(tmp_path, "lost", 0.5, images=4, diverged="member 1: loss in epoch 2", **more)
    rows = leaderboard.rows(metrics, [], {})
    rows[0] |= {"accuracy_95": None, "log_loss_95": None}
    rights = {"head": right(1, 1), "linear": right(0, 1, 1, 1), "folds": right(1, 0, 1, 0), "lost": right(0, 0, 0, 0)}
    text = written(ranking.sets(rows, rights, manifest(4, list("aabb"))))
    first, _, second = text.partition("On 2 validation images of 1 group ")
    assert "On 4 validation images of 4 groups " in first
    assert "linear 0.7500 0.1000 to 0.9000 the best 0.1000" in first
    assert re.search(r"folds 0\.5000 0\.1000 to 0\.9000 -0\.2500 -\d\.\d+ to \+\d\.\d+ 0\.1000", first)
    assert "lost diverged 2 " in first
    assert "always the commonest class 0.6250" in first
    assert "Interval over only 4 groups." in first
    assert "head 1.0000 the best 0.1000 2 0.9900" in second
    assert "No interval: all images are of one group." in second
    assert "commonest" not in second
    assert "Compared with linear, on the images that both predict" in second
    assert "head 2 1.0000 0.5000 +0.5000" in second
    assert "lost: diverged Diverged: member 1: loss in epoch 2." in second


def test_the_page_says_what_a_random_split_does(written):
    rights = {"random": right(1, 1), "grouped": right(1, 0)}
    figures = {"accuracy_95": None, "log_loss": 0.1, "log_loss_95": None, "lecture": None, "members": 1}
    figures |= {"member_accuracy": 1.0, "parameters": None, "majority": 0.5, "groups": 2}
    rows = [row(name, values, **figures) for name, values in rights.items()]
    text = written(ranking.sets(rows, rights, manifest(2, list("ab")), ["random"]))
    assert "On 2 validation images of 2 groups, split at random Images of one group are in training and in" in text
