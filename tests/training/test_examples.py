"""Rows of an HDF5 file joined with manifest and split."""

import io

import h5py
import numpy as np
import pandas as pd
import pytest
from fitting import linear

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.data import splits
from headstart.formats import hdf5, predictions
from headstart.training import examples
from headstart.training.history import evaluate

CLASSES = ["cat", "dog"]


@pytest.fixture
def files(tmp_path):
    """Rows, a manifest and a split of 12 train and 4 test images; a row's numbers are its image's number."""
    ids = [f"img_{i:02d}" for i in range(16)]
    labels = [CLASSES[i % 2] for i in range(12)] + [""] * 4
    parts = ["train"] * 12 + ["test"] * 4
    frame = {"id": ids, "path": ids, "label": labels, "group": "", "part": parts, "digest": ids, "status": "ok"}
    manifest = pd.DataFrame(frame).sample(frac=1, random_state=1)
    manifest.to_csv(tmp_path / "manifest.csv", index=False)
    splits.split(manifest, folds=3, seed=1).to_csv(tmp_path / "split.csv", index=False)
    rows, attrs = {}, {"manifest_sha256": sha256(tmp_path / "manifest.csv"), "feature_layer": "block5_pool"}
    for part in ("train", "test"):
        chosen = [i for i in range(16) if parts[i] == part]
        rows[part] = tmp_path / f"{part}.h5"
        values = np.repeat(np.array(chosen, np.float32), 3).reshape(-1, 3)
        names = [ids[i] for i in chosen]
        hdf5.write_rows(rows[part], names, (3,), "float32", [values], attrs, terminal=io.StringIO(), title="")
    return rows, tmp_path / "manifest.csv", tmp_path / "split.csv"


def loaded(files, classes=CLASSES, fold=0, **changes):
    """The train, validation and test examples of a member, in memory."""
    return [some and examples.held(some) for some in examples.load(*files, classes, fold, **changes)]


def test_ids_inputs_and_labels_belong_together(files):
    for some in loaded(files)[:2]:
        numbers = [int(name[-2:]) for name in some.ids]
        assert some.inputs[:, 0].tolist() == numbers
        assert some.labels.tolist() == [number % 2 for number in numbers]
        assert some.labels.dtype == np.int32


def test_every_image_is_in_one_part(files):
    train, validation, test = loaded(files)
    assert len(train.ids) == 8
    assert sorted(train.ids + validation.ids) == [f"img_{i:02d}" for i in range(12)]
    assert sorted(test.ids) == [f"img_{i:02d}" for i in range(12, 16)]


def test_every_image_validates_in_one_fold_and_trains_in_the_others(files):
    held_out = []
    for fold in range(3):
        train, validation, _ = loaded(files, fold=fold)
        assert sorted(train.ids + validation.ids) == [f"img_{i:02d}" for i in range(12)]
        held_out += validation.ids
    assert sorted(held_out) == [f"img_{i:02d}" for i in range(12)]


def test_nothing_held_out_means_that_all_images_train(files):
    train, validation, _ = loaded(files, fold=None)
    assert train.ids == splits.read(files[2]).query("part != 'test'")["id"].tolist()
    assert validation is None


def test_training_rows_may_be_of_another_file(files, tmp_path):
    rows, _, _ = files
    names = [f"img_{i:02d}" for i in range(12)]
    values = np.full((12, 2), 7, np.float32)
    attrs = {"manifest_sha256": sha256(files[1])}
    hdf5.write_rows(tmp_path / "other.h5", names, (2,), "float32", [values], attrs, terminal=io.StringIO(), title="")
    train, validation, _ = loaded(files, train=tmp_path / "other.h5")
    assert (train.inputs == 7).all()
    assert train.inputs.shape == (8, 2)
    assert validation.inputs.shape == (4, 3)


def test_a_class_that_is_only_in_the_fold_held_out_is_bad_input(files):
    _, manifest, split = files
    frame = splits.read(split)
    cats = pd.read_csv(manifest, dtype=str).query("label == 'cat'")["id"]
    frame.loc[frame["fold"].notna(), "fold"] = 0
    frame.loc[frame["id"].isin(cats), "fold"] = 1
    frame.to_csv(split, index=False)
    with pytest.raises(InputError, match="all images of class 'cat' are in fold 1, so none is left to train on"):
        loaded(files, fold=1)


def test_without_a_published_test_part_there_is_none(files):
    rows, manifest, split = files
    assert examples.load({"train": rows["train"]}, manifest, split, CLASSES, 0)[2] is None


def test_unlabelled_images_have_no_labels(files):
    assert loaded(files)[2].labels is None


def test_rows_are_in_the_order_of_the_split(files):
    assert loaded(files)[0].ids == splits.read(files[2]).query("part == 'train'")["id"].tolist()


