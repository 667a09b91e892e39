"""Training curves and what they say."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart import curves


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


@pytest.mark.parametrize(
    ("accuracy", "validation", "images", "word"),
    [
        (
            0.99,
            0.95,
            1000,
            "Overfitting: training accuracy 0.9900, validation 0.9500 (95 % 0.9347 to 0.9619), gap +0.0400",
        ),
        (0.90, 0.95, 1000, "Underfitting: training accuracy 0.9000"),
        (0.955, 0.95, 1000, "Neither over- nor underfitting"),
        (0.99, 0.95, 20, "Neither over- nor underfitting"),  # so few images cannot tell
        (1.0, 1.0, 1000, "Neither over- nor underfitting"),
        (1.0, 0.0, 10, "Overfitting"),
    ],
)
def test_the_gap_is_judged_by_the_interval_of_validation(tmp_path, accuracy, validation, images, word):
    assert curves.verdict(table(tmp_path, history(accuracy, validation)), images, 10).startswith(word)


def test_the_verdict_is_on_the_mean_of_the_members_after_their_last_epoch(tmp_path):
    frame = table(tmp_path, history(1, 0.99), history(0.9, 0.89))
    assert "training accuracy 0.9500, validation 0.9400" in curves.verdict(frame, 50, 10)


@pytest.mark.parametrize("loss", [2.3016, 14.5])
def test_a_loss_of_even_guesses_is_underfitting_whatever_the_gap(tmp_path, loss):
    text = curves.verdict(table(tmp_path, history(0.11, 0.11, loss)), 1000, 10)
    assert text.startswith("Underfitting: the training loss")
    assert "no better than even guesses (ln 10 = 2.303)" in text


@pytest.mark.parametrize("loss", [np.inf, np.nan])
def test_a_loss_that_is_no_number_is_told_as_such(tmp_path, loss):
    frame = table(tmp_path, history(0.9, 0.9), history(0.11, 0.11, loss, epochs=2))
    assert curves.verdict(frame, 1000, 10).startswith(
        "Diverged: the loss of member 2 became NaN in epoch 2 (1 of 2 members diverged). A lower learning rate"
    )
    curves.draw(frame, "", "", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_a_member_that_did_not_train_is_told_and_drawn(tmp_path):
    nothing = history(np.nan, None, np.nan, epochs=1).assign(epoch=0, learning_rate=np.nan)
    frame = table(tmp_path, nothing, nothing)
    assert curves.verdict(frame, 1000, 10).startswith(
        "Diverged: what member 1 starts from had diverged (2 of 2 members diverged)."
    )
    curves.draw(frame, "", "", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_one_member_that_diverged_in_its_last_epoch_is_told(tmp_path):
    diverged = history(0.9, 0.9)
    diverged.loc[2, ["loss", "validation_loss"]] = np.nan
    assert curves.verdict(table(tmp_path, history(0.9, 0.9), diverged), 100, 10).startswith(
        "Diverged: the loss of member 2 became NaN in epoch 3 (1 of 2"
    )


def test_without_validation_there_is_no_gap(tmp_path):
    assert "no image was held out" in curves.verdict(table(tmp_path, history(0.99, None)), 0, 10)


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
