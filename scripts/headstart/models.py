"""Keras models on disk, the same to the bit whenever they are the same."""

import json
import tempfile
import zipfile
from pathlib import Path

import keras

from headstart import networks  # noqa: F401 - so that its layers can be loaded
from headstart.errors import InputError
from headstart.files import atomic

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can carry


def save(model, path):
    """Save a model as .keras, free of date and addresses, and without the optimizer (twice the size of the weights)."""
    model.optimizer, model.compiled = None, False
    with tempfile.TemporaryDirectory() as folder:
        dated = Path(folder, "model.keras")
        keras.saving.save_model(model, dated)
        with atomic(path) as temporary, zipfile.ZipFile(dated) as source, zipfile.ZipFile(temporary, "w") as target:
            for name in sorted(source.namelist()):
                content = source.read(name)
                if name.endswith(".json"):
                    content = json.dumps(_lasting(json.loads(content))).encode()
                target.writestr(zipfile.ZipInfo(name, DATE), content)


def _lasting(node):
    """Keras's JSON without what changes from process to process: addresses in memory, and the date."""
    if isinstance(node, list):
        return [_lasting(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _lasting(value) for key, value in node.items() if key != "shared_object_id"}
    return kept | ({"date_saved": "1980-01-01@00:00:00"} if "date_saved" in kept else {})


def load(path):
    """Return a saved model. Raises `InputError` where the file cannot be read."""
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a whole .keras file; remove it and run again") from error
