"""Save and load Keras models; equal models are equal on disk, to the bit."""

import json
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np

from headstart.core.files import atomic, reading
from headstart.training import networks  # noqa: F401 - so that its layers can be loaded

METADATA = "metadata.json"  # in a .keras file
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can store


def save(model, path, diverged=None):
    """Save a model as .keras, free of date and addresses, and without the optimizer (twice the size of the weights).

    ``diverged`` says in words that its training diverged; see `diverged`.
    """
    model.optimizer, model.compiled = None, False
    with tempfile.TemporaryDirectory() as folder:
        dated = Path(folder, "model.keras")
        keras.saving.save_model(model, dated)
        with atomic(path) as temporary, zipfile.ZipFile(dated) as source, zipfile.ZipFile(temporary, "w") as target:
            for name in sorted(source.namelist()):
                content = source.read(name)
                if name.endswith(".json"):
                    said = {"diverged": diverged} if diverged and name == METADATA else {}
                    content = json.dumps(_lasting(json.loads(content)) | said).encode()
                target.writestr(zipfile.ZipInfo(name, DATE), content)


def _lasting(node):
    """Return Keras's JSON without the values that change from process to process: memory addresses and the date."""
    if isinstance(node, list):
        return [_lasting(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _lasting(value) for key, value in node.items() if key != "shared_object_id"}
    return kept | ({"date_saved": "1980-01-01@00:00:00"} if "date_saved" in kept else {})


def forget(model):
    """Set the weights of a classifier, in place, so that it gives every class the same probability for any input.

    This replaces the weights of a training that diverged: NaN weights would stop every later stage that reads the
    model.
    """
    for weight in model.weights:
        weight.assign(np.ones(weight.shape) if weight.name == "moving_variance" else np.zeros(weight.shape))


def diverged(path):
    """Return in words why the training of a saved model diverged, or None where it did not."""
    with reading(path, ".keras file"), zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(METADATA)).get("diverged")


def inherited(start):
    """Return in words why a member that starts from a saved model diverges with it, or None."""
    words = diverged(start)
    return f"it starts from {start}, which diverged: {words}" if words else None


def load(path):
    """Return a saved model. Raises `InputError` where the file cannot be read."""
    with reading(path, ".keras file"):
        return keras.saving.load_model(path, compile=False)
