"""Which file is a picture of which part and class: by the config's patterns, or by the folders that it lies in.

A part of a dataset says how its pictures are found: a list of regular expressions, or one of two words. `BY_CLASS`
takes every picture in a folder named like its class; `ALL` takes every picture, and no folder says its class. Folders
named train, val or test, anywhere on the way to a picture, then say its part. What patterns claim is theirs alone.
"""

import os
import re
from pathlib import Path, PurePosixPath

import pandas as pd

from headstart.errors import InputError
from headstart.files import SUFFIXES, SYSTEM, suffix_counts
from headstart.labels import commonest, key, known, nfc, refuse_others

BY_CLASS, ALL = "class-folders", "pictures"
PARTS = ("train", "test")
UNREAD = (".svg", ".psd", ".ico", ".jxl", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".raw")
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
DEEPEST = 6  # folders below folders, where a config is checked
COLUMNS = ["id", "path", "label", "group", "part"]


def part_names(names, classes):
    """Return ``{name: train, validation or test}`` for those of some folders' names that name a part.

    A class is no part. A name with more before it, as seg_test, is one only beside its like that trains, seg_train.
    """
    here = known(classes)
    found = {name: PART.fullmatch(name) for name in names if key(name) not in here}
    found = {name: (match["before"].casefold(), _word(match)) for name, match in found.items() if match}
    trained = {before for before, part in found.values() if part == "train"}
    return {name: part for name, (before, part) in found.items() if not before or before in trained}


def _parts(ways, classes):
    """What `part_names` says of the folders on some ways to pictures."""
    return part_names({name for way in ways for name in way}, classes)


def _word(match):
    return WORDS[match["word"].casefold()]


def test_part(folder, classes, validation):
    """Return how the test pictures of a folder are found, by its folders: `BY_CLASS`, `ALL`, or None: there are none.

    Looks no further than it must, since every job asks; folders within those of classes are not looked into.
    ``validation`` is what `find` takes.
    """
    here = known(classes)
    found = list(_folders(Path(folder), (), here))
    parts = _parts((way for way, _ in found), classes)
    tested = {"test", "validation"} if validation == "test" else {"test"}
    kinds = {kind for way, kind in found if kind and tested & {parts.get(name) for name in way}}
    return BY_CLASS if BY_CLASS in kinds else ALL if kinds else None


def _folders(folder, way, here):
    """Yield ``(names on the way, how its pictures are found)`` of a folder and those below, but for classes'."""
    inner, files = _inside(folder)
    labelled = any(key(name) in here and _has_picture(folder / name, DEEPEST) for name in inner)
    yield way, BY_CLASS if labelled else ALL if any(map(_is_picture, files)) else None
    for name in inner if len(way) < DEEPEST else []:
        if key(name) not in here:
            yield from _folders(folder / name, (*way, name), here)


def _has_picture(folder, depth):
    inner, files = _inside(folder)
    return any(map(_is_picture, files)) or depth > 0 and any(_has_picture(folder / name, depth - 1) for name in inner)


def _inside(folder):
    """The names of the folders and of the files in a folder, none where it cannot be read: the manifest says so."""
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


def _is_picture(path):
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def pictures(paths):
    """Return those of some paths that are pictures by their suffix, of kinds that are not read too."""
    return [path for path in paths if PurePosixPath(path).suffix.lower() in (*SUFFIXES, *UNREAD)]


def find(root, paths, patterns, classes, *, dataset, validation="leave_out", other="error"):
    """Return the pictures among ``paths`` (below ``root``) as rows, train first, and ``{path: why}`` of other files.

    ``patterns`` is ``{part: regular expressions, BY_CLASS or ALL}``. An expression fits the end of a path, in whole
    components and in any case, and has a group ``id`` and, where the label stands in the path, a group ``label``. By
    folders the id is the path. ``validation``: what pictures in folders called val are, train, test or leave_out.
    ``other``: pictures of no class are an error, or leave_out. Raises `InputError` where a part finds nothing, two
    parts claim a path, or its folders name two classes or two parts.
    """
    rows = _by_patterns(root, paths, patterns)
    _keep_apart(root, rows, patterns, classes)
    taken = {row[1] for row in rows}
    free = [path for path in paths if path not in taken]
    rest = dict.fromkeys(free, "fits no pattern")
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
    rest |= {path: f"of no class ({name})" for path, name in strange.items()}
    rows.sort(key=lambda row: PARTS.index(row[-1]))
    return pd.DataFrame(rows, columns=COLUMNS), dict(sorted(rest.items()))


def expression(pattern):
    """Return a pattern of the config compiled as it is used: for the end of a path, in any case."""
    return re.compile(f"(?:.*?/)??(?:{pattern.removeprefix('(?i)')})", re.IGNORECASE)


def _keep_apart(root, rows, patterns, classes):
    """Raise `InputError` where a pattern takes for training what lies in a folder of another part, beside train."""
    ways = {row[1]: PurePosixPath(row[1]).parts[:-1] for row in rows}
    parts = _parts(ways.values(), classes)
    written = " ".join(patterns["train"]).casefold() if isinstance(patterns.get("train"), list) else ""
    others = {name for name, part in parts.items() if part != "train" and name.casefold() not in written}
    for _, path, _, part in rows if "train" in parts.values() else []:
        if part == "train" and others & set(ways[path]):
            name = next(name for name in ways[path] if name in others)
            raise InputError(
                f"{root}/{path}: in the folder {name}, and images.train takes it for training. Name the folder "
                f"train in images.train, or {name} where it shall train."
            )


