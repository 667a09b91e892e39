"""Predictions drawn from a seed."""

import numpy as np

from headstart.formats.predictions import Part


def part(seed=0, count=5, labels=True):
    """Return predictions of three classes for `count` images, drawn from a seed."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(3), count).astype(np.float32)
    return Part([f"img-{i}" for i in range(count)], probabilities, np.arange(count) % 3 if labels else None)
