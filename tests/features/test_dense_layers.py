"""VGG16's own dense layers, from a stand-in, of the same shape, for the weights that only the publisher has."""

import keras
import numpy as np
import pytest
from small_config import schedule

from headstart.features import backbone
from headstart.formats import weights
from headstart.training import loop, networks, surgery
from headstart.training.examples import Examples

SHAPES = {"fc1": (25088, 4096), "fc2": (4096, 4096), "predictions": (4096, 1000)}
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A weights file with all 16 layers, random numbers in it that keep activations at their size."""
    rng = np.random.default_rng(1)
    layers, width = {}, 3
    for name in weights.CONVOLUTIONS:
        out = 64 * 2 ** min(int(name[5]) - 1, 3)
        kernel = rng.standard_normal((3, 3, width, out), np.float32) * np.float32(np.sqrt(2 / (9 * width)))
        layers[name], width = [kernel, np.zeros(out, np.float32)], out
    for name, shape in SHAPES.items():
        kernel = rng.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / shape[0]))
        layers[name] = [kernel, np.zeros(shape[1], np.float32)]
    path = tmp_path_factory.mktemp("weights") / "vgg16.h5"
    weights.write(path, layers)
    return path


def test_the_backbone_below_the_output_gives_the_probabilities_of_1000_classes(file):
    found = backbone.below(file, 224, "predictions").predict(IMAGES, verbose=0)
    assert found.shape == (2, 1000)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_the_dense_layers_are_what_lies_between_the_last_pooling_and_the_output(file):
    layers = backbone.above(file, 224, "block5_pool", "fc2")
    assert [layer.name for layer in layers] == ["flatten", "fc1", "fc2"]
    features = backbone.below(file, 224, "block5_pool").predict(IMAGES, verbose=0)
    joined = surgery.join((7, 7, 512), layers)
    expected = backbone.below(file, 224, "fc2").predict(IMAGES, verbose=0)
    np.testing.assert_allclose(joined.predict(features, verbose=0), expected, rtol=1e-4, atol=1e-5)


def test_the_dense_layers_train_from_their_weights_on_and_keep_the_head_that_they_start_with(file):
    layers = backbone.above(file, 224, "block5_pool", "fc2")
    plain = {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0}
    direct = networks.classifier((7, 7, 512), 2, **plain, before=backbone.above(file, 224, "block5_pool", "fc2"))
    assert [layer.name for layer in direct.layers][1:4] == ["flatten", "fc1", "fc2"]
    head = networks.classifier((4096,), 2, **plain)
    model = surgery.join((7, 7, 512), [*layers, *surgery.chain(head)])
    np.testing.assert_array_equal(model.get_layer("fc1").kernel, layers[1].kernel)
    np.testing.assert_array_equal(model.layers[-1].kernel, head.layers[-1].kernel)
    features = np.random.default_rng(2).random((4, 7, 7, 512), np.float32)
    data = Examples(list("abcd"), features, np.array([0, 1, 0, 1], np.int32))
    loop.fit(model, data, None, schedule=schedule(epochs=1, batch_size=4, learning_rate=1e-4), seed=1)
    for name in ("fc1", "fc2"):
        assert not np.array_equal(model.get_layer(name).kernel, next(x for x in layers if x.name == name).kernel)
    keras.backend.clear_session()
