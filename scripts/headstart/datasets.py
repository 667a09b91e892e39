"""What an entry under ``datasets`` in the config says of its data."""

from headstart import layouts
from headstart.labels import nfc


def fill(entry):
    """Say, in place, which pictures of a folder train or test where the config does not, and compose class names.

    All train, but for those in folders named val or test. They lie in folders named like their classes, unless a table
    has their labels. Where the config says nothing of pictures, those in folders named test are the test part.
    """
    entry["classes"] = list(map(nfc, entry["classes"]))
    if not entry["folder"]:
        return
    told = entry["table"] and entry["table"]["label"]
    found = {"train": layouts.ALL if told else layouts.BY_CLASS}
    if not entry["images"]:
        test = layouts.test_part(entry["folder"], entry["classes"], entry["validation_folders"])
        found |= {"test": test} if test else {}
    entry["images"] = {**found, **(entry["images"] or {})}


def parts(entry):
    """Return the published parts of a dataset: train, and test where it has one."""
    return ["train", "test"] if (entry["idx"] or entry["images"]).get("test") else ["train"]


def labelled(entry):
    """Return whether the test images of a dataset have labels."""
    if "test" not in parts(entry):
        return False
    test = (entry["images"] or {}).get("test")
    if isinstance(test, str):
        return test == layouts.BY_CLASS
    return bool(entry["idx"]) or all("(?P<label>" in pattern for pattern in test)


def rules(entry):
    """Return what becomes of pictures that no pattern, class or table names."""
    return {key: entry[key] for key in ("validation_folders", "other_classes", "unlabelled", "missing")}


def note(entry):
    """Return what a reader of a figure must know about its data."""
    cut = [f"{part} cut to {count:,} images" for part, count in entry["limit"].items() if count]
    return "; ".join((["rendered stand-ins, not photographs"] if entry["rendered"] else []) + cut)