def test_a_label_is_the_number_of_its_class(files):
    forward, backward = (loaded(files, classes)[0].labels for classes in (CLASSES, CLASSES[::-1]))
    assert (forward == 1 - backward).all()


def say(path, **attrs):
    """Let an HDF5 file say something else of itself."""
    with h5py.File(path, "r+") as file:
        file.attrs.update(attrs)


@pytest.mark.parametrize("part", ["train", "test"])
def test_rows_of_another_manifest_are_refused(files, part):
    say(files[0][part], manifest_sha256="0" * 64)
    with pytest.raises(
        InputError, match=rf"{part}.h5: expected manifest_sha256 [0-9a-f]+, the digest of .*manifest.csv \(got 0+\)"
    ):
        loaded(files)


def test_rows_of_another_backbone_are_refused(files, tmp_path):
    with pytest.raises(InputError, match=r"train.h5: expected feature_layer block4_pool, from .* \(got block5_pool\)"):
        loaded(files, made={"feature_layer": "block4_pool"})
    say(files[0]["train"], weights_sha256="0")
    say(files[0]["test"], weights_sha256="1")
    with pytest.raises(InputError, match=r"test.h5: expected weights_sha256 0, as in .*train.h5 \(got 1\). Remove"):
        loaded(files)
    with pytest.raises(InputError, match="test.h5: expected weights_sha256 0"):
        examples.with_copies(None, files[0]["train"], [files[0]["test"]])


def test_copies_come_after_the_originals_with_the_same_labels(files, tmp_path):
    train, _, _ = examples.load(*files, CLASSES, 0)
    names = [f"img_{i:02d}" for i in range(12)]
    paths = []
    for number in (1, 2):
        paths.append(tmp_path / f"copy-{number}.h5")
        values = np.arange(12, dtype=np.float32)[:, None].repeat(3, 1) + 100 * number
        attrs = hdf5.read_attrs(files[0]["train"])
        hdf5.write_rows(paths[-1], names, (3,), "float32", [values], attrs, terminal=io.StringIO(), title="")
    found = examples.held(examples.with_copies(train, files[0]["train"], paths))
    numbers = np.array([int(name[-2:]) for name in train.ids])
    assert found.inputs[:, 0].tolist() == [*numbers, *(numbers + 100), *(numbers + 200)]
    assert found.ids == train.ids * 3
    assert found.labels.tolist() == (numbers % 2).tolist() * 3
    assert examples.with_copies(train, files[0]["train"], []).ids == train.ids


def pseudo(files, tmp_path, **changes):
    train, _, test = examples.load(*files, CLASSES, 0)
    cats = {"img_12": 0.95, "img_13": 0.6, "img_14": 0.02, "img_15": 0.08}
    rows = np.array([[cats[name], 1 - cats[name]] for name in test.ids], np.float32)
    predictions.write(tmp_path / "p.h5", {"test": predictions.Part(test.ids, rows, None)}, CLASSES)
    settings = {"most": 8, "confidence": 0.9, "seed": 3} | changes
    found = examples.with_pseudo_labels(train, files[0]["test"], tmp_path / "p.h5", **settings)
    return examples.held(train), examples.held(found)


def test_pseudo_labels_are_those_of_sure_predictions(files, tmp_path):
    train, found = pseudo(files, tmp_path)
    given = dict(
        zip(found.ids[8:], zip(found.labels[8:].tolist(), found.inputs[8:, 0].tolist(), strict=True), strict=True)
    )
    assert given == {"img_12": (0, 12), "img_14": (1, 14), "img_15": (1, 15)}
    assert found.labels.dtype == np.int32
    assert found.ids[:8] == train.ids
    np.testing.assert_array_equal(found.inputs[:8], train.inputs)
    np.testing.assert_array_equal(found.labels[:8], train.labels)


def test_pseudo_labels_are_no_more_than_asked_for_and_follow_the_seed(files, tmp_path):
    drawn = {tuple(pseudo(files, tmp_path, most=2, seed=seed)[1].ids[8:]) for seed in range(9)}
    assert all(len(ids) == 2 for ids in drawn)
    assert len(drawn) > 1
    assert pseudo(files, tmp_path, most=2)[1].ids == pseudo(files, tmp_path, most=2)[1].ids


def test_without_a_sure_prediction_the_labelled_images_train_alone(files, tmp_path, capsys):
    train, found = pseudo(files, tmp_path, confidence=0.99)
    assert found.ids == train.ids
    np.testing.assert_array_equal(found.inputs, train.inputs)
    assert "pseudo-labels: 0 of 4 test images have a probability of " in capsys.readouterr().out


