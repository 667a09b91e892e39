"""List and check a dataset's images in a manifest: one row for each image, with all facts for later stages.

Columns:
- id: unique
- path: under the unpacked folder
- label: a class, or empty where not known
- group: who or what must not be on both sides of a split, or empty
- part: train or test, as published; empty for a picture that is not used
- size and digest: as `images.inspect` gives them
- status: "ok", "excluded", "unreadable: " and why, or "not used: " and why
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from headstart.core.errors import InputError
from headstart.core.naming import reasons
from headstart.data import idx_files, images
from headstart.data.layouts import pictures
from headstart.formats.tables import read_csv

LOOKED_AT, DARK = 32, 16  # pictures, and a value of 0 to 255: 12 bits end at 15.9
COLUMNS = ["id", "path", "label", "group", "part", "size", "digest", "status"]


def read(path):
    """Return a manifest as a data frame of strings, empty where a value is missing.

    Raises `InputError` where the file's end is missing.
    """
    return read_csv(path, dtype=str)


def usable(manifest, part):
    """Return the rows of one published part (train or test) whose images can be read."""
    return manifest[(manifest["part"] == part) & (manifest["status"] == "ok")]


def list_idx(root, images_file, labels_file, part, classes):
    """Return a row for every image of a pair of IDX files; ids are ``<part>-00000`` and on."""
    labels = idx_files.read_idx(Path(root, labels_file))
    count = len(idx_files.read_idx(Path(root, images_file)))
    if count != len(labels):
        raise InputError(
            f"{root}: {images_file} has {count} images but {labels_file} has {len(labels)} labels. Fetch both again."
        )
    if labels.max() >= len(classes):
        raise InputError(
            f"{root}/{labels_file}: label out of range (got {labels.max()}, expected 0 to {len(classes) - 1}). "
            f"Fix classes."
        )
    return pd.DataFrame(
        {
            "id": [f"{part}-{i:05d}" for i in range(count)],
            "path": [f"{images_file}#{i}" for i in range(count)],
            "label": np.array(classes)[labels],
            "group": "",
            "part": part,
        }
    )


def sample(rows, limit, seed):
    """Return at most ``limit`` rows (None: all), drawn by ``seed``, in their old order."""
    if limit is None or limit >= len(rows):
        return rows
    chosen = np.random.default_rng(seed).choice(len(rows), limit, replace=False)
    return rows.iloc[np.sort(chosen)]


def inspect(rows, root, threads):
    """Return the rows with size, digest and status of each image, read by ``threads`` threads."""
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(partial(images.inspect, root), rows["path"]))
    rows = rows.copy()
    rows["size"], rows["digest"], rows["status"] = zip(*found, strict=True)
    return rows[COLUMNS]


def dark(manifest, root):
    """Return a note that the pictures are nearly black, empty where they are not; a sample is read.

    Values of 12 bits in files of 16 come out so. "Nearly" means that no spot is brighter than `DARK`, a sixteenth of
    white. A spot is an eighth of the picture wide and high. The sample has `LOOKED_AT` to
    twice as many pictures, or all if fewer are usable.
    """
    usable = manifest.loc[manifest["status"] == "ok", "path"]
    sample = usable.iloc[:: max(1, len(usable) // LOOKED_AT)]
    if not len(sample) or any(images.read(root, path, (8, 8, 1)).max() > DARK for path in sample):
        return ""
    return f"{len(sample):,} of {len(sample):,} sampled pictures are nearly black: do 16-bit files hold 12-bit values?"


def unused(why):
    """Return rows for the pictures in ``{path: why they are not used}``; no other picture has their ids."""
    paths = pictures(why)
    status = [f"not used: {why[path]}" for path in paths]
    rows = pd.DataFrame({"id": [f"./{path}" for path in paths], "path": paths, "status": status}, columns=COLUMNS)
    return rows.fillna("")


def left_out(manifest):
    """Return in words how many images of a manifest are left out or not used, empty where none is."""
    listed = manifest[manifest["part"] != ""]
    count, others = int(listed["status"].str.startswith("unreadable").sum()), len(manifest) - len(listed)
    unreadable = f"{count:,} of {len(listed):,} images left out as unreadable" if count else ""
    why = [said.split(": ")[1] for said in manifest.loc[manifest["part"] == "", "status"]]
    unused = f"{others:,} pictures not used ({reasons(why)})" if others else ""
    return "; ".join(filter(None, [unreadable, unused]))


def validate(manifest, classes, dataset, unreadable):
    """Raise `InputError` where a manifest has one of these faults.

    A path or an id is there twice. A train label is not a class. More than the share ``unreadable`` of the images
    cannot be read. A class has no usable train image.
    """
    both = manifest.loc[manifest["path"].duplicated(), "path"]
    if len(both):
        raise InputError(f"{dataset}: image {both.iloc[0]!r} is listed twice. Fix path_patterns or idx.")
    twice = manifest.loc[manifest["id"].duplicated(), "id"]
    if len(twice):
        raise InputError(f"{dataset}: two images have the id {twice.iloc[0]!r}. Fix the group id of path_patterns.")
    train = manifest[manifest["part"] == "train"]
    strange = train[~train["label"].isin(classes)]
    if len(strange):
        image, label = strange[["id", "label"]].iloc[0]
        raise InputError(
            f"{dataset}: image {image!r} has an unknown label (got {label!r}, expected one of {', '.join(classes)}). "
            f"Fix the label or classes."
        )
    listed = manifest[manifest["part"] != ""]
    bad = listed[listed["status"].str.startswith("unreadable")]
    if len(bad) / len(listed) > unreadable:
        path, reason = bad[["path", "status"]].iloc[0]
        raise InputError(
            f"{dataset}: {len(bad):,} of {len(listed):,} images cannot be read, more than the allowed share of "
            f"{unreadable} (first: {path!r}, {reason}). Replace or remove the files that the log lists, or raise "
            f"datasets.{dataset}.max_unreadable."
        )
    empty = sorted(set(classes) - set(usable(manifest, "train")["label"]))
    if empty:
        raise InputError(
            f"{dataset}: no readable train image of class {empty[0]!r}. Add images, raise limit.train or fix classes."
        )
