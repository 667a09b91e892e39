"""Join the rows of HDF5 files with the labels, parts and folds of manifest and split."""

import math
from dataclasses import dataclass, replace

import numpy as np

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.data import manifests, splits
from headstart.formats import hdf5, predictions

IN_MEMORY = 2**30  # bytes of rows up to which they are read once; more are read whenever they are needed


@dataclass(frozen=True)
class Examples:
    """Images or their features: ids, inputs (images × …) and labels, which are class numbers or None if not known.

    ``inputs`` are `Stored`, or an array once they are `held`.
    """

    ids: list
    inputs: "Stored | np.ndarray"
    labels: np.ndarray | None


class Stored:
    """The rows of images in HDF5 files, one file after another, read on demand: they may not fit in memory.

    ``pieces`` are `hdf5.Rows`. ``stored[numbers]`` is an array len(numbers) × …; ``shape`` is of all rows together.
    Raises `InputError` where a value is not finite: nothing can be learned from it.
    """

    def __init__(self, *pieces):
        self.pieces = pieces
        self.ends = np.cumsum([len(rows) for rows in pieces])
        self.shape, self.dtype = (int(self.ends[-1]), *pieces[0].shape[1:]), pieces[0].dtype

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, numbers):
        if len(self.pieces) == 1:
            return _finite(self.pieces[0], numbers)  # a second array would take as much memory again
        numbers = np.arange(len(self))[numbers]
        out, place = np.empty((len(numbers), *self.shape[1:]), self.dtype), np.searchsorted(self.ends, numbers, "right")
        for piece in np.unique(place):
            here, rows = place == piece, self.pieces[piece]
            out[here] = _finite(rows, numbers[here] - (self.ends[piece] - len(rows)))
        return out


def _finite(rows, numbers):
    """Return rows of `hdf5.Rows` by number, if all of their values are finite."""
    found = rows[numbers]
    for name, row in zip(rows.ids[numbers], found if rows.dtype.kind == "f" else (), strict=False):
        if not np.isfinite(row).all():
            raise InputError(
                f"{rows.path}: the row of image {name!r} has a value that is NaN or infinite. "
                f"Remove the file and run again."
            )
    return found


def held(some):
    """Return `Examples` with their inputs in memory, if these take at most `IN_MEMORY` bytes."""
    size = math.prod(some.inputs.shape) * some.inputs.dtype.itemsize
    if isinstance(some.inputs, np.ndarray) or size > IN_MEMORY:
        return some
    return replace(some, inputs=some.inputs[:])


def mean_and_variance(inputs):
    """Return mean and variance of all numbers of inputs, images × …; a block of them at a time becomes float64."""
    blocks, count = range(0, len(inputs), hdf5.BLOCK), math.prod(inputs.shape)
    mean = sum(inputs[start : start + hdf5.BLOCK].sum(dtype=np.float64) for start in blocks) / count
    variance = sum(((inputs[start : start + hdf5.BLOCK] - mean) ** 2).sum() for start in blocks) / count
    return float(mean), float(variance)


# The attributes that say what made the rows. All parts and copies must agree on them.
MADE = ("manifest_sha256", "backbone", "weights_sha256", "size", "precision", "engine", "feature_layer")


def load(rows, manifest, split, classes, fold, train=None, made=None):
    """Return the `Examples` that a member trains on, validates on and predicts.

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
        _examples(rows["test"], images[published], classes) if "test" in rows else None,
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
    inputs = Stored(*train.inputs.pieces, *(hdf5.Rows(path, train.ids) for path in copies))
    times = 1 + len(copies)
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
        Stored(*train.inputs.pieces, hdf5.Rows(rows, ids)),
        np.concatenate([train.labels, test.probabilities[chosen].argmax(axis=1).astype(np.int32)]),
    )


def _examples(rows, images, classes):
    number = {name: i for i, name in enumerate(classes)}
    known = bool(len(images)) and (images["label"] != "").all()
    labels = images["label"].map(number).to_numpy(np.int32) if known else None
    return Examples(list(images.index), Stored(hdf5.Rows(rows, images.index)), labels)
