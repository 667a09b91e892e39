"""Training curves and what they say."""

import hashlib

import matplotlib as mpl
import numpy as np
import pandas as pd
import plot_curves as stage
import pytest
from matplotlib.figure import Figure
from PIL import Image

from headstart.evaluation import intervals
from headstart.formats import predictions
from headstart.formats.predictions import Part
from headstart.report import curves, plots


def history(accuracy, validation, loss=0.1, epochs=3):
    """A history that ends in these figures."""
    rise = np.linspace(0.8, 1, epochs)
    return pd.DataFrame(
        {
            "epoch": range(1, epochs + 1),
            "learning_rate": 0.1,
            "loss": loss / rise,
            "accuracy": accuracy * rise,
            "validation_loss": np.nan if validation is None else loss / rise,
            "validation_accuracy": np.nan if validation is None else validation * rise,
        }
    )


def table(tmp_path, *histories):
    paths = [tmp_path / f"{number}.csv" for number in range(len(histories))]
    for path, frame in zip(paths, histories, strict=True):
        frame.to_csv(path, index=False)
    return curves.table(paths)


def test_the_table_has_every_epoch_of_every_member_in_order(tmp_path):
    frame = table(tmp_path, history(0.9, 0.9), history(0.7, 0.6, epochs=2))
    assert list(zip(frame["member"], frame["epoch"], strict=True)) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert frame["validation_accuracy"].iloc[-1] == 0.6
    assert list(frame.columns[:4]) == ["member", "epoch", "learning_rate", "loss"]


def rows(images, groups=1):
    """Rows of a manifest; with one group, that is with none."""
    group = [""] * images if groups == 1 else [f"p{number * groups // images}" for number in range(images)]
    return pd.DataFrame({"group": group, "digest": [str(number) for number in range(images)]})


def even(count, classes=10):
    """The labels of ``count`` training images, as many of each class."""
    return pd.Series([f"c{number % classes}" for number in range(count)])


def verdict(frame, validation, images, trained=None, groups=1, labels=None):
    """The verdict where ``validation`` of ``images`` are right, in ``groups`` groups, first the right ones."""
    right = (np.arange(images) < round(validation * images)).astype(float)
    return curves.verdict(frame, right, rows(images, groups), even(trained or images) if labels is None else labels)


NEITHER = "Neither over- nor underfitting: "


@pytest.mark.parametrize(
    ("accuracy", "validation", "images", "trained", "said"),
    [
        (0.99, 0.95, 1000, 4000, ("Overfitting: training accuracy 0.9900, validation accuracy 0.9500, gap +0.0400",)),
        (0.90, 0.95, 1000, 4000, ("Underfitting: training accuracy 0.9000, validation accuracy 0.9500, gap -0.0500",)),
        (0.955, 0.95, 1000, 4000, (NEITHER, "The gap may be chance.")),
        (0.99, 0.95, 20, 80, (NEITHER, "The gap may be chance.")),  # so few images cannot tell
        (1.0, 1.0, 1000, 4000, (NEITHER, "The gap may be chance.")),
        (1.0, 0.0, 10, 40, ("Overfitting", "dropout")),
        (1.0, 0.9975, 400, 1600, (NEITHER, "gap +0.0025", "The gap may be chance.")),  # the faces of a public set
        (1.0, 0.975, 40, 160, (NEITHER, "The gap may be chance.")),  # one wrong picture
        (1.0, 0.9975, 40_000, 160_000, (NEITHER, "gap is too small to matter.")),  # for certain a quarter of a point
        (0.9994, 0.9901, 10_000, 50_000, ("Overfitting",)),  # what the lecture calls so
        (0.71, 0.70, 100_000, 400_000, (NEITHER, "gap +0.0100", "too small to matter.")),  # a thirtieth of the errors
        (0.74, 0.70, 100_000, 400_000, ("Overfitting",)),
        (0.9901, 0.9994, 10_000, 50_000, ("Underfitting",)),
        (0.9975, 1.0, 40_000, 160_000, (NEITHER, "The gap is too small to matter.")),
    ],
)  # fmt: skip
def test_a_gap_that_matters_and_its_interval_decide(tmp_path, accuracy, validation, images, trained, said):
    found = verdict(table(tmp_path, history(accuracy, validation)), validation, images, trained)
    assert found.startswith(said[0])
    assert all(part in found for part in said), found


def test_the_interval_of_the_gap_is_made_of_those_of_both():
    # By hand: Wilson's of 1 on 160 images begins at .97655; of .975 on 40 it is .87119 to .99557.
    right = np.arange(40) > 0
    between, low, high = curves.gap(1.0, 160, right, np.arange(40))
    assert between == pytest.approx(0.025)
    assert low == pytest.approx(0.025 - np.hypot(1 - 0.97655, 0.99557 - 0.975), abs=1e-5)
    assert high == pytest.approx(0.025 + np.hypot(0, 0.975 - 0.87119), abs=1e-5)


