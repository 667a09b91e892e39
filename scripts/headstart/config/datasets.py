"""Read a dataset's entry in the config: its parts, labels, rules and note."""

from headstart.config import image_folders
from headstart.core.naming import nfc

SYNTHETIC_FILES = {"pets": ("train.zip", "test.zip"), "drivers": ("imgs.zip", "driver_imgs_list.csv")}


def fill(entry):
    """Compose an entry's class names (NFC) and complete the ``path_patterns`` of its folder, both in place.

    The config's own patterns stay. Without one, train is `image_folders.ALL` where a table has the labels, and
    `image_folders.BY_CLASS` elsewhere. Test is filled in only where the config has no pattern at all and the folder has
    test images (`image_folders.test_part`). An entry without a folder keeps its patterns.
    """
    entry["classes"] = list(map(nfc, entry["classes"]))
    if not entry["folder"]:
        return
    told = entry["table"] and entry["table"]["label"]
    found = {"train": image_folders.ALL if told else image_folders.BY_CLASS}
    if not entry["path_patterns"]:
        test = image_folders.test_part(entry["folder"], entry["classes"], entry["validation_folders"])
        found |= {"test": test} if test else {}
    entry["path_patterns"] = {**found, **(entry["path_patterns"] or {})}


def parts(entry):
    """Return the published parts of a dataset: train, and test if it has one."""
    return ["train", "test"] if (entry["idx"] or entry["path_patterns"]).get("test") else ["train"]


def labelled(entry):
    """Return whether the test images of a dataset have labels."""
    if "test" not in parts(entry):
        return False
    test = (entry["path_patterns"] or {}).get("test")
    if isinstance(test, str):
        return test == image_folders.BY_CLASS
    return bool(entry["idx"]) or all("(?P<label>" in pattern for pattern in test)


def rules(entry):
    """Return the settings for images that no pattern, class or table names."""
    return {key: entry[key] for key in ("validation_folders", "other_classes", "unlabelled", "missing")}


def note(entry):
    """Return a note on the data for readers of a metric: stand-ins and limits, or "" if there are none."""
    cut = [f"{part} cut to {count:,} images" for part, count in entry["limit"].items() if count]
    return "; ".join((["drawn stand-ins, not photographs"] if entry["synthetic"] else []) + cut)
