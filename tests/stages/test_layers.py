"""What layers see: the stage's own work, on a small network."""

import io
import json

import keras
import numpy as np
import pytest
import visualize_layers as stage

from headstart.core import runtime
from headstart.core.files import write_json
from headstart.formats import hdf5, predictions


@pytest.mark.parametrize("shape", [(16, 48, 3), (1, 30, 1)])
def test_layers_of_pictures_of_any_height_and_width_are_looked_into(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(runtime, "prepare", lambda **_: None)  # once a process
    ids, values = ["a", "b"], np.random.default_rng(0).integers(0, 256, (2, *shape), np.uint8)
    options = {"terminal": io.StringIO(), "title": ""}
    hdf5.write_rows(tmp_path / "train.h5", ids, shape, np.uint8, [values], {}, **options)
    network = [keras.Input(shape), keras.layers.Conv2D(4, 3, padding="same"), keras.layers.Flatten()]
    keras.Sequential([*network, keras.layers.Dense(2, activation="softmax")]).save(tmp_path / "model.keras")
    said = predictions.Part(ids, np.full((2, 2), 0.5, np.float32), np.array([0, 1]))
    predictions.write(tmp_path / "p.h5", {"validation": said}, ["x", "y"])
    wrong = [{"id": "b", "predicted": "x"}]
    write_json(tmp_path / "gallery.json", {"part": "validation", "kinds": {"wrong, and most certain": wrong}})
    rows = {"train": tmp_path / "train.h5"}
    files = {"models": [tmp_path / "model.keras"], "members": [tmp_path / "p.h5"], "shown": tmp_path / "gallery.json"}
    options = {"weights": [], "expected": None, "target": tmp_path / "out.json", "size": 32, "threads": 1, "seed": 0}
    stage.main(pixels=rows, seen=rows, **files, **options)
    found = json.loads((tmp_path / "out.json").read_text())
    assert len(found["filters"]) == 4
    assert [picture["id"] for picture in found["mistakes"]] == ["b"]
