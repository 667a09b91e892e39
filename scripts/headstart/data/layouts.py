"""Find part and class of every picture, by the config's patterns or by the folders that it lies in.

For each part, the config has a list of regular expressions, or one of two words. `BY_CLASS` takes every picture in a
folder named like its class. `ALL` takes every picture, and no folder says its class. With either word, folders named
train, val or test say a picture's part, anywhere on its path. A picture that a pattern claims belongs to that pattern
alone.
"""

import re
from pathlib import PurePosixPath

import pandas as pd

from headstart.config.image_folders import ALL, BY_CLASS, HELD_OUT, PARTS, expression, is_picture, parts_on
from headstart.core.errors import InputError
from headstart.core.listing import SUFFIXES, suffix_counts
from headstart.core.naming import commonest, key, known, nfc, refuse_others

UNREAD = (".svg", ".psd", ".ico", ".jxl", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".raw")
COLUMNS = ["id", "path", "label", "group", "part"]


def pictures(paths):
    """Return the paths that are pictures by their suffix, kinds that cannot be read included."""
    return [path for path in paths if PurePosixPath(path).suffix.lower() in (*SUFFIXES, *UNREAD)]


def find(root, paths, patterns, classes, *, dataset, validation="leave_out", other="error"):
    """Return the pictures among ``paths`` (below ``root``) as rows, train first, and ``{path: why}`` of other files.

    ``patterns`` is ``{part: regular expressions, BY_CLASS or ALL}``. An expression fits the end of a path, in whole
    components and in any case. It has a group ``id`` and, where the path contains the label, a group ``label``. Without
    expressions the id is the path. ``validation`` says the part of pictures in folders called val: train, test or
    leave_out. ``other`` says whether pictures of no class are an error or leave_out. Raises `InputError` where a part
    finds nothing, or two parts claim a path. Raises it where a picture's folders name two classes or two parts.
    """
    rows = _by_patterns(root, paths, patterns)
    _keep_apart(root, rows, patterns, classes)
    taken = {row[1] for row in rows}
    free = [path for path in paths if path not in taken]
    rest = dict.fromkeys(free, "matches no pattern")
    words = {part: how for part, how in patterns.items() if isinstance(how, str)}
    if words:
        more, rest = _by_folders(root, free, words, classes, validation)
        rows += more
    here = known(classes)
    strange = {path: label for _, path, label, _ in rows if label and key(label) not in here}
    rows = [(id, path, here.get(key(label), ""), "", part) for id, path, label, part in rows if path not in strange]
    for part, how in patterns.items():
        if how and not any(row[-1] == part for row in rows):
            _refuse_nothing(root, paths, part, how, strange, classes, dataset)
    if strange and other != "leave_out":
        refuse_others(root, strange.values(), next(iter(strange)), classes, dataset)
    rest |= {path: f"unknown class ({name})" for path, name in strange.items()}
    rows.sort(key=lambda row: PARTS.index(row[-1]))
    return pd.DataFrame(rows, columns=COLUMNS), dict(sorted(rest.items()))


def _keep_apart(root, rows, patterns, classes):
    """Raise `InputError` where path_patterns.train claims a picture in a folder of another part.

    This applies only where there is also a folder of the part train.
    """
    ways = {row[1]: PurePosixPath(row[1]).parts[:-1] for row in rows}
    parts = parts_on(ways.values(), classes)
    written = " ".join(patterns["train"]).casefold() if isinstance(patterns.get("train"), list) else ""
    others = {name for name, part in parts.items() if part != "train" and name.casefold() not in written}
    for _, path, _, part in rows if "train" in parts.values() else []:
        if part == "train" and others & set(ways[path]):
            name = next(name for name in ways[path] if name in others)
            raise InputError(
                f"{root}/{path}: path_patterns.train takes it for training, but it is in the folder {name}. Name the "
                f"folder train in the pattern, or {name} if its pictures are to train."
            )


def _by_patterns(root, paths, patterns):
    """Return rows (id, path, label, part) of the files that the config's regular expressions claim."""
    expressions = [
        (part, pattern, expression(written))
        for part, how in patterns.items()
        for pattern in ([] if isinstance(how, str) else how or [])
        for written in dict.fromkeys([pattern, nfc(pattern)])
    ]
    rows = []
    for path in paths:
        claims = {}
        for part, pattern, compiled in expressions:
            match = compiled.fullmatch(path) or (nfc(path) != path and compiled.fullmatch(nfc(path)))
            if match and match["id"] is None:
                said = f"path_patterns.{part} {pattern!r} matches it without an id. Fix its group id."
                raise InputError(f"{root}/{path}: {said}")
            if match and part not in claims:
                claims[part] = (pattern, match)
        if len(claims) > 1:
            said = " and ".join(f"path_patterns.{part} {pattern!r}" for part, (pattern, _) in claims.items())
            raise InputError(
                f"{root}/{path}: in two parts (got {said}). Change one, for example by a folder's name, so that no "
                f"path matches both."
            )
        rows += [(match["id"], path, match.groupdict().get("label") or "", part) for part, (_, match) in claims.items()]
    return rows


