"""What an entry under ``datasets`` in the config says of its data."""

import re

from headstart.files import SUFFIXES

PICTURE = rf"(?:{'|'.join(map(re.escape, SUFFIXES))})"


def fill(entry):
    """Say, in place, which pictures of a folder train where the config does not: all of them.

    They stand in folders that are named like their classes, unless a table has their labels.
    """
    if entry["folder"]:
        told = entry["table"] and entry["table"]["label"]
        path = f"(?P<id>.+{PICTURE})" if told else f"(?P<id>(?P<label>[^/]+)/[^/]+{PICTURE})"
        entry["images"] = {"train": [path], **(entry["images"] or {})}


def parts(entry):
    """Return the published parts of a dataset: train, and test where it has one."""
    return ["train", "test"] if (entry["idx"] or entry["images"]).get("test") else ["train"]


def labelled(entry):
    """Return whether the test images of a dataset have labels."""
    if "test" not in parts(entry):
        return False
    return bool(entry["idx"]) or all("(?P<label>" in pattern for pattern in entry["images"]["test"])


def note(entry):
    """Return what a reader of a figure must know about its data."""
    cut = [f"{part} cut to {count:,} images" for part, count in entry["limit"].items() if count]
    return "; ".join((["rendered stand-ins, not photographs"] if entry["rendered"] else []) + cut)