def _by_patterns(root, paths, patterns):
    """Rows (id, path, label, part) of what the config's regular expressions claim."""
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
                raise InputError(f"{root}/{path}: images.{part} {pattern!r} finds no id in it. Mend its group id.")
            if match and part not in claims:
                claims[part] = (pattern, match)
        if len(claims) > 1:
            said = " and ".join(f"images.{part} {pattern!r}" for part, (pattern, _) in claims.items())
            raise InputError(
                f"{root}/{path}: in two parts, expected one (got {said}). Mend one of them, with a folder's name "
                f"for example, so that no path fits both."
            )
        rows += [(match["id"], path, match.groupdict().get("label") or "", part) for part, (_, match) in claims.items()]
    return rows


def _by_folders(root, paths, words, classes, validation):
    """Rows (id, path, label, part) of pictures by their folders, and ``{path: why}`` of what is none.

    A picture of no class has the folder beside those of classes, or the first on its way, for a label.
    """
    here, rows, rest = known(classes), [], {}
    ways = {path: PurePosixPath(path).parts[:-1] for path in paths if _is_picture(path)}
    parts = _parts(ways.values(), classes)
    depths = ((way, depth) for way in set(ways.values()) for depth, name in enumerate(way) if key(name) in here)
    above = {way[:end] for way, depth in depths for end in range(depth + 1)}
    _refuse_likely(root, {name for way in above for name in way} - parts.keys())
    apart = "train" in parts.values()
    for path in paths:
        if path not in ways:
            rest[path] = "of a suffix that is not read"
            continue
        way = ways[path]
        part, named = _part(root, path, parts, validation)
        if not named and apart:
            rest[path] = "beside folders that name parts"
        elif part not in words:
            rest[path] = _why(part, named)
        elif words[part] == ALL:
            rows.append((path, path, "", part))
        elif label := _label(root, path, here) or _beside(way, above, parts):
            rows.append((path, path, label, part))
        else:
            rest[path] = "in no folder of a class"
    return rows, rest


def _refuse_likely(root, names):
    """Raise `InputError` where a folder above those of classes is called much like a part, and is not known as one."""
    for name in sorted(names):
        if HELD_OUT & set(re.split("[^a-z]+", name.casefold())):
            raise InputError(
                f"{root}: the folder {name!r} is called like a part, and is not known as one. Call it train, val or "
                f"test, or say with images.train and images.test which pictures are which."
            )


def _part(root, path, parts, validation):
    """The part that a picture's folders say, train where none does, and the name of the folder."""
    found = {parts[name]: name for name in PurePosixPath(path).parts[:-1] if name in parts}
    if len(found) > 1:
        raise InputError(
            f"{root}/{path}: folders of two parts, expected one (got {' and '.join(found.values())}). Move it, or say "
            f"with images.train and images.test which pictures are which."
        )
    part, name = next(iter(found.items()), ("train", ""))
    return (validation if part == "validation" else part), name


def _why(part, named):
    """Why a picture is not used whose part nothing takes, and what would take it."""
    if part == "leave_out":
        return f"in a folder named {named}: validation_folders train or test would use it"
    return f"in a folder named {named}: images.{part} as class-folders would use it" if named else "fits no pattern"


def _label(root, path, here):
    """The class that a picture's folders say, "" where none does."""
    found = list(dict.fromkeys(here[key(name)] for name in PurePosixPath(path).parts[:-1] if key(name) in here))
    if len(found) > 1:
        raise InputError(
            f"{root}/{path}: folders of two classes, expected one (got {' and '.join(found)}). Move it, or say with "
            f"images.train which folder is its class."
        )
    return found[0] if found else ""


def _beside(way, above, parts):
    """The first folder on a way that lies beside those of classes, "" where all lie above them or name parts."""
    ways = (way[: depth + 1] for depth in range(len(way)))
    return next(("/".join(one) for one in ways if one not in above and not set(one) <= parts.keys()), "")


def _refuse_nothing(root, paths, part, how, strange, classes, dataset):
    places = (PurePosixPath(path).parts[0] if "/" in path else "the folder itself" for path in paths)
    told = commonest(places, "{:,} in {}", "other folders")
    got = f"got {suffix_counts(paths)}: {told}" if paths else "got no file at all"
    if not isinstance(how, str):
        said, do = f"no file fits the {part} patterns {how}", f"Mend datasets.{dataset}.images.{part}."
    elif strange or how == BY_CLASS:
        said = f"no picture of the {part} part in a folder named like a class, expected {', '.join(classes)}"
        do = f"Mend datasets.{dataset}.classes or the folders' names, or name a table."
    else:
        said, do = f"no picture of the {part} part", f"Mend datasets.{dataset}.folder, or write images.{part}."
    raise InputError(f"{root}: {said} ({got}). {do}")
