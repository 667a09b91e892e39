"""predictions.h5, and the average of members."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart import predictions
from headstart.errors import InputError
from headstart.predictions import Part

CLASSES = ["cat", "dog", "owl"]


def part(seed=0, count=5, labels=True):
    """Random predictions."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(3), count).astype(np.float32)
    return Part([f"img-{i}" for i in range(count)], probabilities, np.arange(count) % 3 if labels else None)


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
    with pytest.raises(InputError, match="not a whole predictions file") as caught:
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
    with pytest.raises(InputError, match=r"p\.h5: not a whole predictions file \(its values are not those that were"):
        predictions.read(path)


def test_predictions_under_other_classes_are_bad_input(tmp_path):
    predictions.write(tmp_path / "p.h5", {"validation": part()}, CLASSES)
    with h5py.File(tmp_path / "p.h5", "r+") as file:
        file["classes"][:] = np.array(CLASSES[::-1], dtype=object)
    with pytest.raises(InputError, match=r"p\.h5: not a whole predictions file"):
        predictions.read(tmp_path / "p.h5")


def test_the_average_is_the_mean_of_the_members():
    members = [{"validation": part(seed)} for seed in range(6)]
    found = predictions.average(members)["validation"]
    expected = np.mean([member["validation"].probabilities.astype(np.float64) for member in members], axis=0)
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-15)
    assert found.ids == members[0]["validation"].ids
    assert found.labels.tolist() == members[0]["validation"].labels.tolist()


def test_the_average_of_one_member_is_that_member():
    np.testing.assert_array_equal(predictions.average([{"test": part(3)}])["test"].probabilities, part(3).probabilities)


@settings(deadline=None)
@given(arrays(np.float32, (4, 6, 3), elements=st.floats(0.0625, 1, width=32)))
def test_rows_of_an_average_sum_to_one(weights):
    members = [{"test": Part(list("abcdef"), rows / rows.sum(axis=1, keepdims=True), None)} for rows in weights]
    np.testing.assert_allclose(predictions.average(members)["test"].probabilities.sum(axis=1), 1, atol=1e-6)


def test_an_average_keeps_all_parts():
    members = [{"validation": part(seed), "test": part(seed, 3, labels=False)} for seed in (1, 2)]
    found = predictions.average(members)
    assert list(found) == ["validation", "test"]
    assert found["test"].labels is None


def test_a_member_that_predicts_other_images_is_refused():
    with pytest.raises(InputError, match="member 2 predicts other test images than member 1"):
        predictions.average([{"test": part(count=5)}, {"test": part(count=4)}])


def test_a_member_that_predicts_in_another_order_is_refused():
    other = Part(part().ids[::-1], part().probabilities, None)
    with pytest.raises(InputError, match="member 3"):
        predictions.average([{"test": part()}, {"test": part()}, {"test": other}])


def test_a_member_that_lacks_a_part_is_refused():
    with pytest.raises(InputError, match="member 2"):
        predictions.average([{"validation": part(), "test": part()}, {"validation": part()}])


def test_a_part_that_only_a_later_member_has_is_refused():
    with pytest.raises(InputError, match="member 1 predicts other test images"):
        predictions.average([{"validation": part()}, {"validation": part(), "test": part()}])


def piece(names, seed):
    rows = np.random.default_rng(seed).dirichlet([1, 1, 1], len(names)).astype(np.float32)
    return Part(list(names), rows, np.arange(len(names), dtype=np.int32) % 3)


def test_validation_images_that_are_dealt_out_come_together():
    members = [{"validation": piece(names, seed)} for seed, names in enumerate(["abc", "de", "abc", "de"])]
    found = predictions.average(members)["validation"]
    assert found.ids == list("abcde")
    assert found.labels.tolist() == [0, 1, 2, 0, 1]
    parts = [member["validation"].probabilities.astype(np.float64) for member in members]
    np.testing.assert_allclose(found.probabilities[:3], (parts[0] + parts[2]) / 2, rtol=1e-15)
    np.testing.assert_allclose(found.probabilities[3:], (parts[1] + parts[3]) / 2, rtol=1e-15)


def test_validation_images_of_two_members_are_the_same_or_none_in_common():
    with pytest.raises(InputError, match="member 2 predicts other validation images"):
        predictions.average([{"validation": piece("abc", 0)}, {"validation": piece("cd", 1)}])


def test_test_images_are_not_dealt_out():
    with pytest.raises(InputError, match="member 2 predicts other test images"):
        predictions.average([{"test": piece("abc", 0)}, {"test": piece("de", 1)}])


def test_the_geometric_mean_is_that_of_the_logarithms():
    members = [{"test": piece("abcd", seed)} for seed in range(3)]
    found = predictions.average(members, "geometric")["test"].probabilities
    product = np.prod([member["test"].probabilities.astype(np.float64) for member in members], axis=0) ** (1 / 3)
    np.testing.assert_allclose(found, product / product.sum(axis=1, keepdims=True), rtol=1e-9)


def test_a_zero_does_not_spoil_a_geometric_mean():
    sure, unsure = (Part(["a"], np.array([row], np.float32), None) for row in ([1, 0], [0.5, 0.5]))
    found = predictions.average([{"test": sure}, {"test": unsure}], "geometric")["test"].probabilities
    assert np.isfinite(found).all()
    assert found[0, 0] > 0.99
    tiny = float(np.finfo(np.float32).tiny)  # what a zero counts as
    assert found[0, 1] == pytest.approx(np.sqrt(tiny / 2) / np.sqrt(1 / 2), rel=1e-12, abs=0)


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


def test_a_mean_says_which_members_diverged():
    whole, broken = {"test": part()}, {"test": replace(part(), diverged="in epoch 2")}
    assert predictions.average([whole, whole])["test"].diverged is None
    assert predictions.average([broken])["test"].diverged == "in epoch 2"
    later = {"test": replace(part(), diverged="in epoch 5")}
    assert predictions.average([whole, broken, later])["test"].diverged == "2 of 3 members; member 2: in epoch 2"
