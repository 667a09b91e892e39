"""Join the rows of HDF5 files with the labels, parts and folds of manifest and split."""

from dataclasses import dataclass

import numpy as np

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.data import manifests, splits
from headstart.formats import hdf5, predictions


@dataclass(frozen=True)
class Examples:
    """Images or their features: ids, inputs (images × …) and labels, which are class numbers or None if not known."""

    ids: list
    inputs: np.ndarray
    labels: np.ndarray | None


class Stored:
    """The rows of some images in an HDF5 file, by their numbers in the file's order; read on demand.

    They may not fit in memory. Rows with near numbers are read in one piece.
    """

    def __init__(self, path, ids):
        wanted = set(ids)
        self.path, self.ids = path, [name for name in hdf5.read_ids(path) if name in wanted]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, numbers):
        return _rows(self.path, [self.ids[number] for number in numbers])


# The attributes that say what made the rows. All parts and copies must agree on them.
MADE = ("manifest_sha256", "backbone", "weights_sha256", "size", "precision", "engine", "feature_layer")


def load(rows, manifest, split, classes, fold, train=None, made=None):
    """Return what a member trains on, validates on and predicts: `Examples`, `Examples`, and blocks of them.

    ``rows`` is ``{published part: HDF5 file}``, ``train`` another file for the training rows. The member validates on
    ``fold``. With None nothing is held out, and validation is None. Test is None where no test part is published. All
    come in the split's order. Raises `InputError` where a class has no image to train on, or a file is of another
    manifest. Raises it too where a file is of another backbone than the others, or differs from ``made`` (attributes,
    as feature_layer).
    """
    files = [*rows.values(), *([train] if train else [])]
    agree(files, {"manifest_sha256": sha256(manifest)}, f"the digest of {manifest}")
    agree(rows.values(), made or {}, "from the config and the weights file")
    agree(rows.values(), _made(rows["train"]), f"as in {rows['train']}")
    images = splits.read(split).set_index("id").join(manifests.read(manifest).set_index("id")["label"])
    published = images["part"] == "test"
    held_out = images["fold"].isin([] if fold is None else [fold])
    missing = splits.unseen(images["label"][~published], held_out[~published])
    if missing:
        raise InputError(
            f"{split}: all images of class {missing[0]!r} are in fold {fold}, so none is left to train on. "
            f"Change seed, or split.folds of the dataset."
        )
    return (
        _examples(train or rows["train"], images[~published & ~held_out], classes),
        _examples(rows["train"], images[held_out], classes) if fold is not None else None,
        blocks(rows["test"], images[published], classes) if "test" in rows else None,
    )


def agree(files, expected, why):
    """Raise `InputError` unless all HDF5 ``files`` have the ``expected`` attributes, in words ``why``."""
    for path in files:
        attrs = hdf5.read_attrs(path)
        for name, value in expected.items():
            if attrs.get(name) != value:
                raise InputError(
                    f"{path}: expected {name} {value}, {why} (got {attrs.get(name)}). Remove the file and run again."
                )


def _made(path):
    return {name: value for name, value in hdf5.read_attrs(path).items() if name in MADE}


def with_copies(train, rows, copies):
    """Return the training examples and, after them, the same images from further HDF5 files.

    ``rows`` is the file of the training examples. Raises `InputError` where the copies are of another manifest or
    backbone.
    """
    agree(copies, _made(rows), f"as in {rows}")
    count, times = len(train.ids), 1 + len(copies)
    inputs = np.empty((count * times, *train.inputs.shape[1:]), train.inputs.dtype)
    inputs[:count] = train.inputs
    for number, path in enumerate(copies, 1):
        inputs[number * count : (number + 1) * count] = _rows(path, train.ids)
    return Examples(train.ids * times, inputs, np.tile(train.labels, times))


def with_pseudo_labels(train, rows, source, *, most, confidence, seed):
    """Return the training examples and, after them, unlabelled images with labels that a model predicts.

    ``rows`` is the HDF5 file of the test part, ``source`` the model's predictions. Images whose likeliest class has a
    probability of ``confidence`` or more are candidates. ``most`` of them are drawn, or all where there are fewer (Lee,
    Pseudo-Label, ICML 2013 workshop). Without candidates, the training examples stay alone.
    """
    test = predictions.read(source)[0]["test"]
    sure = np.flatnonzero(test.probabilities.max(axis=1) >= confidence)
    count = min(len(sure), most)
    chosen = np.sort(np.random.default_rng(seed).choice(sure, count, replace=False))
    print(
        f"pseudo-labels: {len(sure)} of {len(test.ids)} test images have a probability of {confidence} or more "
        f"(predicted by {source}). Training uses {count} of them."
    )
    ids = [test.ids[i] for i in chosen]
    return Examples(
        train.ids + ids,
        np.concatenate([train.inputs, _rows(rows, ids)]),
        np.concatenate([train.labels, test.probabilities[chosen].argmax(axis=1).astype(np.int32)]),
    )


def blocks(rows, images, classes, size=1024):
    """Yield the `Examples` of a data frame of images, ``size`` at a time: the test part may exceed memory."""
    for start in range(0, len(images), size):
        yield _examples(rows, images.iloc[start : start + size], classes)


def _examples(rows, images, classes):
    number = {name: i for i, name in enumerate(classes)}
    known = bool(len(images)) and (images["label"] != "").all()
    inputs = _rows(rows, images.index)
    return Examples(list(images.index), inputs, images["label"].map(number).to_numpy(np.int32) if known else None)


def _rows(path, ids):
    """Return the rows of ``ids``. Raise `InputError` where a value is not finite: nothing can be learned from it."""
    rows = hdf5.read_rows(path, ids)
    for number, row in enumerate(rows if rows.dtype.kind == "f" else ()):
        if not np.isfinite(row).all():
            raise InputError(
                f"{path}: the row of image {ids[number]!r} has a value that is NaN or infinite. "
                f"Remove the file and run again."
            )
    return rows