def test_a_gap_is_seldom_seen_where_there_is_none():
    rng = np.random.default_rng(0)
    trained, right = rng.binomial(160, 0.99, 300) / 160, rng.random((300, 40)) < 0.99
    signs = [curves.gap(accuracy, 160, row, np.arange(40))[1:] for accuracy, row in zip(trained, right, strict=True)]
    assert np.mean([low > 0 for low, _ in signs]) < 0.05
    assert np.mean([high < 0 for _, high in signs]) < 0.05
    before = [accuracy > intervals.wilson(row.sum(), 40)[1] for accuracy, row in zip(trained, right, strict=True)]
    assert np.mean(before) > 0.05  # what was told before


def test_groups_decide_on_the_gap(tmp_path):
    frame = table(tmp_path, history(0.9, 0.7))
    assert verdict(frame, 0.7, 300, 1200).startswith("Overfitting")
    few = verdict(frame, 0.7, 300, 1200, groups=5)
    assert few.startswith(NEITHER)
    assert "; interval over only 5 groups)" in few
    assert "only" not in verdict(frame, 0.7, 300, 1200, groups=10)


def test_of_one_group_nothing_can_be_told(tmp_path):
    single = rows(40).assign(group="p0")
    found = curves.verdict(table(tmp_path, history(0.99, 0.5)), np.arange(40) % 2 * 1.0, single, even(160))
    assert found == (
        "Over- or underfitting cannot be judged: training accuracy 0.9900, validation accuracy 0.5000, gap +0.4900 "
        "(no interval: all images are of one group)."
    )


def test_the_verdict_is_on_the_mean_of_the_members_after_their_last_epoch(tmp_path):
    frame = table(tmp_path, history(1, 0.99), history(0.9, 0.89))
    assert "training accuracy 0.9500, validation accuracy 0.9400" in verdict(frame, 0.94, 50)


@pytest.mark.parametrize("loss", [2.3016, 14.5])
def test_a_loss_of_even_guesses_is_underfitting_whatever_the_gap(tmp_path, loss):
    text = verdict(table(tmp_path, history(0.11, 0.11, loss)), 0.11, 1000)
    assert text.startswith("Underfitting: the training loss")
    assert "not clearly below 2.303, the loss of predicting the class shares for every image. Nothing was" in text


@pytest.mark.parametrize(("loss", "learnt"), [(0.1985, False), (0.19, False), (0.187, True), (0.1, True)])
def test_where_classes_are_uneven_their_shares_are_the_guess(tmp_path, loss, learnt):
    """95 to 5: who answers with these shares has a loss of .1985, far below ln 2 = .6931, and has learned nothing."""
    labels = pd.Series(["sound"] * 95 + ["broken"] * 5)
    found = verdict(table(tmp_path, history(0.95, 0.95, loss)), 0.95, 100, labels=labels)
    assert found.startswith(NEITHER if learnt else "Underfitting: the training loss")
    assert learnt or "is not clearly below 0.199, the loss of predicting the class shares for every image." in found


