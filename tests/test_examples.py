"""Rows of an HDF5 file joined with manifest and split."""

import io

import numpy as np
import pandas as pd
import pytest

from headstart import examples, hdf5, splits

CLASSES = ["cat", "dog"]


@pytest.fixture
def files(tmp_path):
    """Rows, a manifest and a split of 12 train and 4 test images; a row's numbers are its image's number."""
    ids = [f"img_{i:02d}" for i in range(16)]
    labels = [CLASSES[i % 2] for i in range(12)] + [""] * 4
    parts = ["train"] * 12 + ["test"] * 4
    frame = {"id": ids, "path": ids, "label": labels, "group": "", "part": parts, "status": "ok"}
    manifest = pd.DataFrame(frame).sample(frac=1, random_state=1)
    manifest.to_csv(tmp_path / "manifest.csv", index=False)
    splits.split(manifest, folds=3, seed=1).to_csv(tmp_path / "split.csv", index=False)
    rows = {}
    for part in ("train", "test"):
        chosen = [i for i in range(16) if parts[i] == part]
        rows[part] = tmp_path / f"{part}.h5"
        values = np.repeat(np.array(chosen, np.float32), 3).reshape(-1, 3)
        names = [ids[i] for i in chosen]
        hdf5.write_rows(rows[part], names, (3,), "float32", [values], {}, terminal=io.StringIO(), title="")
    return rows, tmp_path / "manifest.csv", tmp_path / "split.csv"


def loaded(files, classes):
    """The train examples, and those held out."""
    rows, manifest, split = files
    train = examples.load(rows["train"], manifest, split, "train", classes)
    held_out = {"validation": examples.load(rows["train"], manifest, split, "validation", classes)}
    return train, held_out | {"test": examples.load(rows["test"], manifest, split, "test", classes)}


def test_ids_inputs_and_labels_belong_together(files):
    train, held_out = loaded(files, CLASSES)
    for some in (train, held_out["validation"]):
        numbers = [int(name[-2:]) for name in some.ids]
        assert some.inputs[:, 0].tolist() == numbers
        assert some.labels.tolist() == [number % 2 for number in numbers]
        assert some.labels.dtype == np.int32


def test_every_image_is_in_one_part(files):
    train, held_out = loaded(files, CLASSES)
    assert len(train.ids) == 8
    assert sorted(train.ids + held_out["validation"].ids) == [f"img_{i:02d}" for i in range(12)]
    assert sorted(held_out["test"].ids) == [f"img_{i:02d}" for i in range(12, 16)]


def test_unlabelled_images_have_no_labels(files):
    assert loaded(files, CLASSES)[1]["test"].labels is None


def test_rows_are_in_the_order_of_the_split(files):
    train, _ = loaded(files, CLASSES)
    assert train.ids == splits.read(files[2]).query("part == 'train'")["id"].tolist()


def test_parts_can_be_loaded_together(files):
    rows, manifest, split = files
    both = examples.load(rows["train"], manifest, split, ["train", "validation"], CLASSES)
    assert both.ids == splits.read(split).query("part != 'test'")["id"].tolist()
    numbers = [int(name[-2:]) for name in both.ids]
    assert both.inputs[:, 0].tolist() == numbers
    assert both.labels.tolist() == [number % 2 for number in numbers]


def test_a_label_is_the_number_of_its_class(files):
    forward, backward = (loaded(files, classes)[0].labels for classes in (CLASSES, CLASSES[::-1]))
    assert (forward == 1 - backward).all()


@pytest.mark.parametrize("size", [1, 3, 8, 100])
def test_blocks_are_the_whole_in_pieces(files, size):
    rows, manifest, split = files
    whole = examples.load(rows["train"], manifest, split, "train", CLASSES)
    pieces = list(examples.blocks(rows["train"], manifest, split, "train", CLASSES, size))
    assert max(len(piece.ids) for piece in pieces) == min(size, 8)
    assert sum((piece.ids for piece in pieces), []) == whole.ids
    np.testing.assert_array_equal(np.concatenate([piece.inputs for piece in pieces]), whole.inputs)
    np.testing.assert_array_equal(np.concatenate([piece.labels for piece in pieces]), whole.labels)
