"""Find a folder's images and the part of each, from the config and folders' names."""

import os
import re
from pathlib import Path, PurePosixPath

from headstart.core.listing import SUFFIXES, SYSTEM
from headstart.core.naming import key, known

BY_CLASS, ALL = "class-folders", "pictures"
PARTS = ("train", "test")
WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing", "evaluation"), "test"),
}
HELD_OUT = {word for word, part in WORDS.items() if part != "train"} | {"dev", "eval", "holdout"}
PART = re.compile(
    rf"(?P<before>(?:.*[_-])?)(?P<word>{'|'.join(WORDS)})[ _-]?(?:set|data|dataset|images|pictures|split)?[ _-]?\d*",
    re.IGNORECASE,
)
DEEPEST = 6  # levels of folders that the check of a config descends


def part_names(names, classes):
    """Return ``{name: train, validation or test}`` for the folders' names that name a part.

    A class's name is not a part. A name with a prefix, such as seg_test, is one only beside a train folder of the same
    prefix, seg_train.
    """
    here = known(classes)
    found = {name: PART.fullmatch(name) for name in names if key(name) not in here}
    found = {name: (match["before"].casefold(), _word(match)) for name, match in found.items() if match}
    trained = {before for before, part in found.values() if part == "train"}
    return {name: part for name, (before, part) in found.items() if not before or before in trained}


def parts_on(ways, classes):
    """Return `part_names` of the folders in ``ways``, the folders' names on the path to each image."""
    return part_names({name for way in ways for name in way}, classes)


def _word(match):
    return WORDS[match["word"].casefold()]


def test_part(folder, classes, validation):
    """Return how a folder's test images are found by its folders: `BY_CLASS`, `ALL`, or None if it has none.

    Every job calls this, so it looks no further than it must. It does not look for parts within class folders.
    ``validation`` is that of `find` (layouts).
    """
    here = known(classes)
    found = list(_folders(Path(folder), (), here))
    parts = parts_on((way for way, _ in found), classes)
    tested = {"test", "validation"} if validation == "test" else {"test"}
    kinds = {kind for way, kind in found if kind and tested & {parts.get(name) for name in way}}
    return BY_CLASS if BY_CLASS in kinds else ALL if kinds else None


def _folders(folder, way, here):
    """Yield ``(names on the path, how its images are found)`` for a folder and its subfolders, except class folders."""
    inner, files = _inside(folder)
    labelled = any(key(name) in here and _has_picture(folder / name, DEEPEST) for name in inner)
    yield way, BY_CLASS if labelled else ALL if any(map(is_picture, files)) else None
    for name in inner if len(way) < DEEPEST else []:
        if key(name) not in here:
            yield from _folders(folder / name, (*way, name), here)


def _has_picture(folder, depth):
    inner, files = _inside(folder)
    return any(map(is_picture, files)) or depth > 0 and any(_has_picture(folder / name, depth - 1) for name in inner)


def _inside(folder):
    """Return the names of folders and of files in a folder; none if it is unreadable, which the manifest reports."""
    try:
        entries = [
            one for one in os.scandir(folder) if not one.name.startswith(".") and one.name.casefold() not in SYSTEM
        ]
    except OSError:
        return [], []
    inner = [
        one.name for one in entries if one.is_dir(follow_symlinks=False) or one.is_symlink() and Path(one).is_dir()
    ]
    return inner, {one.name for one in entries} - set(inner)


def is_picture(path):
    """Return whether a path has an image's suffix."""
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def expression(pattern):
    """Compile a pattern of the config so that it matches the end of a path, in any case."""
    return re.compile(f"(?:.*?/)??(?:{pattern.removeprefix('(?i)')})", re.IGNORECASE)