@pytest.mark.parametrize("loss", [np.inf, np.nan])
def test_a_loss_that_is_no_number_is_told_as_such(tmp_path, loss):
    frame = table(tmp_path, history(0.9, 0.9), history(0.11, 0.11, loss, epochs=2))
    assert verdict(frame, 0.9, 100).startswith(
        "Diverged: the loss or a weight of member 2 was not finite in epoch 2 (1 of 2 members diverged). Lower the"
    )
    curves.draw(frame, "", "", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_a_member_that_did_not_train_is_told_and_drawn(tmp_path):
    nothing = history(np.nan, None, np.nan, epochs=1).assign(epoch=0, learning_rate=np.nan)
    frame = table(tmp_path, nothing, nothing)
    assert verdict(frame, 0.9, 100).startswith(
        "Diverged: member 1 builds on a training that diverged (2 of 2 members diverged)."
    )
    curves.draw(frame, "", "", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_one_member_that_diverged_in_its_last_epoch_is_told(tmp_path):
    diverged = history(0.9, 0.9)
    diverged.loc[2, ["loss", "validation_loss"]] = np.nan
    assert verdict(table(tmp_path, history(0.9, 0.9), diverged), 0.9, 100).startswith(
        "Diverged: the loss or a weight of member 2 was not finite in epoch 3 (1 of 2"
    )


def test_without_validation_there_is_no_gap(tmp_path):
    assert "no image was held out" in verdict(table(tmp_path, history(0.99, None)), 0, 0, 100)


def member(ids, right):
    """What a member predicts: of two classes, always 0, where the label is 0 if it is ``right``."""
    labels = 1 - np.array(right, int)
    return {"validation": Part(ids, np.tile([0.8, 0.2], (len(ids), 1)), labels)}


MANIFEST = pd.DataFrame(
    {
        "id": list("abcdefgh"),
        "label": ["x", "x", "x", "y", "y", "x", "x", ""],
        "group": ["p", "p", "q", "q", "r", "r", "r", ""],
        "part": ["train"] * 7 + ["test"],
        "digest": list("abcdefgh"),
        "status": ["ok"] * 6 + ["cannot be read", "ok"],
    }
)


def test_each_image_counts_once_with_the_share_of_members_that_are_right():
    members = [member(["c", "a"], [1, 0]), member(["c", "a"], [1, 1]), member(["e"], [0])]
    right, found = curves.held_out(members, MANIFEST)
    assert right.tolist() == [1, 0.5, 0]
    assert found["group"].tolist() == ["q", "p", "r"]
    right, found = curves.held_out([{}], MANIFEST)
    assert len(right) == len(found) == 0


def test_a_member_trains_on_what_it_does_not_hold_out():
    assert curves.trained(member(["c", "a"], [1, 0]), MANIFEST).tolist() == ["x", "y", "y", "x"]
    assert curves.trained({}, MANIFEST).tolist() == ["x", "x", "x", "y", "y", "x"]


def test_the_stage_judges_by_predictions_and_manifest(tmp_path):
    ids = [f"i{number}" for number in range(400)]
    columns = {"id": ids, "label": ["x", "y"] * 200, "group": "", "part": "train", "digest": ids, "status": "ok"}
    pd.DataFrame(columns).to_csv(tmp_path / "manifest.csv", index=False)
    for number, fold in enumerate((ids[:200], ids[200:])):
        history(1.0, 0.995 if number else 1.0).to_csv(tmp_path / f"{number}.csv", index=False)
        predictions.write(tmp_path / f"{number}.h5", member(fold, [True] * 199 + [not number]), ["x", "y"])
    stage.main(
        histories=[tmp_path / "0.csv", tmp_path / "1.csv"],
        members=[tmp_path / "0.h5", tmp_path / "1.h5"],
        manifest=tmp_path / "manifest.csv",
        title="faces head",
        **{name: tmp_path / f"curves.{name}" for name in ("csv", "png", "txt")},
    )
    said = (tmp_path / "curves.txt").read_text(encoding="utf-8")
    assert said.startswith(NEITHER + "training accuracy 1.0000, validation accuracy 0.9975, gap +0.0025")
    assert pd.read_csv(tmp_path / "curves.csv")["member"].tolist() == [1, 1, 1, 2, 2, 2]
    assert (tmp_path / "curves.png").stat().st_size > 10_000


@pytest.mark.parametrize("validation", [0.9, None])
@pytest.mark.parametrize("epochs", [1, 3])
def test_the_picture_is_whole_and_the_same_to_the_bit(tmp_path, epochs, validation):
    frame = table(tmp_path, history(0.9, validation, epochs=epochs), history(0.8, validation, epochs=epochs))
    for name in "ab":
        curves.draw(frame, "pets head", "Neither. " * 40, tmp_path / name)
    first, second = (hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in "ab")
    assert first == second
    with Image.open(tmp_path / "a") as picture:
        assert picture.size == (1200, 460)
        assert picture.info.keys() <= {"dpi"}
        assert len(picture.convert("L").getcolors()) > 50  # not an empty sheet


def test_text_from_data_is_no_markup(tmp_path):
    curves.draw(table(tmp_path, history(0.9, 0.5)), "$\\oops$ head", "words with $\\oops$", tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size


@pytest.mark.parametrize(("losses", "labels"), [((0.05, 2.0), ["0.1", "1"]), ((0.2, 0.3), ["0.2", "0.3"])])
def test_the_axis_of_the_loss_has_plain_numbers(losses, labels):
    with mpl.rc_context(plots.SETTINGS):
        axes = Figure().subplots()
        axes.plot(losses)
        plots.log_scale(axes)
        axes.figure.draw_without_rendering()
        written = [tick.get_text() for tick in axes.get_yticklabels() + axes.get_yticklabels(minor=True)]
    assert set(labels) <= set(written)
    assert not any("$" in text for text in written)


def test_every_part_is_drawn_in_its_colour(tmp_path):
    def inks(*histories):
        curves.draw(table(tmp_path, *histories), "", "", tmp_path / "ink.png")
        with Image.open(tmp_path / "ink.png") as picture:
            return {colour for _, colour in picture.convert("RGB").getcolors(10000)}

    blue, orange = (31, 119, 180), (255, 127, 14)
    assert {blue, orange} <= inks(history(0.9, 0.5))
    assert {blue, orange} & inks(history(0.9, None)) == {blue}


def test_every_member_is_drawn(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("matplotlib.axes.Axes.plot", lambda axes, x, y, **style: drawn.append(y.tolist()))
    monkeypatch.setattr("matplotlib.axes.Axes.legend", lambda axes: None)
    first, second = history(0.9, 0.5), history(0.2, 0.1)
    curves.draw(table(tmp_path, first, second), "", "", tmp_path / "curves.png")
    for frame in (first, second):
        for column in frame.columns[1:]:
            assert any(values == pytest.approx(frame[column].tolist()) for values in drawn), column
