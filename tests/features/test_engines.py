"""Engines of the frozen backbone: ncnn gives TensorFlow's numbers, or does not run."""

import importlib.util
import sys

import keras
import numpy as np
import pytest
from keras import layers

from headstart.core.errors import InputError
from headstart.features import engines
from headstart.formats import weights

SIZE = 32
IMAGES = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A weights file of VGG16's convolutions, with random numbers that keep activations at their size."""
    rng, made, width = np.random.default_rng(1), {}, 3
    for name in weights.CONVOLUTIONS:
        out = 64 * 2 ** min(int(name[5]) - 1, 3)
        kernel = rng.standard_normal((3, 3, width, out), np.float32) * np.float32(np.sqrt(2 / (9 * width)))
        made[name], width = [kernel, rng.standard_normal(out).astype(np.float32)], out
    path = tmp_path_factory.mktemp("weights") / "vgg16.h5"
    weights.write(path, made)
    return path


def load(file, layer="block5_pool", engine="ncnn", threads=1):
    return engines.load(file, SIZE, layer, engine=engine, threads=threads, sample=IMAGES)


@pytest.mark.parametrize("layer", ["block1_conv2", *(f"block{block}_pool" for block in range(1, 6))])
def test_ncnn_gives_the_numbers_of_tensorflow(file, layer):
    found, expected = load(file, layer), load(file, layer, "tensorflow")
    assert found.name.startswith("ncnn 1.") and expected.name.startswith("tensorflow 2.")
    assert found.shape == expected.shape
    values, wanted = found.predict(IMAGES), expected.predict(IMAGES.astype(np.float32))
    assert values.dtype == wanted.dtype == np.float32 and values.shape == (5, *found.shape)
    assert np.abs(values - wanted).max() < 1e-5 * np.abs(wanted).max()


def test_the_bits_depend_on_neither_threads_nor_batches(file):
    one, many = load(file), load(file, threads=3)
    together = one.predict(IMAGES)
    np.testing.assert_array_equal(many.predict(IMAGES), together)
    np.testing.assert_array_equal(np.concatenate([one.predict(IMAGES[n : n + 1]) for n in range(5)]), together)


def test_the_images_given_are_not_changed(file):
    images = IMAGES.astype(np.float32)
    load(file, "block1_pool").predict(images)
    np.testing.assert_array_equal(images, IMAGES)


def test_auto_is_ncnn_on_a_cpu(file):
    assert load(file, engine="auto").name.startswith("ncnn ")


def test_auto_is_tensorflow_where_there_is_a_gpu(file, monkeypatch):
    monkeypatch.setattr(engines.tf.config, "get_visible_devices", lambda kind: ["one"] if kind == "GPU" else [])
    assert load(file, engine="auto").name.startswith("tensorflow ")


def test_auto_is_tensorflow_for_bfloat16(file):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert load(file, engine="auto").name.startswith("tensorflow ")
    finally:
        keras.config.set_dtype_policy("float32")


def test_without_ncnn_auto_is_tensorflow_and_ncnn_is_a_line(file, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert load(file, engine="auto").name.startswith("tensorflow ")
    monkeypatch.setitem(sys.modules, "ncnn", None)
    with pytest.raises(InputError, match=r"backbone\.engine: ncnn cannot be imported .* Install it, or set auto\."):
        load(file)


def test_an_engine_that_gives_other_numbers_does_not_run(file, monkeypatch, capsys):
    written = engines.description

    def wrong(network):
        text, arrays = written(network)
        return text, arrays[:4] + np.float32(1).tobytes() + arrays[8:]  # one weight of the first kernel

    monkeypatch.setattr(engines, "description", wrong)
    with pytest.raises(InputError, match=r"differs from tensorflow .* of the largest activation \(limit 1e-04\)"):
        load(file)
    assert load(file, engine="auto").name.startswith("tensorflow ")
    assert "differs from tensorflow" in capsys.readouterr().out


def test_numbers_that_are_none_are_not_those_of_tensorflow(file, monkeypatch):
    monkeypatch.setattr(engines, "difference", lambda *_: float("nan"))
    assert load(file, engine="auto").name.startswith("tensorflow ")


PLAIN = {
    "valid": [layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2)],
    "linear": [layers.Conv2D(4, (5, 3), padding="same"), layers.MaxPooling2D((3, 2), strides=2)],
    "uneven": [layers.Conv2D(4, (2, 4)), layers.Conv2D(3, 1, activation="relu")],
}
OTHER = {
    "stride": layers.Conv2D(4, 3, strides=2),
    "dilation": layers.Conv2D(4, 3, dilation_rate=2),
    "groups": layers.Conv2D(3, 3, groups=3),
    "bias": layers.Conv2D(4, 3, use_bias=False),
    "activation": layers.Conv2D(4, 3, activation="tanh"),
    "even": layers.Conv2D(4, 2, padding="same"),
    "padding": layers.MaxPooling2D(2, padding="same"),
    "layer": layers.BatchNormalization(),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_any_chain_of_plain_convolutions_runs(kind):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((15, 18, 3)), *PLAIN[kind]])
    network = keras.Model(network.inputs, network.outputs)
    network.layers[1].bias.assign(np.arange(4) / 4)
    images = np.random.default_rng(0).integers(0, 256, (2, 15, 18, 3), np.uint8)
    expected = network.predict(keras.applications.vgg16.preprocess_input(images.astype(np.float32)), verbose=0)
    found = engines._ncnn(network, 1)
    assert found.shape == expected.shape[1:]
    np.testing.assert_allclose(found.predict(images), expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("kind", OTHER)
def test_what_ncnn_would_compute_otherwise_is_left_to_tensorflow(kind):
    network = keras.Sequential([keras.Input((16, 16, 3)), OTHER[kind]])
    network = keras.Model(network.inputs, network.outputs)
    assert not engines._suits(network)
    with pytest.raises(InputError, match=r"ncnn cannot run this network \(layer .*\)\. Set it to auto\."):
        engines._ncnn(network, 1)


def test_dense_layers_are_left_to_tensorflow():
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(2)])
    assert not engines._suits(keras.Model(model.inputs, model.outputs))
