"""The learning rate of every step."""

import numpy as np
import pytest
from fitting import SCHEDULE, examples, linear
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.training import learning_rates, loop


def rates(steps, **changes):
    return learning_rates.learning_rates({**SCHEDULE, **changes}, steps)


def test_a_constant_rate_is_the_same_at_every_step():
    assert rates(4).tolist() == [0.1] * 12


def test_steps_give_every_epoch_its_rate():
    schedule = {**SCHEDULE, "piecewise": [[1, 0.01], [2, 0.1]], "epochs": None, "learning_rate": None}
    assert learning_rates.learning_rates(schedule, 2).tolist() == [0.01] * 2 + [0.1] * 4
    history = loop.fit(linear(), examples(), examples(20), schedule=schedule, seed=1)
    assert history["learning_rate"].tolist() == [0.01, 0.1, 0.1]


def test_a_rate_rises_evenly_in_the_warm_up():
    np.testing.assert_allclose(rates(4, warmup_epochs=1)[:6], [0.025, 0.05, 0.075, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(rates(4, warmup_epochs=0.5)[:4], [0.05, 0.1, 0.1, 0.1])


def test_a_cosine_falls_from_the_highest_rate_towards_zero():
    found = rates(4, decay="cosine")
    np.testing.assert_allclose(found, 0.05 * (1 + np.cos(np.pi * np.arange(12) / 12)))
    assert found[0] == 0.1
    assert found[6] == pytest.approx(0.05)


def test_a_cosine_begins_after_the_warm_up():
    found = rates(4, decay="cosine", warmup_epochs=1)
    np.testing.assert_allclose(found[:5], [0.025, 0.05, 0.075, 0.1, 0.1])
    np.testing.assert_allclose(found[4:], 0.05 * (1 + np.cos(np.pi * np.arange(8) / 8)))


@settings(deadline=None)
@given(
    st.integers(1, 5), st.integers(1, 9), st.floats(0, 9), st.sampled_from(["constant", "cosine"]), st.floats(1e-6, 1)
)
def test_any_schedule_has_a_rate_between_zero_and_the_highest_for_every_step(epochs, steps, warmup, decay, highest):
    found = rates(steps, epochs=epochs, warmup_epochs=warmup, decay=decay, learning_rate=highest)
    assert found.shape == (epochs * steps,)
    assert (found > 0).all()
    assert found.max() <= highest * (1 + 1e-9)


def test_the_optimizer_looks_rates_up_by_step():
    schedule = learning_rates.Rates([0.5, 0.25, 0.125])
    assert [float(schedule(step)) for step in range(5)] == [0.5, 0.25, 0.125, 0.125, 0.125]
    assert learning_rates.Rates.from_config(schedule.get_config()).rates == schedule.rates
