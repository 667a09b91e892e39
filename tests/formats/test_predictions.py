"""predictions.h5, and the average of members."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from drawn import part

from headstart.core.errors import InputError
from headstart.formats import predictions
from headstart.formats.predictions import Part

CLASSES = ["cat", "dog", "owl"]


def test_what_is_written_can_be_read(tmp_path):
    written = {"validation": part(1), "test": part(2, labels=False)}
    predictions.write(tmp_path / "p.h5", written, CLASSES)
    found, classes = predictions.read(tmp_path / "p.h5")
    assert classes == CLASSES
    assert list(found) == ["validation", "test"]
    for name in found:
        assert found[name].ids == written[name].ids
        assert found[name].probabilities.dtype == np.float32
        np.testing.assert_array_equal(found[name].probabilities, written[name].probabilities)
    assert found["validation"].labels.tolist() == [0, 1, 2, 0, 1]
    assert found["test"].labels is None


def test_a_dataset_without_a_test_part_has_validation_only(tmp_path):
    predictions.write(tmp_path / "p.h5", {"validation": part()}, CLASSES)
    assert list(predictions.read(tmp_path / "p.h5")[0]) == ["validation"]


def test_the_same_predictions_are_the_same_file(tmp_path):
    for name in "ab":
        predictions.write(tmp_path / name, {"validation": part()}, CLASSES)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    with pytest.raises(AttributeError):
        predictions.write(tmp_path / "p.h5", {"validation": part(), "test": None}, CLASSES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
def test_a_truncated_file_is_bad_input_in_one_line(tmp_path, share):
    predictions.write(tmp_path / "p.h5", {"validation": part(count=500)}, CLASSES)
    content = (tmp_path / "p.h5").read_bytes()
    (tmp_path / "p.h5").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="not a valid predictions file") as caught:
        predictions.read(tmp_path / "p.h5")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["probabilities", "labels", "ids"])
def test_four_changed_bytes_are_bad_input_that_names_the_file(tmp_path, name):
    path = tmp_path / "p.h5"
    predictions.write(path, {"validation": part(count=50)}, CLASSES)
    content = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        values = file["validation"][name]
        place = content.index(b"img-17") if name == "ids" else values.id.get_offset() + 17 * values.dtype.itemsize
    content[place : place + 4] = b"jpg-" if name == "ids" else bytes(byte ^ 1 for byte in content[place : place + 4])
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"p\.h5: not a valid predictions file \(checksum mismatch"):
        predictions.read(path)


def test_predictions_under_other_classes_are_bad_input(tmp_path):
    predictions.write(tmp_path / "p.h5", {"validation": part()}, CLASSES)
    with h5py.File(tmp_path / "p.h5", "r+") as file:
        file["classes"][:] = np.array(CLASSES[::-1], dtype=object)
    with pytest.raises(InputError, match=r"p\.h5: not a valid predictions file"):
        predictions.read(tmp_path / "p.h5")


def test_eight_thousand_classes_are_read_again(tmp_path):
    classes = [f"Species {number:04d} with a läng name" for number in range(8142)]
    written = Part(["a"], np.full((1, 8142), 1 / 8142, np.float32), np.array([8141]))
    predictions.write(tmp_path / "p.h5", {"test": written}, classes)
    parts, found = predictions.read(tmp_path / "p.h5")
    assert found == classes
    np.testing.assert_array_equal(parts["test"].probabilities, written.probabilities)


def test_the_part_that_counts_is_test_where_its_labels_are_known():
    known, unknown = part(), part(labels=False)
    assert predictions.reported({"validation": unknown, "test": known}) is known
    assert predictions.reported({"validation": known, "test": unknown}) is known
    assert predictions.reported({"validation": known}) is known


def test_a_part_without_images_is_written_and_labels_are_whole_numbers(tmp_path):
    parts = {"validation": Part(["a"], np.ones((1, 3)) / 3, np.array([2.0])), "test": part(count=0)}
    predictions.write(tmp_path / "p.h5", parts, CLASSES)
    found = predictions.read(tmp_path / "p.h5")[0]
    assert found["validation"].labels.dtype == np.int32
    assert found["test"].ids == []
    assert found["test"].probabilities.shape == (0, 3)


def test_a_part_says_that_its_training_diverged(tmp_path):
    predictions.write(
        tmp_path / "p.h5", {"validation": replace(part(), diverged="in epoch 2"), "test": part()}, CLASSES
    )
    found, _ = predictions.read(tmp_path / "p.h5")
    assert (found["validation"].diverged, found["test"].diverged) == ("in epoch 2", None)
