"""The networks that recipes describe."""

import keras
import numpy as np
import pytest

from headstart.core.errors import InputError
from headstart.training import models, networks

PLAIN = {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0, "l1": 0, "l2": 0}


def kinds(model):
    """The kinds of a model's layers, in their order."""
    return [type(layer).__name__ for layer in model.layers[1:]]


def test_the_plainest_network_is_a_linear_model():
    model = networks.classifier((4, 4, 1), 3, **PLAIN)
    assert kinds(model) == ["Flatten", "Dense"]
    assert model.output_shape == (None, 3)
    assert model.count_params() == 16 * 3 + 3


def test_batch_normalisation_comes_after_every_layer_and_flattening():
    model = networks.classifier((8, 8, 1), 3, blocks=[[4, 5]], dense=[6], batch_norm=True, dropout=0.5)
    block = ["Conv2D", "BatchNormalization"] * 2 + ["MaxPooling2D"]
    head = ["Flatten", "BatchNormalization", "Dense", "BatchNormalization", "Dropout", "Dense"]
    assert kinds(model) == block + head


def test_batch_normalisation_of_blocks_comes_after_pooling_and_dense_layers():
    model = networks.classifier((12, 12, 1), 3, blocks=[[4, 5], [6]], dense=[6], batch_norm="blocks", dropout=0.5)
    first = ["Conv2D", "Conv2D", "MaxPooling2D", "BatchNormalization"]
    second = ["Conv2D", "MaxPooling2D", "BatchNormalization"]
    assert kinds(model) == [*first, *second, "Flatten", "Dense", "BatchNormalization", "Dropout", "Dense"]


def test_a_block_halves_height_and_width_by_pooling_by_its_last_convolution_or_not_at_all():
    blocks, pooling = [[4, 5], [6], [7]], ["strided", "none", "max"]
    model = networks.classifier((28, 28, 1), 3, blocks=blocks, pooling=pooling, dense=[], batch_norm=False, dropout=0)
    assert kinds(model) == ["Conv2D"] * 4 + ["MaxPooling2D", "Flatten", "Dense"]
    convolutions = model.layers[1:5]
    assert [(layer.kernel_size[0], layer.strides[0]) for layer in convolutions] == [(3, 1), (5, 2), (3, 1), (3, 1)]
    assert [layer.output.shape[1] for layer in model.layers[1:6]] == [26, 11, 9, 7, 3]


def test_one_word_says_how_all_blocks_are_pooled():
    shapes = {}
    for pooling in ("max", "strided", "none"):
        model = networks.classifier(
            (20, 20, 1), 3, blocks=[[4], [4]], pooling=pooling, dense=[], batch_norm="blocks", dropout=0
        )
        shapes[pooling] = model.layers[-2].output.shape[1] / 4
    assert shapes == {"max": 3**2, "strided": 2**2, "none": 16**2}


def test_blocks_and_dense_layers_have_the_sizes_asked_for():
    model = networks.classifier((28, 28, 1), 10, blocks=[[32, 32], [64, 64]], dense=[512], batch_norm=False, dropout=0)
    filters = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    units = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert (filters, units) == ([32, 32, 64, 64], [512, 10])
    activations = [layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")]
    assert activations == ["relu"] * 5 + ["softmax"]


def test_probabilities_are_in_float32_and_rows_sum_to_one():
    model = networks.classifier((4,), 3, **{**PLAIN, "dense": [8]})
    found = model.predict(np.random.default_rng(0).normal(size=(10, 4)) * 100, verbose=0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


def test_inputs_are_brought_to_mean_0_and_variance_1():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1)).astype(np.float32)
    model = networks.classifier((4, 4, 1), 3, **PLAIN, normalisation=(float(pixels.mean()), float(pixels.var())))
    found = keras.ops.convert_to_numpy(model.layers[1](pixels))
    np.testing.assert_allclose(found, (pixels - pixels.mean()) / pixels.std(), atol=1e-5)


def test_dropout_changes_nothing_at_inference():
    rows = np.random.default_rng(0).normal(size=(5, 4))
    with_dropout = networks.classifier((4,), 3, **{**PLAIN, "dropout": 0.5})
    without = networks.classifier((4,), 3, **PLAIN)
    without.set_weights(with_dropout.get_weights())
    np.testing.assert_array_equal(with_dropout.predict(rows, verbose=0), without.predict(rows, verbose=0))


@pytest.mark.parametrize(("size", "blocks"), [(2, [[4]]), (3, [[4]]), (8, [[4], [4], [4]]), (28, [[4]] * 5)])
def test_blocks_too_deep_for_the_inputs_are_bad_input(size, blocks):
    with pytest.raises(InputError, match="network.blocks: .* too deep for inputs of"):
        networks.classifier((size, size, 1), 3, **{**PLAIN, "blocks": blocks})


def test_layers_that_come_before_are_first_and_train():
    before = [keras.layers.Conv2D(2, 3, name="conv"), keras.layers.MaxPooling2D(name="pool")]
    model = networks.classifier((8, 8, 3), 2, **PLAIN, before=before)
    assert [layer.name for layer in model.layers[1:3]] == ["conv", "pool"]
    assert len(model.trainable_weights) == 4


@pytest.mark.parametrize(("l1", "l2"), [(0.01, 0), (0, 0.02), (0.01, 0.02)])
def test_regularisation_is_what_its_formula_says(l1, l2):
    model = networks.classifier((8, 8, 1), 3, **PLAIN | {"blocks": [[2]], "dense": [4], "l1": l1, "l2": l2})
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    expected = sum(l1 * np.abs(kernel).sum() + l2 * (kernel**2).sum() for kernel in kernels)
    assert len(kernels) == 3
    assert sum(map(float, model.losses)) == pytest.approx(expected, rel=1e-5)


def test_without_regularisation_nothing_is_added_to_the_loss():
    assert networks.classifier((8, 8, 1), 3, **PLAIN | {"blocks": [[2]], "dense": [4]}).losses == []


@pytest.mark.parametrize(("feature_norm", "formula"), [("l2", lambda x: x), ("sqrt_l2", np.sqrt)])
def test_normalised_features_have_length_1(feature_norm, formula, tmp_path):
    model = networks.classifier(
        (2, 3, 4), 5, blocks=[], dense=[], batch_norm=False, dropout=0, feature_norm=feature_norm
    )
    models.save(model, tmp_path / "model.keras")
    rows = np.random.default_rng(0).uniform(0, 9, (6, 2, 3, 4)).astype(np.float32)
    rows[2] = 0  # a picture in which the backbone finds nothing
    loaded = models.load(tmp_path / "model.keras")
    found = keras.Model(loaded.inputs, loaded.layers[-1].input)(rows).numpy()
    expected = formula(rows.reshape(6, -1))
    expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-30)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
