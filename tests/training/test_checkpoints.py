"""Training that goes on from its last complete epoch."""

import keras
import numpy as np
import pytest
from small_config import schedule

from headstart.training import loop, networks
from headstart.training.checkpoints import Checkpoint
from headstart.training.examples import Examples

SCHEDULE = schedule(epochs=4, batch_size=8, learning_rate=0.01, warmup_epochs=1, decay="cosine", weight_decay=0.01)


class Killed(BaseException):
    """What ends a training in the middle of an epoch."""


def examples(count):
    rng = np.random.default_rng(0)
    return Examples([str(i) for i in range(count)], rng.normal(size=(count, 6, 6, 1)), np.arange(count) % 3)


def trained(checkpoint=None, killed_in=None, seed=7):
    """The weights and the history of a training, in which dropout and batch normalisation have a state."""
    keras.utils.set_random_seed(seed)
    model = networks.classifier((6, 6, 1), 3, blocks=[[4]], dense=[8], batch_norm=True, dropout=0.5)

    def transform(inputs, seeds):
        if seeds[1:] == [killed_in, 2]:
            raise Killed
        return inputs + np.random.default_rng(seeds).normal(size=inputs.shape)

    history = loop.fit(
        model, examples(40), examples(9), schedule=SCHEDULE, seed=seed, transform=transform, checkpoint=checkpoint
    )
    return [np.asarray(value) for value in model.variables], history


@pytest.mark.parametrize("epoch", [0, 1, 3])
def test_a_training_that_was_killed_ends_with_the_same_bits(tmp_path, epoch, capsys):
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    with pytest.raises(Killed):
        trained(checkpoint, killed_in=epoch)
    keras.backend.clear_session()
    weights, history = trained(checkpoint)
    assert ("Training continues after epoch" in capsys.readouterr().out) == (epoch > 0)
    expected_weights, expected_history = trained()
    assert history.equals(expected_history)
    for value, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_array_equal(value, expected)


def test_a_training_that_was_killed_at_its_end_is_not_run_again(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    weights, history = trained(checkpoint)
    again, told = trained(checkpoint, killed_in=0)  # it would be, in any epoch that is run
    assert told.equals(history)
    np.testing.assert_array_equal(again[0], weights[0])


@pytest.mark.parametrize("spoilt", ["another training", "truncated", "no archive", "empty"])
def test_what_cannot_be_gone_on_from_is_begun_anew(tmp_path, spoilt, capsys):
    path = tmp_path / "state.npz"
    with pytest.raises(Killed):
        trained(Checkpoint(path, "a"), killed_in=2)
    if spoilt == "truncated":
        path.write_bytes(path.read_bytes()[:-500])
    elif spoilt == "empty":
        path.write_bytes(b"")
    elif spoilt == "no archive":
        path.write_text("state")
    weights, history = trained(Checkpoint(path, "b" if spoilt == "another training" else "a"))
    assert "Training starts at epoch 1." in capsys.readouterr().out
    expected, told = trained()
    assert history.equals(told)
    np.testing.assert_array_equal(weights[0], expected[0])


def test_a_state_is_replaced_as_a_whole(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    with pytest.raises(Killed):
        trained(checkpoint, killed_in=2)
    kept = checkpoint.path.read_bytes()

    def half(file, **values):
        file.write(b"half")
        raise Killed

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(Killed):
        trained(checkpoint)
    assert checkpoint.path.read_bytes() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
