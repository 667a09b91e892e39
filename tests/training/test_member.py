"""One member of a recipe and its three files."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from fitting import DIVERGED, examples, linear, train_member
from running import ROOT
from small_config import schedule

from headstart.formats import hdf5
from headstart.training import examples as held_or_not
from headstart.training import logistic, loop, member, models, networks
from headstart.training.checkpoints import beside
from headstart.training.examples import Examples, Stored
from headstart.training.history import evaluate

HEAD = {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0, "l2": 0.01}

MEMBER = """
import json, sys
from headstart.core import runtime
runtime.prepare(threads=1, seed=7)
import numpy as np
from functools import partial
from headstart.features import augmentation
from headstart.training import member, networks
from headstart.training.examples import Examples
rng = np.random.default_rng(0)
def examples(count):
    return Examples([str(i) for i in range(count)], rng.integers(0, 256, (count, 12, 12, 1)), np.arange(count) % 3)
model = networks.classifier((12, 12, 1), 3, blocks=[[4, 4]], dense=[8], batch_norm=True, dropout=.5,
                            normalisation=(128., 5000.))
member.train_member(model, examples(40), examples(10), examples(5), classes=list("abc"),
    schedule=json.loads(sys.argv[2]), seed=7, identity="a",
    outputs={name: f"{sys.argv[1]}/{name}" for name in ("history", "predictions", "model")},
    terminal=None, title="",
    transform=partial(augmentation.augment, rotation=10, channel_shift=5))
