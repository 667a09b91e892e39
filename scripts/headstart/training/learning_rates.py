"""Compute the learning rate of every step."""

import keras
import numpy as np


def learning_rates(schedule, steps):
    """Return the learning rate of every step; ``steps`` is the number of steps an epoch.

    The schedule's ``piecewise`` lists pairs of a number of epochs and their rate. Without it, the rate warms up
    linearly over ``warmup_epochs``. Then it stays constant or follows a cosine to 0 (Loshchilov & Hutter,
    arXiv:1608.03983, without restarts).
    """
    if schedule["piecewise"]:
        counts, rates = zip(*schedule["piecewise"], strict=True)
        return np.repeat(rates, np.multiply(counts, steps))
    total, warm = schedule["epochs"] * steps, round(schedule["warmup_epochs"] * steps)
    step = np.arange(total)
    rate = np.full(total, 1.0)
    if schedule["decay"] == "cosine":
        rate = 0.5 * (1 + np.cos(np.pi * ((step - warm) / max(1, total - warm))))
    rate[:warm] = (step[:warm] + 1) / warm
    return schedule["learning_rate"] * rate


@keras.saving.register_keras_serializable("headstart")
class Rates(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that looks up the learning rate of a step in a list."""

    def __init__(self, rates):
        self.rates = [float(rate) for rate in rates]

    def __call__(self, step):
        step = keras.ops.minimum(keras.ops.cast(step, "int32"), len(self.rates) - 1)
        return keras.ops.take(keras.ops.convert_to_tensor(self.rates, "float32"), step)

    def get_config(self):
        """Return the arguments that rebuild this schedule."""
        return {"rates": self.rates}
