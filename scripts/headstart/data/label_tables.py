"""Read tables of labels and groups as spreadsheets write them, and match their ids to pictures."""

import csv
import io
import posixpath
import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pandas as pd

from headstart.core.errors import InputError
from headstart.core.listing import SUFFIXES
from headstart.core.naming import SHOWN, key, known, nfc, reasons, refuse_others

DELIMITERS = ",;\t|"
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # Excel's "Unicode text"
WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?")


def read(table, columns):
    """Return some columns of a table as a data frame of strings, without empty rows.

    The first row decides whether commas, semicolons, tabs or bars separate values. Cells may be quoted, and rows may
    have empty cells at their end. Raises `InputError` where the table cannot be read, lacks a column, or has one twice.
    """
    rows = _rows(table, _text(table), columns)
    head, body = list(map(nfc, rows[0])), rows[1:]
    for column in columns:
        if head.count(nfc(column)) != 1:
            problem = f"no column {column!r}" if nfc(column) not in head else f"two columns {column!r}"
            raise InputError(
                f"{table}: {problem} (expected {', '.join(columns)}; got {', '.join(filter(None, head))}). Fix the "
                f"file, or table in the config."
            )
    for row in body:
        if any(row[len(head) :]):
            raise _unreadable(table, f"a row of {len(row)} cells under {len(head)} columns: {', '.join(row)}")
    places = {column: head.index(nfc(column)) for column in columns}
    return pd.DataFrame(
        {column: [row[place] if place < len(row) else "" for row in body] for column, place in places.items()},
        dtype=str,
    )


