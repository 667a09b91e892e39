"""The manifest: one row an image, with all that later stages need to know of it.

Columns: id (unique), path (under the unpacked folder), label (a class, or empty where not known), group (who or what
must not stand on both sides of a split, or empty), part (train or test, as published), size, digest, status ("ok",
"excluded", or "unreadable: " and why).
"""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from headstart import images
from headstart.errors import InputError
from headstart.files import SUFFIXES, listed

COLUMNS = ["id", "path", "label", "group", "part", "size", "digest", "status"]


def read(path):
    """Return a manifest as a data frame of strings, empty where a value is missing.

    Raises `InputError` where its end is missing.
    """
    return read_csv(path, dtype=str)


def read_csv(path, **options):
    """Return a table of ours (pandas' options; nothing but "" is missing). Raises `InputError` without its end."""
    if not Path(path).read_bytes().endswith(b"\n"):
        raise InputError(f"{path}: not a whole table, expected a line end at its end; remove it and run again")
    return pd.read_csv(path, keep_default_na=False, **options)


def usable(manifest, part):
    """Return the rows of one published part (train or test) whose images can be read."""
    return manifest[(manifest["part"] == part) & (manifest["status"] == "ok")]


def list_files(root, patterns, part, classes):
    """Return a row for every file under ``root`` that fits one of the patterns.

    A pattern is a regular expression for the end of a path, in whole components and in any case, with a group ``id``
    and, where the label stands in the path, a group ``label``. Raises `InputError` where nothing fits or a label is no
    class.
    """
    expressions = [re.compile(f"(?:.*?/)??(?:{pattern})", re.IGNORECASE) for pattern in patterns]
    known = {name.casefold(): name for name in classes}
    rows = []
    for path in listed(root):
        match = next((found for expression in expressions if (found := expression.fullmatch(path))), None)
        if match is None:
            continue
        label = match.groupdict().get("label") or ""
        if label and label.casefold() not in known:
            raise InputError(
                f"{root}/{path}: class {label!r}, expected one of {', '.join(classes)}; mend classes or the file"
            )
        rows.append(
            {"id": match["id"], "path": path, "label": known.get(label.casefold(), ""), "group": "", "part": part}
        )
    if not rows:
        raise InputError(f"{root}: no file fits the {part} patterns {patterns}; mend images.{part} in the config")
    return pd.DataFrame(rows)


def unlisted(root, rows):
    """Return the paths of image files under ``root`` that are in no row."""
    return sorted({path for path in listed(root) if Path(path).suffix.lower() in SUFFIXES} - set(rows["path"]))


def list_idx(root, images_file, labels_file, part, classes):
    """Return a row for every image of a pair of IDX files; ids are ``<part>-00000`` and on."""
    labels = images.read_idx(Path(root, labels_file))
    count = len(images.read_idx(Path(root, images_file)))
    if count != len(labels):
        raise InputError(
            f"{root}: {images_file} has {count} images but {labels_file} {len(labels)} labels; fetch both again"
        )
    if labels.max() >= len(classes):
        raise InputError(f"{root}/{labels_file}: label {labels.max()}, expected 0 to {len(classes) - 1}; mend classes")
    return pd.DataFrame(
        {
            "id": [f"{part}-{i:05d}" for i in range(count)],
            "path": [f"{images_file}#{i}" for i in range(count)],
            "label": np.array(classes)[labels],
            "group": "",
            "part": part,
        }
    )


def join_table(rows, table, *, id, label, group):
    """Return the train rows with label and group taken from a CSV, whose columns the keywords name.

    ``label`` and ``group`` may be None. Raises `InputError` where the table cannot be read, on missing columns, an
    image twice, in two classes or missing, and on a label that is not the path's (in any case).
    """
    frame = _read_table(table)
    missing = [column for column in (id, label, group) if column and column not in frame.columns]
    if missing:
        raise InputError(
            f"{table}: no column {missing[0]!r}, expected {', '.join(filter(None, (id, label, group)))}, "
            f"got {', '.join(frame.columns)}; mend table in the config or the file"
        )
    twice = frame[frame[id].duplicated()]
    if len(twice):
        raise InputError(f"{table}: image {twice[id].iloc[0]!r} stands in it twice, expected once; remove one row")
    frame = frame.set_index(id)
    absent = rows.loc[~rows["id"].isin(frame.index), "id"]
    if len(absent):
        raise InputError(
            f"{table}: no row for image {absent.iloc[0]!r}, expected one for each of the {len(rows)} train images "
            f"({len(absent)} lack one); add the rows or remove the images"
        )
    said = frame.loc[rows["id"]]
    if group:
        nobody = rows.loc[said[group].to_numpy() == "", "id"]
        if len(nobody):
            raise InputError(
                f"{table}: column {group!r} is empty for image {nobody.iloc[0]!r} ({len(nobody)} such rows), "
                f"expected a name in each; fill it in"
            )
        rows = rows.assign(group=said[group].to_numpy())
    if not label:
        return rows
    for image, path, other in zip(rows["id"], rows["label"], said[label], strict=True):
        if path and path.casefold() != other.casefold():
            raise InputError(f"{table}: image {image!r} is {other!r} here but {path!r} by its folder; mend one of them")
    return rows.assign(label=np.where(rows["label"] != "", rows["label"], said[label].to_numpy()))


def _read_table(table):
    try:
        frame = pd.read_csv(table, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
        return frame.rename(columns=str.strip).apply(lambda column: column.str.strip())
    except (OSError, ValueError) as error:  # pandas' own errors and UnicodeDecodeError are ValueErrors
        reason = " ".join(str(error).split())
        raise InputError(f"{table}: cannot be read, expected a CSV in UTF-8 ({reason}); mend the file") from error


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


def left_out(manifest):
    """Return in words how many images of a manifest are left out, empty where none is."""
    count = int(manifest["status"].str.startswith("unreadable").sum())
    return f"{count:,} of {len(manifest):,} images left out as unreadable" if count else ""


def validate(manifest, classes, dataset, unreadable):
    """Raise `InputError` where a manifest cannot be worked with.

    An id stands twice, a train label is no class, more than the share ``unreadable`` of the images cannot be read, or a
    class has no usable train image.
    """
    twice = manifest.loc[manifest["id"].duplicated(), "id"]
    if len(twice):
        raise InputError(
            f"{dataset}: id {twice.iloc[0]!r} stands for two images, expected one; mend the patterns' id group"
        )
    train = manifest[manifest["part"] == "train"]
    strange = train[~train["label"].isin(classes)]
    if len(strange):
        image, label = strange[["id", "label"]].iloc[0]
        raise InputError(
            f"{dataset}: image {image!r} has the label {label!r}, expected one of {', '.join(classes)}; mend one"
        )
    bad = manifest[manifest["status"].str.startswith("unreadable")]
    if len(bad) / len(manifest) > unreadable:
        path, reason = bad[["path", "status"]].iloc[0]
        raise InputError(
            f"{dataset}: {len(bad):,} of {len(manifest):,} images cannot be read, expected a share of at most "
            f"{unreadable}; the first is {path!r} ({reason}); mend or remove those that the log lists, or raise "
            f"datasets.{dataset}.unreadable"
        )
    empty = sorted(set(classes) - set(usable(manifest, "train")["label"]))
    if empty:
        raise InputError(
            f"{dataset}: no readable train image of class {empty[0]!r}, expected some of each; mend classes, raise "
            f"limit.train or add images"
        )