def _by_folders(root, paths, words, classes, validation):
    """Return rows (id, path, label, part) of pictures by their folders, and ``{path: why}`` of other files.

    The label of a picture of no class is the folder that `_beside` returns.
    """
    here, rows, rest = known(classes), [], {}
    ways = {path: PurePosixPath(path).parts[:-1] for path in paths if is_picture(path)}
    parts = parts_on(ways.values(), classes)
    depths = ((way, depth) for way in set(ways.values()) for depth, name in enumerate(way) if key(name) in here)
    above = {way[:end] for way, depth in depths for end in range(depth + 1)}
    _refuse_likely(root, {name for way in above for name in way} - parts.keys())
    apart = "train" in parts.values()
    for path in paths:
        if path not in ways:
            rest[path] = "unsupported suffix"
            continue
        way = ways[path]
        part, named = _part(root, path, parts, validation)
        if not named and apart:
            rest[path] = "outside the folders of the parts"
        elif part not in words:
            rest[path] = _why(part, named)
        elif words[part] == ALL:
            rows.append((path, path, "", part))
        elif label := _label(root, path, here) or _beside(way, above, parts):
            rows.append((path, path, label, part))
        else:
            rest[path] = "in no class folder"
    return rows, rest


def _refuse_likely(root, names):
    """Raise `InputError` where a name resembles that of a part but is not recognized as one.

    ``names`` are those of the folders above the class folders.
    """
    for name in sorted(names):
        if HELD_OUT & set(re.split("[^a-z]+", name.casefold())):
            raise InputError(
                f"{root}: the folder {name!r} is named like a part but not recognized as one. Rename it to train, val "
                f"or test, or set path_patterns.train and path_patterns.test."
            )


def _part(root, path, parts, validation):
    """Return the part that a picture's folders name, train where none does, and the name of the folder."""
    found = {parts[name]: name for name in PurePosixPath(path).parts[:-1] if name in parts}
    if len(found) > 1:
        raise InputError(
            f"{root}/{path}: in folders of two parts (got {' and '.join(found.values())}). Move it, or set "
            f"path_patterns.train and path_patterns.test."
        )
    part, name = next(iter(found.items()), ("train", ""))
    return (validation if part == "validation" else part), name


def _why(part, named):
    """Return why a picture is not used when no setting takes its part, and which setting would use it."""
    if part == "leave_out":
        return f"in a folder named {named}: to use it, set validation_folders to train or test"
    if named:
        return f"in a folder named {named}: to use it, set path_patterns.{part} to class-folders"
    return "matches no pattern"


def _label(root, path, here):
    """Return the class that a picture's folders name, "" where none does."""
    found = list(dict.fromkeys(here[key(name)] for name in PurePosixPath(path).parts[:-1] if key(name) in here))
    if len(found) > 1:
        raise InputError(
            f"{root}/{path}: in folders of two classes (got {' and '.join(found)}). Move it, or select the class with "
            f"path_patterns.train."
        )
    return found[0] if found else ""


def _beside(way, above, parts):
    """Return the first folder on a path that neither contains class folders nor names a part, or ""."""
    ways = (way[: depth + 1] for depth in range(len(way)))
    return next(("/".join(one) for one in ways if one not in above and not set(one) <= parts.keys()), "")


def _refuse_nothing(root, paths, part, how, strange, classes, dataset):
    places = (PurePosixPath(path).parts[0] if "/" in path else "the folder itself" for path in paths)
    told = commonest(places, "{:,} in {}", "other folders")
    got = f"got {suffix_counts(paths)}: {told}" if paths else "got no files"
    if not isinstance(how, str):
        said, do = f"no file matches the {part} patterns {how}", f"Fix datasets.{dataset}.path_patterns.{part}."
    elif strange or how == BY_CLASS:
        said = f"no picture of the {part} part is in a folder named after a class"
        do = f"Expected {', '.join(classes)}. Fix datasets.{dataset}.classes or the folders' names, or name a table."
    else:
        said, do = f"no picture of the {part} part", f"Fix datasets.{dataset}.folder, or set path_patterns.{part}."
    raise InputError(f"{root}: {said} ({got}). {do}")