def test_a_prediction_as_sure_as_asked_for_is_sure_enough(files, tmp_path):
    assert pseudo(files, tmp_path, confidence=0.95)[1].ids[8:] == ["img_14", "img_12"]
    surest = float(np.float32(0.98))
    assert pseudo(files, tmp_path, confidence=surest)[1].ids[8:] == ["img_14"]
    assert pseudo(files, tmp_path, confidence=np.nextafter(np.float32(0.98), 1))[1].ids[8:] == []


def test_pseudo_labels_may_be_as_many_as_there_are_sure_ones(files, tmp_path):
    for most, expected in ((2, 2), (3, 3), (4, 3)):
        assert len(pseudo(files, tmp_path, most=most)[1].ids) == 8 + expected


NUMBERS = (slice(3, 9), slice(None, None, -2), [6, 1, 6], [], np.arange(12)[::-1])


@pytest.mark.parametrize("numbers", [np.array(some, int) if isinstance(some, list) else some for some in NUMBERS])
def test_stored_rows_are_the_rows_of_one_file_after_another(files, numbers):
    """They are read by number, from both files, in the order asked for, and twice where asked for twice."""
    rows, manifest, split = files
    pieces = hdf5.Rows(rows["train"], [f"img_{i:02d}" for i in (7, 2, 11, 0)]), hdf5.Rows(rows["test"], ["img_15"])
    stored = examples.Stored(*pieces, pieces[0], hdf5.Rows(rows["test"], []), hdf5.Rows(rows["test"], ["img_12"] * 3))
    whole = np.array([7, 2, 11, 0, 15, 7, 2, 11, 0, 12, 12, 12], np.float32)[:, None].repeat(3, 1)
    assert (len(stored), stored.shape, stored.dtype) == (12, (12, 3), np.float32)
    np.testing.assert_array_equal(stored[numbers], whole[numbers])


@pytest.mark.parametrize("numbers", [slice(None), slice(1, 3), np.array([3, 0, 3])])
def test_stored_rows_of_one_file_are_its_rows(files, numbers):
    stored = examples.Stored(hdf5.Rows(files[0]["train"], [f"img_{i:02d}" for i in (7, 2, 11, 0)]))
    np.testing.assert_array_equal(stored[numbers][:, 0], np.array([7, 2, 11, 0])[numbers])


def test_rows_are_held_in_memory_up_to_a_limit(files, monkeypatch):
    """8 rows of 3 float32 are 96 bytes. More stays on the disk, and reads the same."""
    monkeypatch.setattr(examples, "IN_MEMORY", 96)
    train, _, _ = examples.load(*files, CLASSES, 0)
    held = examples.held(train)
    assert isinstance(held.inputs, np.ndarray)
    assert (held.ids, held.labels.tolist()) == (train.ids, train.labels.tolist())
    monkeypatch.setattr(examples, "IN_MEMORY", 95)
    stored = examples.held(train)
    assert isinstance(stored.inputs, examples.Stored)
    np.testing.assert_array_equal(stored.inputs[:], held.inputs)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_that_are_no_finite_numbers_are_bad_input(files, value):
    path = files[0]["test"]
    names, attrs, values = hdf5.read_ids(path), hdf5.read_attrs(path), hdf5.read_rows(path, hdf5.read_ids(path))
    values[2, 1] = value
    hdf5.write_rows(path, names, (3,), "float32", [values], attrs, terminal=io.StringIO(), title="")
    with pytest.raises(InputError, match=r"test.h5: the row of image 'img_14' has a value that is NaN or infinite"):
        loaded(files)


def test_a_value_of_validation_that_is_not_finite_is_bad_input(tmp_path):
    """It may stand anywhere, and TensorFlow may not make an error of its own of it."""
    rows, ids = np.ones((700, 3), np.float32), [str(number) for number in range(700)]
    rows[690, 1] = np.nan
    hdf5.write_rows(tmp_path / "a.h5", ids, (3,), "float32", [rows], {}, terminal=io.StringIO(), title="")
    some = examples.Examples(ids, examples.Stored(hdf5.Rows(tmp_path / "a.h5", ids)), np.zeros(700, np.int32))
    model = linear()
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with pytest.raises(InputError, match="a.h5: the row of image '690' has a value that is NaN"):
        evaluate(model, some)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("stored", [True, False])
def test_mean_and_variance_are_those_of_all_numbers(tmp_path, kind, stored):
    rows, ids = np.random.default_rng(0).integers(0, 256, (600, 5, 4)).astype(kind), [str(i) for i in range(600)]
    inputs = rows
    if stored:
        hdf5.write_rows(tmp_path / "a.h5", ids, (5, 4), kind, [rows], {}, terminal=io.StringIO(), title="")
        inputs = examples.Stored(hdf5.Rows(tmp_path / "a.h5", ids))
    expected = rows.mean(dtype=np.float64), rows.var(dtype=np.float64)
    np.testing.assert_allclose(examples.mean_and_variance(inputs), expected, rtol=1e-12)
