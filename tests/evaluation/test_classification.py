"""Classify pictures without a manifest: what becomes of a file, and the rows of the table."""

import numpy as np
import pytest
from PIL import Image

from headstart.evaluation import classification, ensemble
from headstart.formats.predictions import Part

CLASSES = ["cat", "dog", "fox"]


class Constant:
    """A model that gives every picture the same probabilities, and notes what it was shown."""

    def __init__(self, *probabilities):
        self.probabilities, self.seen = np.array(probabilities, np.float32), []

    def predict(self, inputs):
        self.seen.append(np.asarray(inputs))
        return np.tile(self.probabilities, (len(inputs), 1))

    predict_on_batch = predict


@pytest.fixture
def folder(tmp_path):
    for number in range(classification.BATCH + 3):
        Image.fromarray(np.full((8, 6, 3), number, np.uint8)).save(tmp_path / f"{number:02}.png")
    return tmp_path


def test_the_status_says_why_a_file_is_left_out(folder):
    (folder / "note.txt").write_text("")
    (folder / "broken.jpg").write_bytes(b"no picture")
    assert classification.status(folder, "00.png") == "ok"
    assert classification.status(folder, "note.txt").startswith("not a picture: its name ends in none of .")
    assert classification.status(folder, "broken.jpg") == "unreadable: not an image"


def test_every_picture_is_classified_once_by_the_mean_of_all_members(folder):
    names = sorted(path.name for path in folder.iterdir())
    members = [Constant(0.5, 0.3, 0.2), Constant(0.1, 0.1, 0.8)]
    found = list(classification.batches(folder, names, (8, 6, 3), "white", None, members, "geometric"))
    assert [name for batch, _, _ in found for name in batch] == names
    pixels = np.concatenate([shown for _, shown, _ in found])
    np.testing.assert_array_equal(pixels[:, 0, 0, 0], range(len(names)))
    np.testing.assert_array_equal(np.concatenate(members[1].seen), pixels)
    rows = [np.tile(model.probabilities, (len(names), 1)) for model in members]
    expected = ensemble.average([{"test": Part(names, each, None)} for each in rows], "geometric")["test"].probabilities
    np.testing.assert_allclose(np.concatenate([each for _, _, each in found]), expected)


def test_models_see_what_the_backbone_gives(folder):
    head, backbone = Constant(1, 0, 0), Constant(7.0, 8.0)
    next(classification.batches(folder, ["05.png"], (8, 6, 3), "white", backbone, [head], "arithmetic"))
    assert backbone.seen[0].dtype == np.float32 and (backbone.seen[0] == 5).all()
    assert head.seen[0].tolist() == [[7.0, 8.0]]


def test_the_table_has_a_row_a_file_and_a_column_a_class():
    statuses = {"a.png": "ok", "b.txt": "not a picture", "c.png": "ok"}
    found = classification.table(statuses, ["a.png", "c.png"], np.array([[0.2, 0.7, 0.1], [0.6, 0.3, 0.1]]), CLASSES)
    assert list(found.columns) == ["file", "status", "class", "probability", "p_cat", "p_dog", "p_fox"]
    assert found["file"].tolist() == list(statuses) and found["status"].tolist() == list(statuses.values())
    assert found.loc[[0, 2], "class"].tolist() == ["dog", "cat"]
    assert found.loc[[0, 2], "probability"].tolist() == [0.7, 0.6]
    assert found.loc[1, ["class", "probability", "p_cat"]].isna().all()


def test_of_equally_likely_classes_the_first_comes_first():
    assert classification.likeliest(np.array([0.2, 0.4, 0.4]), CLASSES, 2) == [("dog", 0.4), ("fox", 0.4)]
