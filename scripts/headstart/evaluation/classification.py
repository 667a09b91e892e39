"""Classify pictures of a folder that have no manifest, and list the result."""

from pathlib import Path

import numpy as np
import pandas as pd

from headstart.core.listing import SUFFIXES
from headstart.data import images
from headstart.evaluation import ensemble
from headstart.formats import predictions

BATCH = 32


def status(folder, name):
    """Return "ok" where a file is a readable picture, and the reason where it is not."""
    if Path(name).suffix.lower() not in SUFFIXES:
        return f"not a picture: its name ends in none of {', '.join(SUFFIXES)}"
    return images.inspect(folder, name)[2]


def pixels(folder, names, shape, background):
    """Return the pixels of some pictures, uint8, images × ``shape``; transparent ones are laid on ``background``."""
    return np.stack([images.read(folder, name, shape, background) for name in names])


def batches(folder, names, shape, background, backbone, members, mean):
    """Yield (names, pixels, probabilities) of `BATCH` pictures at a time.

    Pixels are uint8, images × ``shape``, with transparent pixels on ``background``. Probabilities are images × classes,
    the ``mean`` (see `ensemble.average`) over the models ``members``. These see what ``backbone`` (`engines.Engine`)
    predicts, or the pixels where it is None.
    """
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        values = pixels(folder, batch, shape, background)
        inputs = backbone.predict(values.astype(np.float32)) if backbone else values
        each = [{"test": predictions.Part(batch, model.predict_on_batch(inputs), None)} for model in members]
        yield batch, values, ensemble.average(each, mean)["test"].probabilities


def table(statuses, names, probabilities, classes):
    """Return a row for each file: file, status, class, probability, and p_<class>, the probabilities of all classes.

    ``statuses`` is ``{file: status}``, and ``names`` are the files that ``probabilities``, images × classes, are of.
    """
    found = pd.DataFrame(probabilities, columns=[f"p_{name}" for name in classes])
    best = probabilities.argmax(axis=1)
    found.insert(0, "class", [classes[number] for number in best])
    found.insert(1, "probability", probabilities.max(axis=1))
    found.insert(0, "file", names)
    files = pd.DataFrame({"file": list(statuses), "status": list(statuses.values())})
    return files.merge(found, on="file", how="left")


def likeliest(probabilities, classes, count=3):
    """Return the ``count`` likeliest classes with their probabilities, as ``[(class, probability)]``."""
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [(classes[number], probabilities[number]) for number in order]
