"""VGG16 as a backbone, at 32 × 32 pixels and with random weights."""

import keras
import numpy as np
import pytest
from small_config import schedule

from headstart.config import backbones
from headstart.core.errors import InputError
from headstart.features import backbone
from headstart.formats import weights
from headstart.training import loop, networks
from headstart.training.examples import Examples

SIZE = 32
CUTS = [f"block{block}_pool" for block in range(1, 6)]
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def reference():
    """Keras's own VGG16 without dense layers, with random weights and biases."""
    keras.utils.set_random_seed(1)
    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(size=bias.shape)])
    return model


@pytest.fixture(scope="module")
def file(reference, tmp_path_factory):
    """The reference's weights as a file."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.h5"
    weights.write(path, {layer.name: layer.get_weights() for layer in reference.layers if layer.weights})
    return path


def activations(reference, layer):
    """What Keras's own model and preprocessing give for `IMAGES` at a layer."""
    inputs = keras.applications.vgg16.preprocess_input(IMAGES.copy())
    return keras.Model(reference.inputs, reference.get_layer(layer).output).predict(inputs, verbose=0)


def test_the_weights_are_those_of_the_file(reference, file):
    found = backbone.vgg16(file, SIZE)
    for ours, theirs in zip(found.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("feature_layer", CUTS)
def test_what_is_below_and_above_a_layer_together_is_vgg16(reference, file, feature_layer):
    values = backbone.below(file, SIZE, feature_layer).predict(IMAGES, verbose=0)
    expected = activations(reference, feature_layer)
    np.testing.assert_allclose(values, expected, atol=1e-6 * np.abs(expected).max())
    for layer in backbone.above(file, SIZE, feature_layer):
        values = layer(values)
    expected = activations(reference, "block5_pool")
    np.testing.assert_allclose(values, expected, atol=1e-6 * np.abs(expected).max())


def test_what_is_below_is_frozen_and_what_is_above_trains(file):
    below, above = backbone.below(file, SIZE, "block4_pool"), backbone.above(file, SIZE, "block4_pool")
    assert below.trainable_weights == []
    assert len(below.weights) == 20
    assert [layer.name for layer in above] == ["block5_conv1", "block5_conv2", "block5_conv3", "block5_pool"]
    assert sum(len(layer.trainable_weights) for layer in above) == 6


@pytest.mark.parametrize("unfreeze_from", ["head", "block5", "block4", "block2"])
def test_training_changes_every_layer_from_where_it_begins_on_and_none_below(file, unfreeze_from):
    feature_layer = backbones.below(unfreeze_from)
    frozen, layers = backbone.below(file, SIZE, feature_layer), backbone.above(file, SIZE, feature_layer)
    head = {"blocks": [], "dense": [8], "batch_norm": True, "dropout": 0}
    model = networks.classifier(frozen.output_shape[1:], 2, **head, before=layers)
    vgg16 = next(layer for layer in frozen.layers if isinstance(layer, keras.Model))
    weighed = [layer for layer in [*vgg16.layers, *model.layers] if layer.weights]
    before = [layer.get_weights() for layer in weighed]
    loop.fit(
        model,
        Examples(list("abc"), IMAGES, np.array([0, 1, 0], np.int32)),
        None,
        schedule=schedule(piecewise=[[1, 0.01]], batch_size=3, weight_decay=0.1),
        seed=1,
        transform=lambda images, seed: frozen.predict_on_batch(images),
    )
    changed = {
        layer.name
        for layer, old in zip(weighed, before, strict=True)
        if not all(np.array_equal(*pair) for pair in zip(old, layer.get_weights(), strict=True))
    }
    assert changed == {layer.name for layer in model.layers if layer.weights}
    assert len(weighed) == 13 + 3  # convolutions, and the head's two dense layers with batch norm between them


def test_nothing_is_above_the_last_layer(file):
    assert backbone.above(file, SIZE, "block5_pool") == []


def test_features_are_in_float32_and_of_the_layers_shape(file):
    below = backbone.below(file, SIZE, "block5_pool")
    assert below.output_shape == (None, 1, 1, 512)
    assert below.predict(IMAGES, verbose=0).dtype == np.float32


def test_one_image_gives_the_same_features_alone_and_in_a_batch(file):
    below = backbone.below(file, SIZE, "block2_pool")
    together = below.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(below.predict(IMAGES[1:2], verbose=0), together[1:2], atol=1e-6 * together.max())


def test_the_images_given_are_not_changed(file):
    before = IMAGES.copy()
    backbone.below(file, SIZE, "block1_pool").predict(IMAGES, verbose=0)
    np.testing.assert_array_equal(IMAGES, before)


def test_a_weights_file_without_a_layer_is_bad_input(tmp_path):
    weights.write(tmp_path / "w.h5", {"block1_conv1": [np.zeros((3, 3, 3, 64)), np.zeros(64)]})
    with pytest.raises(InputError, match="cannot read layer block1_conv2"):
        backbone.below(tmp_path / "w.h5", SIZE, "block1_pool")


def test_a_weights_file_of_another_network_is_bad_input(tmp_path):
    weights.write(tmp_path / "w.h5", {name: [np.zeros((3, 3, 2, 4)), np.zeros(4)] for name in weights.CONVOLUTIONS})
    with pytest.raises(InputError):
        backbone.below(tmp_path / "w.h5", SIZE, "block1_pool")