def _text(table):
    try:
        content = Path(table).read_bytes()
        text = content.decode(MARKS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _unreadable(table, f"the byte {content[error.start]:#04x} in line {line}") from error
    except OSError as error:
        raise _unreadable(table, error.strerror) from error
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        raise _unreadable(table, "null bytes")
    return text


def _unreadable(table, reason):
    return InputError(f"{table}: cannot be read as CSV in UTF-8 (got {reason}). Fix it, or save it as CSV in UTF-8.")


def _rows(table, text, columns):
    """Return the cells of all non-empty rows. The delimiter is the one that finds most columns in the first row."""
    said = re.match(r"sep=([^\"\r\n])\s*[\r\n]+", text)  # Excel's own way to name the delimiter
    text = text[said.end() :] if said else text
    found = []
    for delimiter in said[1] if said else DELIMITERS:
        try:
            head = next(_cells(text, delimiter), [])
        except csv.Error:  # quoted cells, followed by another delimiter
            continue
        names = set(map(nfc, head))
        found.append((sum(nfc(column) in names for column in columns), len(head), -len(found), delimiter))
    try:
        rows = list(_cells(text, max(found)[-1] if found else ","))
    except csv.Error as error:
        raise _unreadable(table, error) from error
    if not rows:
        raise _unreadable(table, "an empty file")
    return rows


def _cells(text, delimiter):
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    return ([cell.strip() for cell in row] for row in rows if any(cell.strip(f"{DELIMITERS} ") for cell in row))


def match(texts, ids, paths, root):
    """Return for each of a table's ids the positions of the pictures that it may mean: none, one, or more.

    An id is a picture's id or its path from the folder. A path may begin with ``./`` or the folder itself, and may have
    backslashes. Both may have any case and composition, or lack the suffix. An id may also be the name alone, with or
    without its suffix. The first of these that fits any picture counts.
    """
    tails = [PurePosixPath(path).name for path in paths]
    folded = ids, paths, map(_stem, paths)
    indexes = [_index(ids), _index(paths), *(_index(map(key, names)) for names in folded)]
    names = [_index(map(key, tails)), _index(map(key, map(_stem, tails)))]
    places = {str(Path(root)), str(Path(root).absolute()), str(Path(root).resolve()), Path(root).name} - {""}
    before = [f"{key(place)}/" for place in sorted(places)]
    return [_meant(text, indexes, names, before) for text in texts]


def _stem(path):
    """Return a path without the suffix of a picture."""
    head, dot, suffix = path.rpartition(".")
    return head if f"{dot}{suffix}".lower() in SUFFIXES else path


def _index(names):
    found = defaultdict(list)
    for place, name in enumerate(names):
        found[name].append(place)
    return found


def _meant(text, indexes, names, before):
    path = posixpath.normpath(text.replace("\\", "/")) if text else ""
    inside = [key(path)[len(place) :] for place in before if key(path).startswith(place)]
    ways = [text, path, key(text), key(path), *inside]
    for index in [*indexes, *([] if "/" in path else names)]:
        for way in filter(None, ways):
            if way in index:
                return index[way]
    return []


def join(rows, table, columns, *, root, classes, dataset, others=(), missing=0.1, unlabelled="error", other="error"):
    """Return train rows with label and group from a table; ``{path: why}`` of images left out; and notes, a line each.

    ``columns`` names the table's ``id``, ``label`` and ``group``, the last two or None. ``missing`` is the share of its
    rows that may name no picture. Rows that name one of ``others``, paths that do not train, have a note of their own.
    ``unlabelled`` says whether pictures without a label are an error or leave_out. ``other`` says the same of pictures
    of no class. Raises `InputError` where the table cannot be read, or contradicts a folder. Raises it where the table
    names a picture twice, or two by one id.
    """
    id, label, group = columns["id"], columns["label"], columns["group"]
    frame = read(table, list(dict.fromkeys(filter(None, (id, label, group)))))
    places = _places(table, frame[id], rows, root)
    lost, notes = _lost(table, frame[id][places.isna()], others, root)
    said = frame[places.notna()].set_index(pd.Index(places.dropna().astype(int)))
    said = said.reindex(range(len(rows))).set_index(rows.index)
    rest = _unlabelled(table, rows, said, columns, lost, dataset, unlabelled)
    if len(lost) > missing * len(frame):
        raise InputError(
            f"{table}: {len(lost):,} of {len(frame):,} rows name no picture, more than the allowed share of {missing} "
            f"(got {', '.join(map(repr, lost[:SHOWN]))}). Fix the ids, add the pictures, or raise "
            f"datasets.{dataset}.missing."
        )
    rows, said = (part[~rows["path"].isin(rest)] for part in (rows, said))
    if rows.empty:
        raise InputError(f"{table}: no picture is left to train on (got {reasons(rest.values())}). Fill in the table.")
    if group:
        rows = rows.assign(group=_groups(table, rows, said[group], group))
    if label:
        rows = rows.assign(label=_labels(table, rows, said[label], classes))
    strange = rows[[key(name) not in known(classes) for name in rows["label"]]] if label else rows[:0]
    if len(strange) and other != "leave_out":
        refuse_others(table, strange["label"], strange["path"].iloc[0], classes, dataset)
    rest |= {path: f"unknown class ({name})" for path, name in zip(strange["path"], strange["label"], strict=True)}
    if len(strange) == len(rows):
        raise InputError(f"{table}: no picture is left to train on (got {reasons(rest.values())}). Fix the labels.")
    return rows.drop(strange.index), rest, notes


def _places(table, texts, rows, root):
    """Return the position in ``rows`` of the picture that each of a table's ids means, missing where there is none."""
    paths, found = list(rows["path"]), match(texts, list(rows["id"]), list(rows["path"]), root)
    for text, places in zip(texts, found, strict=True):
        if len(places) > 1:
            one, other = (paths[place] for place in places[:2])
            raise InputError(
                f"{table}: id {text!r} matches two pictures (got {one} and {other}). Write the path from the folder."
            )
    places = pd.Series([places[0] if places else pd.NA for places in found], texts.index, dtype="Int64")
    twice = texts[places.notna() & places.duplicated()]
    if len(twice):
        raise InputError(f"{table}: image {twice.iloc[0]!r} has more than one row. Remove all but one.")
    return places


def _lost(table, texts, others, root):
    """Return the ids that name no picture, and notes on these and on ids of pictures that do not train."""
    elsewhere = match(texts, list(others), list(others), root)
    lost = [text for text, places in zip(texts, elsewhere, strict=True) if not places]
    idle = [text for text, places in zip(texts, elsewhere, strict=True) if places]
    told = [(lost, "name no picture"), (idle, "name a picture not used for training")]
    return lost, [
        f"rows of {Path(table).name} that {what}: {len(ids):,}, for example {ids[0]!r}" for ids, what in told if ids
    ]


def _unlabelled(table, rows, said, columns, lost, dataset, unlabelled):
    """Return ``{path: why}`` of pictures without a row or a label in the table, where these may be left out."""
    absent = said[columns["id"]].isna()
    empty = ~absent & (said[columns["label"]] == "") if columns["label"] else absent & False
    if unlabelled == "leave_out":
        why = {path: "no row in the table" for path in rows.loc[absent, "path"]}
        return why | {path: "no label in the table" for path in rows.loc[empty, "path"]}
    do = f"or set datasets.{dataset}.unlabelled to leave_out."
    if absent.any():
        but = f", but {len(lost):,} rows name no picture, for example {lost[0]!r}" if lost else ""
        raise InputError(
            f"{table}: no row for image {rows.loc[absent, 'id'].iloc[0]!r} ({absent.sum()} of {len(rows)} train images "
            f"have none{but}). Add the rows, remove the images, {do}"
        )
    if empty.any():
        raise InputError(
            f"{table}: column {columns['label']!r} is empty for image {rows.loc[empty, 'id'].iloc[0]!r} "
            f"({empty.sum()} such rows). Fill in the class, {do}"
        )
    return {}


def _groups(table, rows, groups, column):
    nobody = rows.loc[groups == "", "id"]
    if len(nobody):
        raise InputError(
            f"{table}: column {column!r} is empty for image {nobody.iloc[0]!r} ({len(nobody)} such rows). "
            f"Fill in the group."
        )
    first = {}  # the first spelling of each name: Anna and anna are one person
    numbers = groups.map(_whole)
    return (numbers if numbers.notna().all() else groups.map(nfc)).map(lambda name: first.setdefault(key(name), name))


def _labels(table, rows, labels, classes):
    """Return labels, spelt as the config spells its classes. Raise `InputError` where a folder says another label."""
    here = known(classes)
    labels = labels.map(lambda label: here.get(key(label)) or here.get(_whole(label), label))
    for image, path, label in zip(rows["id"], rows["label"], labels, strict=True):
        if path and key(path) != key(label):
            raise InputError(f"{table}: image {image!r} is {label!r} here but {path!r} by its folder. Fix one of them.")
    return labels


def _whole(text):
    """Return a whole number written 1.0 as 1, else None. Pandas writes 1.0 in a column that once had a gap."""
    number = WHOLE.fullmatch(text)
    return number and number[1]