"""


def test_a_member_that_diverges_knows_nothing_and_says_so(tmp_path):
    train, validation, test = examples(), examples(20), examples(9)
    model, history, parts = train_member(
        tmp_path, train, validation, test, learning_rate=1e30, recalibrate_batch_norm=True
    )
    assert models.diverged(tmp_path / "model.keras") == DIVERGED
    assert len(history) == 1
    for part, some in ((parts["validation"], validation), (parts["test"], test)):
        assert part.diverged == DIVERGED
        assert part.ids == some.ids
        np.testing.assert_allclose(part.probabilities, 1 / 3, rtol=1e-6)
        np.testing.assert_array_equal(part.labels, some.labels)
    np.testing.assert_allclose(model.predict(test.inputs, verbose=0), 1 / 3, rtol=1e-6)


def test_what_starts_from_a_member_that_diverged_does_not_train(tmp_path):
    model, history, parts = train_member(tmp_path, examples(), examples(20), diverged="it starts from there")
    assert history["epoch"].tolist() == [0]
    assert parts["validation"].diverged == models.diverged(tmp_path / "model.keras") == "it starts from there"
    np.testing.assert_allclose(model.predict(examples().inputs, verbose=0), 1 / 3, rtol=1e-6)


def test_a_healthy_member_says_nothing_of_divergence(tmp_path):
    _, history, parts = train_member(tmp_path, examples(), examples(20))
    assert parts["validation"].diverged is models.diverged(tmp_path / "model.keras") is None
    assert len(history) == 3


def test_the_history_is_a_table_of_its_columns_alone(tmp_path):
    _, history, _ = train_member(tmp_path, examples(), examples(20))
    figures = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert list(history.columns) == ["epoch", "learning_rate", *figures]


def test_a_member_without_validation_predicts_the_test_part_alone(tmp_path):
    _, history, parts = train_member(tmp_path, examples(), None, examples(9))
    assert list(parts) == ["test"] and history["validation_loss"].isna().all()


def test_what_steps_need_is_handed_on(tmp_path, monkeypatch):
    given = {}

    def fit(model, train, validation, **options):
        given.update(options, train=train, validation=validation)
        return loop.fit(model, train, validation, schedule=options["schedule"], seed=options["seed"])

    monkeypatch.setattr(member, "fit", fit)
    train, held_out, terminal = examples(), examples(20), io.StringIO()
    transform = object()
    options = {"transform": transform, "terminal": terminal, "title": "pets head 1"}
    train_member(tmp_path, train, held_out, **options)
    assert (given["train"], given["validation"], given["seed"]) == (train, held_out, 1)
    assert {name: given[name] for name in options} == options
    assert (given["checkpoint"].path, given["checkpoint"].identity) == (beside(tmp_path / "model.keras"), "a")


def test_a_solved_member_is_that_of_the_solver(tmp_path):
    train, held_out = examples(), examples(20)
    solved = {"solver": "lbfgs", "max_iter": 50, "epochs": None, "learning_rate": None}
    model, history, _ = train_member(tmp_path, train, held_out, network=HEAD, **solved)
    keras.utils.set_random_seed(1)
    expected = networks.classifier((3,), 3, **HEAD)
    rows = logistic.solve(expected, train, held_out, 50)
    np.testing.assert_array_equal(model.layers[-1].kernel, expected.layers[-1].kernel)
    figures = ["epoch", "loss", "validation_loss", "validation_accuracy"]
    assert history[figures].to_dict("records") == rows[figures].to_dict("records")
    assert history["validation_loss"].notna().all()


@pytest.mark.parametrize("others", [False, True])
def test_batch_norm_is_measured_on_plain_images_that_the_seed_chooses(tmp_path, monkeypatch, others):
    monkeypatch.setattr(member, "MEASURED", 7)
    train, held_out = examples(), examples(20)
    plain = train.inputs[::-1] * 2 if others else None
    options = {"plain": plain} if others else {}
    model, history, _ = train_member(tmp_path, train, held_out, recalibrate_batch_norm=True, seed=3, **options)
    chosen = np.sort(np.random.default_rng(3).permutation(40)[:7])
    norm = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    values = keras.Model(model.inputs, norm.input).predict((plain if others else train.inputs)[chosen], verbose=0)
    np.testing.assert_allclose(norm.moving_mean, values.mean(axis=0), rtol=1e-5, atol=1e-6)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    found = history.iloc[-1][["validation_loss", "validation_accuracy"]].tolist()
    assert found == pytest.approx(evaluate(model, held_out), rel=1e-5)
    assert len(history) == 3


def test_the_log_describes_the_network_and_says_that_training_diverged(tmp_path, capsys):
    train_member(tmp_path, examples(), examples(20), diverged="it starts from there")
    said = capsys.readouterr().out
    assert "Total params" in said
    assert said.rstrip().endswith(
        "Diverged: it starts from there. The model predicts every class with the same probability."
    )
    assert "━" not in said.partition("Total params")[2]  # no bar of predictions


@pytest.mark.parametrize("solver", [{}, {"solver": "lbfgs", "max_iter": 50, "epochs": None, "learning_rate": None}])
def test_from_the_disk_a_member_is_the_same_to_the_bit(tmp_path, monkeypatch, solver):
    """As many rows as fit are held in memory, and the others are read when they are needed."""
    network = HEAD if solver else ()
    parts = [examples(count) for count in (40, 20, 9)]
    for name, limit in (("memory", 2**30), ("disk", 0)):
        (tmp_path / name).mkdir()
        stored = []
        for some in parts:
            path = tmp_path / name / f"{len(some.ids)}.h5"
            hdf5.write_rows(path, some.ids, (3,), "float32", [some.inputs], {}, terminal=io.StringIO(), title="")
            stored.append(replace(some, inputs=Stored(hdf5.Rows(path, some.ids))))
        monkeypatch.setattr(held_or_not, "IN_MEMORY", limit)
        keras.utils.clear_session()  # so that layers get the same names
        train_member(tmp_path / name, *stored, network=network, recalibrate_batch_norm=not solver, **solver)
    for name in ("model.keras", "history", "predictions"):
        assert (tmp_path / "memory" / name).read_bytes() == (tmp_path / "disk" / name).read_bytes(), name


def test_predictions_sum_to_one_and_keep_the_order():
    model, some = linear(), examples(300)
    found = member.predict(model, some).probabilities
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    backward = member.predict(model, Examples([], some.inputs[::-1], None)).probabilities
    np.testing.assert_allclose(found[::-1], backward, atol=1e-6)


def test_predictions_block_by_block_are_those_of_the_whole(monkeypatch):
    model, some = linear(), examples(300)
    whole = member.predict(model, some)
    monkeypatch.setattr(member, "BLOCK", 70)
    found = member.predict(model, some)
    np.testing.assert_allclose(found.probabilities, whole.probabilities, atol=1e-6)
    assert found.ids == whole.ids == some.ids
    np.testing.assert_array_equal(found.labels, some.labels)


def test_whole_numbers_of_pixels_predict_the_same_as_floats():
    pixels = np.random.default_rng(0).integers(0, 256, (10, 3)).astype(np.uint8)
    model = linear()
    np.testing.assert_array_equal(
        member.predict(model, Examples([], pixels, None)).probabilities,
        member.predict(model, Examples([], pixels.astype(np.float32), None)).probabilities,
    )


def test_two_processes_with_the_same_seed_write_the_same_files_to_the_bit(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    rates = schedule(epochs=2, batch_size=16, learning_rate=0.01, warmup_epochs=1, decay="cosine", weight_decay=0.01)
    told = json.dumps(rates | {"unaugmented_epochs": 1, "recalibrate_batch_norm": True})
    folders = [tmp_path / "a", tmp_path / "b"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(folder), told],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    for run in runs:
        _, errors = run.communicate()
        assert run.returncode == 0, errors
    for name in ("model", "history", "predictions"):
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second, name
