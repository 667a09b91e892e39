"""Keras models on disk."""

import json
import time
import zipfile

import keras
import numpy as np
import pytest

from headstart.core.errors import InputError
from headstart.training import models, networks

ROWS = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)


@pytest.fixture
def model():
    """A small trained model, with an optimizer."""
    network = networks.classifier((4,), 3, blocks=[], dense=[5], batch_norm=True, dropout=0.5)
    network.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
    network.fit(ROWS, np.arange(20) % 3, verbose=0)
    return network


def test_a_model_saved_at_another_time_is_the_same_file(tmp_path, model):
    models.save(model, tmp_path / "a.keras")
    time.sleep(2.1)  # a zip counts in steps of two seconds
    models.save(model, tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_a_loaded_model_predicts_the_same_to_the_bit(tmp_path, model):
    before = model.predict(ROWS, verbose=0)
    models.save(model, tmp_path / "a.keras")
    np.testing.assert_array_equal(models.load(tmp_path / "a.keras").predict(ROWS, verbose=0), before)
    np.testing.assert_array_equal(model.predict(ROWS, verbose=0), before)


def test_a_loaded_and_saved_model_is_the_same_file(tmp_path, model):
    models.save(model, tmp_path / "a.keras")
    models.save(models.load(tmp_path / "a.keras"), tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_a_saved_model_has_no_optimizer_and_no_date(tmp_path, model):
    models.save(model, tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        assert {info.date_time for info in archive.infolist()} == {models.DATE}
        assert json.loads(archive.read("metadata.json"))["date_saved"] == "1980-01-01@00:00:00"
        for name in archive.namelist():
            assert b"optimizer" not in archive.read(name)
    assert getattr(models.load(tmp_path / "a.keras"), "optimizer", None) is None


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_file_is_bad_input_in_one_line(tmp_path, model, share):
    models.save(model, tmp_path / "a.keras")
    content = (tmp_path / "a.keras").read_bytes()
    (tmp_path / "a.keras").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="not a valid .keras file") as caught:
        models.load(tmp_path / "a.keras")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_bad_input(tmp_path):
    with pytest.raises(InputError):
        models.load(tmp_path / "a.keras")


def test_a_model_says_that_its_training_diverged(tmp_path, model):
    models.save(model, tmp_path / "a.keras")
    assert models.diverged(tmp_path / "a.keras") is models.inherited(tmp_path / "a.keras") is None
    models.save(model, tmp_path / "b.keras", "in epoch 2")
    assert models.diverged(tmp_path / "b.keras") == "in epoch 2"
    assert models.inherited(tmp_path / "b.keras").endswith("b.keras, which diverged: in epoch 2")
    expected = model.predict(ROWS, verbose=0)
    np.testing.assert_array_equal(models.load(tmp_path / "b.keras").predict(ROWS, verbose=0), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
@pytest.mark.parametrize("feature_norm", [None, "l2", "sqrt_l2"])
def test_a_model_that_forgot_all_gives_every_class_the_same_probability(value, feature_norm):
    model = networks.classifier(
        (6, 6, 2), 3, blocks=[[4]], dense=[5], batch_norm=True, dropout=0.5, feature_norm=feature_norm
    )
    for weight in model.weights:
        weight.assign(np.full(weight.shape, value))
    models.forget(model)
    found = model.predict(np.random.default_rng(0).normal(0, 100, (9, 6, 6, 2)), verbose=0)
    np.testing.assert_allclose(found, 1 / 3, rtol=1e-6)
