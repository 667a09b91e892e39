"""Rows of an HDF5 file joined with what the manifest and the split say of them."""

from dataclasses import dataclass

import numpy as np

from headstart import hdf5, manifests, predictions, splits
from headstart.errors import InputError
from headstart.files import sha256


@dataclass(frozen=True)
class Examples:
    """Images or their features: ids, inputs (images × …), and labels (class numbers) or None where not known."""

    ids: list
    inputs: np.ndarray
    labels: np.ndarray | None


class Stored:
    """The rows of some images in an HDF5 file, by their numbers in the file's order; read when they are asked for.

    They may not fit in memory. In the file's order, rows whose numbers are near each other are read in one piece.
    """

    def __init__(self, path, ids):
        wanted = set(ids)
        self.path, self.ids = path, [name for name in hdf5.read_ids(path) if name in wanted]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, numbers):
        return _rows(self.path, [self.ids[number] for number in numbers])


# What rows say of what made them, alike in all parts and copies.
MADE = ("manifest_sha256", "trunk", "weights_sha256", "size", "precision", "cut")


def load(rows, manifest, split, classes, fold, train=None, made=None):
    """Return what a member trains on, validates on and predicts: `Examples`, `Examples`, and blocks of them.

    ``rows`` is ``{published part: HDF5 file}``, ``train`` another file for the training rows. The member validates on
    ``fold``; with None nothing is held out, and validation is None. Test is None where no test part is published. All
    come in the split's order. Raises `InputError` where a class has no image to train on, or a file is of another
    manifest, another trunk than the others, or than ``made`` says (attributes, as cut).
    """
    files = [*rows.values(), *([train] if train else [])]
    agree(files, {"manifest_sha256": sha256(manifest)}, f"as {manifest} is now")
    agree(rows.values(), made or {}, "as the config and the weights say")
    agree(rows.values(), _made(rows["train"]), f"as {rows['train']} says")
    images = splits.read(split).set_index("id").join(manifests.read(manifest).set_index("id")["label"])
    published = images["part"] == "test"
    held_out = images["fold"].isin([] if fold is None else [fold])
    missing = splits.unseen(images["label"][~published], held_out[~published])
    if missing:
        raise InputError(
            f"{split}: all images of class {missing[0]!r} are in fold {fold}, expected some to train on; "
            f"change seed or folds"
        )
    return (
        _examples(train or rows["train"], images[~published & ~held_out], classes),
        _examples(rows["train"], images[held_out], classes) if fold is not None else None,
        blocks(rows["test"], images[published], classes) if "test" in rows else None,
    )


def agree(files, expected, why):
    """Raise `InputError` unless all HDF5 ``files`` say of themselves what is ``expected`` (attributes)."""
    for path in files:
        attrs = hdf5.read_attrs(path)
        for name, value in expected.items():
            if attrs.get(name) != value:
                raise InputError(
                    f"{path}: {name} {attrs.get(name)}, expected {value}, {why}; remove the file and run again"
                )


def _made(path):
    return {name: value for name, value in hdf5.read_attrs(path).items() if name in MADE}


def with_copies(train, rows, copies):
    """Return the training examples and, after them, those of the same images in further HDF5 files.

    ``rows`` is the file of the training examples. Raises `InputError` where the copies are of another manifest or
    trunk.
    """
    agree(copies, _made(rows), f"as {rows} says")
    count, times = len(train.ids), 1 + len(copies)
    inputs = np.empty((count * times, *train.inputs.shape[1:]), train.inputs.dtype)
    inputs[:count] = train.inputs
    for number, path in enumerate(copies, 1):
        inputs[number * count : (number + 1) * count] = _rows(path, train.ids)
    return Examples(train.ids * times, inputs, np.tile(train.labels, times))


def with_pseudo_labels(train, rows, source, *, most, confidence, seed):
    """Return the training examples and, after them, unlabelled images with the labels that a model gives them.

    ``rows`` is the HDF5 file of the test part, ``source`` the model's predictions. Of the images whose likeliest class
    has a probability of ``confidence`` or more, ``most`` are drawn, or all of them where there are fewer (Lee,
    Pseudo-Label, ICML 2013 workshop); where there is none, the training examples stay alone.
    """
    test = predictions.read(source)[0]["test"]
    sure = np.flatnonzero(test.probabilities.max(axis=1) >= confidence)
    count = min(len(sure), most)
    chosen = np.sort(np.random.default_rng(seed).choice(sure, count, replace=False))
    print(f"pseudo-labels: {count} of {len(sure)} sure ones, of {len(test.ids)} test images, by {source}")
    ids = [test.ids[i] for i in chosen]
    return Examples(
        train.ids + ids,
        np.concatenate([train.inputs, _rows(rows, ids)]),
        np.concatenate([train.labels, test.probabilities[chosen].argmax(axis=1).astype(np.int32)]),
    )


def blocks(rows, images, classes, size=1024):
    """Yield the `Examples` of a data frame of images ``size`` at a time: a test part may be larger than memory."""
    for start in range(0, len(images), size):
        yield _examples(rows, images.iloc[start : start + size], classes)


def _examples(rows, images, classes):
    number = {name: i for i, name in enumerate(classes)}
    known = bool(len(images)) and (images["label"] != "").all()
    inputs = _rows(rows, images.index)
    return Examples(list(images.index), inputs, images["label"].map(number).to_numpy(np.int32) if known else None)


def _rows(path, ids):
    """Return the rows of ``ids``. Raises `InputError` where one is no finite number: nothing can be learned of it."""
    rows = hdf5.read_rows(path, ids)
    for number, row in enumerate(rows if rows.dtype.kind == "f" else ()):
        if not np.isfinite(row).all():
            raise InputError(
                f"{path}: the row of image {ids[number]!r} has a value that is no finite number; "
                f"remove the file and run again"
            )
    return rows
