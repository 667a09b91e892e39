"""Surgery on trained networks, over random architectures."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from headstart.core.errors import InputError
from headstart.training import networks, surgery

SHAPE, CLASSES = (10, 10, 2), 3


ANY_NORM, ANY_SHARE = st.sampled_from([False, True, "blocks"]), st.floats(0, 0.9)


@st.composite
def trained(draw, batch_norm=ANY_NORM, dropout=ANY_SHARE):
    """A network of a random architecture with random weights, as if it had been trained."""
    dense = draw(st.lists(st.integers(1, 6), max_size=2))
    shares = draw(st.lists(dropout, min_size=len(dense) + 1, max_size=len(dense) + 1))
    model = networks.classifier(
        SHAPE,
        CLASSES,
        blocks=draw(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=1), max_size=2)),
        dense=dense,
        batch_norm=draw(batch_norm),
        dropout=shares,
        normalisation=draw(st.sampled_from([None, (1.0, 4.0)])),
    )
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    for layer in model.layers:
        if not isinstance(layer, layers.Normalization):
            layer.set_weights([rng.uniform(0.1, 1, weight.shape) - 0.4 for weight in layer.get_weights()])
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([abs(weight) for weight in layer.get_weights()])
    return model


def rows(count=20, seed=0):
    return np.random.default_rng(seed).normal(0, 2, (count, *SHAPE)).astype(np.float32)


def outputs(model, inputs=None):
    return model.predict(rows() if inputs is None else inputs, verbose=0)


def kinds(model):
    return [type(layer).__name__ for layer in model.layers[1:]]


few = settings(max_examples=8)


@few
@given(trained(), st.data())
def test_two_halves_joined_again_are_the_network_to_the_bit(model, data):
    names = [layer.name for layer in model.layers[1:-1]]
    below, above = surgery.split(model, data.draw(st.sampled_from(names)))
    whole = surgery.join(SHAPE, surgery.chain(below) + surgery.chain(above))
    assert kinds(whole) == kinds(model)
    np.testing.assert_array_equal(outputs(whole), outputs(model))
    np.testing.assert_allclose(outputs(above, outputs(below)), outputs(model), atol=1e-6)


@few
@given(trained(dropout=st.floats(0.1, 0.9)), st.floats(0, 0.9))
def test_other_dropout_changes_neither_weights_nor_inference(model, share):
    before = [weight.copy() for weight in model.get_weights()]
    changed = surgery.change_dropout(model, share)
    np.testing.assert_array_equal(outputs(changed), outputs(model))
    for new, old, now in zip(changed.get_weights(), before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
        np.testing.assert_array_equal(now, old)
    shares = [layer.rate for layer in changed.layers if isinstance(layer, layers.Dropout)]
    assert shares == ([share] * len(shares) if share else [])
    assert len(shares) == (kinds(model).count("Dropout") if share else 0)


def test_a_list_gives_every_dropout_layer_its_share():
    model = networks.classifier((4,), 2, blocks=[], dense=[3, 3], batch_norm=False, dropout=[0.5, 0.5, 0.5])
    changed = surgery.change_dropout(model, [0.1, 0, 0.2])
    assert [layer.rate for layer in changed.layers if isinstance(layer, layers.Dropout)] == [0.1, 0.2]
    with pytest.raises(InputError, match=r"surgery.dropout: expected 3 shares, one for each dropout layer \(got 2\)"):
        surgery.change_dropout(model, [0.1, 0.2])
    with pytest.raises(InputError, match=r"surgery.dropout: the network has no dropout layers \(got 0.5\)"):
        surgery.change_dropout(surgery.change_dropout(model, 0), 0.5)


def test_the_lectures_scaling_changes_the_function():
    model = networks.classifier((4,), 2, blocks=[], dense=[3], batch_norm=False, dropout=0.5)
    changed = surgery.change_dropout(model, 0, rescale=True)
    for new, old in zip(changed.layers[-1].get_weights(), model.layers[-1].get_weights(), strict=True):
        np.testing.assert_array_equal(new, old / 2)
    for new, old in zip(changed.layers[1].get_weights(), model.layers[1].get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
    inputs = np.random.default_rng(1).normal(0, 2, (50, 4)).astype(np.float32)  # of one row all ReLUs may be off
    assert np.abs(outputs(changed, inputs) - outputs(model, inputs)).max() > 1e-3


@few
@given(trained(batch_norm=st.just(False)))
def test_batch_normalisation_put_in_computes_the_same(model):
    changed = surgery.insert_batch_norm(model, rows(50, seed=1))
    np.testing.assert_allclose(outputs(changed), outputs(model), atol=1e-5)
    hidden = sum(isinstance(layer, layers.Dense | layers.Conv2D) for layer in model.layers) - 1
    assert kinds(changed).count("BatchNormalization") == hidden
    for before, after in zip(changed.layers[:-1], changed.layers[1:], strict=True):
        if isinstance(after, layers.BatchNormalization):
            assert isinstance(before, layers.Dense | layers.Conv2D)


@few
@given(trained(batch_norm=st.sampled_from([True, "blocks"])))
def test_what_is_normalised_already_is_not_normalised_again(model):
    assert kinds(surgery.insert_batch_norm(model, rows())) == kinds(model)


def test_on_the_batch_that_it_was_measured_on_training_mode_computes_the_same():
    model = networks.classifier((6,), 3, blocks=[], dense=[5], batch_norm=False, dropout=0)
    inputs = np.random.default_rng(0).normal(3, 2, (64, 6)).astype(np.float32)
    changed = surgery.insert_batch_norm(model, inputs)
    np.testing.assert_allclose(changed(inputs, training=True), model(inputs), atol=1e-5)


@few
@given(trained(), st.integers(2, 9))
def test_another_output_keeps_everything_before_it(model, classes):
    changed = surgery.replace_output(model, classes)
    assert changed.output_shape == (None, classes)
    for new, old in zip(changed.layers[1:-1], model.layers[1:-1], strict=True):
        for weight, other in zip(new.get_weights(), old.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, other)
    np.testing.assert_allclose(outputs(changed).sum(axis=1), 1, atol=1e-6)


def test_layers_before_a_trained_head_make_one_network_that_trains():
    images = np.random.default_rng(0).normal(size=(3, 8, 8, 2)).astype(np.float32)
    before = [layers.Conv2D(3, 3), layers.MaxPooling2D()]
    head = networks.classifier((3, 3, 3), 2, blocks=[], dense=[4], batch_norm=False, dropout=0)
    expected = head(before[1](before[0](images)))
    model = surgery.join((8, 8, 2), [*before, *surgery.chain(head)])
    np.testing.assert_allclose(model(images), expected, atol=1e-6)
    assert len(model.trainable_weights) == 2 + 4


def test_layers_that_branch_are_refused():
    inputs = keras.Input((3,))
    x = layers.Dense(3, name="first")(inputs)
    branched = keras.Model(inputs, layers.Add(name="both")([x, inputs]))
    with pytest.raises(InputError, match="layer both: got a branch or a nested model"):
        surgery.chain(branched)
    nested = keras.Model(inputs, keras.Sequential([layers.Dense(2)], name="inner")(x))
    with pytest.raises(InputError, match="layer inner: got a branch or a nested model"):
        surgery.chain(nested)


def test_a_layer_that_is_not_there_is_refused():
    model = networks.classifier((4,), 2, blocks=[], dense=[3], batch_norm=False, dropout=0)
    with pytest.raises(InputError, match="layer: expected one of dense"):
        surgery.split(model, "fc9")


def test_operations_follow_one_another():
    model = networks.classifier((6,), 3, blocks=[], dense=[5], batch_norm=False, dropout=0.5)
    inputs = np.random.default_rng(0).normal(3, 2, (64, 6)).astype(np.float32)
    changed = surgery.operate(model, inputs, batch_norm=True, dropout=0.25, rescale=False)
    assert kinds(changed) == ["Dense", "BatchNormalization", "Dropout", "Dense"]
    assert changed.layers[3].rate == 0.25
    np.testing.assert_allclose(outputs(changed, inputs), outputs(model, inputs), atol=1e-5)
    same = surgery.operate(model, inputs, batch_norm=False, dropout=None, rescale=False)
    assert kinds(same) == kinds(model)


def test_a_copy_that_trains_leaves_the_original_alone():
    model = networks.classifier((4,), 2, blocks=[], dense=[3], batch_norm=True, dropout=0.5)
    before = [weight.copy() for weight in model.get_weights()]
    copy = surgery.change_dropout(model, 0.1)
    copy.compile("sgd", "sparse_categorical_crossentropy")
    copy.train_on_batch(np.ones((8, 4)), np.zeros(8))
    for now, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, old)


def test_layers_of_the_same_name_can_be_joined():
    parts = [layers.Dense(3, name="a"), layers.Dense(3, name="a"), layers.Dense(2, name="a")]
    for part, width in zip(parts, (4, 3, 3), strict=True):
        part.build((None, width))
    joined = surgery.join((4,), parts)
    assert [layer.name for layer in joined.layers[1:]] == ["a", "a_2", "a_3"]
    for layer, part in zip(joined.layers[1:], parts, strict=True):
        np.testing.assert_array_equal(layer.kernel, part.kernel)


def test_the_lectures_scaling_is_the_ratio_of_what_is_kept_and_of_the_next_layer_alone():
    model = networks.classifier((4,), 2, blocks=[], dense=[3, 5, 3], batch_norm=False, dropout=[0, 0.3, 0, 0])
    changed = surgery.operate(model, None, dropout=0.8, rescale=True, batch_norm=False)
    before, after = (
        [layer.get_weights() for layer in network.layers if layer.get_weights()] for network in (model, changed)
    )
    for old, new, factor in zip(before, after, [1, 0.7 / 0.2, 1, 1], strict=True):
        for weight, other in zip(old, new, strict=True):
            np.testing.assert_allclose(other, weight * factor, rtol=1e-6)


def network(shape, *parts):
    """A network of layers that follow one another."""
    inputs = x = keras.Input(shape)
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x)


def test_a_network_is_cut_after_any_layer_but_the_last():
    model = network((4,), layers.Dense(3, name="a"), layers.Dense(3, name="b"), layers.Dense(2, name="c"))
    for name, cut in (("a", ["a"]), ("b", ["a", "b"])):
        below, above = surgery.split(model, name)
        assert [layer.name for layer in below.layers[1:]] == cut
        assert [layer.name for layer in above.layers[1:]] == ["a", "b", "c"][len(cut) :]
    with pytest.raises(InputError, match=r"layer: expected one of a, b \(got 'c'\)"):
        surgery.split(model, "c")


@pytest.mark.parametrize(
    ("settings", "epsilon", "momentum"), [({}, 1e-3, 0.9), ({"epsilon": 0.1, "momentum": 0.5}, 0.1, 0.5)]
)
def test_batch_normalisation_has_the_moments_of_each_channel_over_all_places_of_all_images(settings, epsilon, momentum):
    inputs = np.random.default_rng(0).normal(3, 2, (300, 5, 4, 2)).astype(np.float32)
    first, hidden = layers.Conv2D(40, 2, name="first"), layers.Dense(3, name="hidden")
    model = network((5, 4, 2), first, layers.Flatten(name="flatten"), hidden, layers.Dense(2, name="last"))
    changed = surgery.insert_batch_norm(model, inputs, **settings)
    assert [layer.name for layer in changed.layers[1:]] == [
        "first", "first_bn", "flatten", "hidden", "hidden_bn", "last",
    ]  # fmt: skip
    added = changed.get_layer("first_bn")
    assert (added.epsilon, added.momentum) == (epsilon, momentum)
    values = keras.Model(model.inputs, model.get_layer("first").output).predict(inputs, batch_size=256, verbose=0)
    values = values.astype(np.float64).reshape(-1, 40)
    np.testing.assert_array_equal(added.moving_mean, values.mean(axis=0).astype(np.float32))
    np.testing.assert_array_equal(added.moving_variance, values.var(axis=0).astype(np.float32))
    np.testing.assert_array_equal(added.beta, added.moving_mean)
    np.testing.assert_allclose(added.gamma, np.sqrt(values.var(axis=0) + epsilon), rtol=1e-6)


def test_what_is_put_in_or_replaced_keeps_precision_and_name():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = networks.classifier((4,), 2, blocks=[], dense=[3], batch_norm=False, dropout=0.5)
    finally:
        keras.config.set_dtype_policy("float32")
    changed = surgery.operate(model, np.ones((8, 4), np.float32), dropout=0.25, rescale=False, batch_norm=True)
    for kind in (layers.Dropout, layers.BatchNormalization):
        (new,) = (layer for layer in changed.layers if isinstance(layer, kind))
        assert new.dtype_policy.name == "mixed_bfloat16"
    old, new = (next(x for x in m.layers if isinstance(x, layers.Dropout)) for m in (model, changed))
    assert new.name == old.name
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert surgery.replace_output(model, 5).layers[-1].dtype_policy.name == "float32"
    finally:
        keras.config.set_dtype_policy("float32")
