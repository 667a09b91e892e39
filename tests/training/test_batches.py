"""The batches of an epoch."""

from threading import Event

import numpy as np
import pytest
from fitting import SCHEDULE, examples, linear
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import InputError
from headstart.training import loop
from headstart.training.batches import Batches, ahead, steps
from headstart.training.examples import Examples


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 2**31 - 1), st.integers(0, 100))
def test_an_epoch_has_every_example_once(count, batch, seed, epoch):
    rows = np.arange(count).reshape(-1, 1)
    batches = Batches(Examples([], rows, np.arange(count)), batch, seed, epoch)
    seen = [batches[i] for i in range(len(batches))]
    labels = np.concatenate([labels for _, labels in seen])
    assert sorted(labels) == list(range(count))
    np.testing.assert_array_equal(np.concatenate([inputs for inputs, _ in seen])[:, 0], labels)
    assert all(len(labels) == batch for _, labels in seen[:-1])
    assert min(count, batch) == 1 or all(2 <= len(labels) <= batch + 1 for _, labels in seen)
    assert len(batches) == steps(count, batch)
    assert {inputs.dtype for inputs, _ in seen} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("count", "batch", "sizes"),
    [(16, 8, [8, 8]), (17, 8, [8, 9]), (18, 8, [8, 8, 2]), (9, 8, [9]), (8, 8, [8]), (5, 2, [2, 3]), (3, 1, [1, 1, 1])],
)
def test_a_rest_of_one_image_joins_the_batch_before(count, batch, sizes):
    seeds = []
    some = Examples([], np.arange(count)[:, None], np.arange(count))
    batches = Batches(some, batch, 3, 5, lambda inputs, seed: seeds.append(seed) or inputs)
    seen = [labels for _, labels in batches]
    assert list(map(len, seen)) == sizes
    # The order and the seeds are those of before.
    assert np.concatenate(seen).tolist() == np.random.default_rng([3, 5]).permutation(count).tolist()
    assert seeds == [[3, 5, number] for number in range(1, len(sizes) + 1)]


def test_a_rest_of_one_image_has_no_step_and_no_rate_of_its_own():
    model, some = linear(), examples(41)
    history = loop.fit(model, some, None, schedule={**SCHEDULE, "learning_rate": 1e-9}, seed=1)
    assert int(model.optimizer.iterations) == len(model.optimizer._learning_rate.rates) == 15
    loss, accuracy = model.evaluate(some.inputs, some.labels, verbose=0)
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(history["accuracy"], accuracy, rtol=1e-6)


def test_batches_follow_from_seed_and_epoch_alone():
    def order(seed, epoch):
        batches = Batches(examples(), 8, seed, epoch)
        return [label for i in reversed(range(len(batches))) for label in batches[i][0][:, 0].tolist()]

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


def test_a_transform_gets_a_seed_of_its_own_for_each_batch_and_no_labels():
    seeds = []

    def transform(inputs, seed):
        seeds.append(tuple(seed))
        return inputs + 1

    plain, changed = (Batches(examples(), 16, 3, 5, change) for change in (None, transform))
    for number in range(len(plain)):
        (rows, labels), (same_rows, same_labels) = changed[number], plain[number]
        np.testing.assert_array_equal(rows, same_rows + 1)
        np.testing.assert_array_equal(labels, same_labels)
    assert len(set(seeds)) == len(seeds) == len(plain)


def test_the_order_and_the_changes_of_an_epoch_are_drawn_independently():
    draws = []
    batches = Batches(examples(), 16, 3, 5, lambda inputs, seed: draws.append(seed) or inputs)
    batches[0]
    order = np.random.default_rng(draws[0]).permutation(len(batches.order))
    assert order.tolist() != batches.order.tolist()


def test_a_batch_is_made_while_the_one_before_it_is_in_use():
    """One batch ahead and no more, so that two are in memory."""
    made, begun = [], [Event() for _ in "abcd"]

    class Spy(list):
        def __getitem__(self, number):
            made.append(number)
            begun[number].set()
            return super().__getitem__(number)

    seen = []
    for batch in ahead(Spy("abcd")):
        seen.append(batch)
        assert all(event.wait(60) for event in begun[: len(seen) + 1])
        assert len(made) <= len(seen) + 1
    assert (seen, made) == (list("abcd"), [0, 1, 2, 3])


def test_what_goes_wrong_in_a_batch_ends_the_epoch():
    def transform(inputs, seed):
        if seed[-1] == 3:
            raise InputError("a.h5: the row of image 'b' has a value that is NaN or infinite.")
        return inputs

    seen = []
    with pytest.raises(InputError, match="the row of image 'b'"):
        seen.extend(ahead(Batches(examples(), 8, 1, 1, transform)))
    assert len(seen) == 2
