"""Rank the recipes of a dataset, and say how each number on the leaderboard was made."""

import json
import zipfile
from pathlib import Path

import h5py

from headstart.core.files import read_json, reading

KEYS = ("dataset", "recipe", "diverged", "parts", "members", "note")
FIGURES = ("accuracy", "accuracy_95", "log_loss", "log_loss_95", "member_accuracy")


def rows(metrics, models, figures):
    """Return a dict for each recipe, best accuracy first; recipes that diverged come last, without figures.

    ``metrics`` lists metrics files and ``models`` the first member's model, ``models/<recipe>/member-1/model.keras``.
    ``figures`` is ``{recipe: the lecture's figures}`` (see `summary.table`). Parameters are None where nothing was
    trained.
    """
    sizes = {Path(path).parts[-3]: parameters(path) for path in models}
    found = []
    for path in metrics:
        said = read_json(path, KEYS)
        part = "test" if "test" in said["parts"] else "validation"
        numbers, recipe = said["parts"][part], said["recipe"]
        members = [member[part] for member in said["members"]]
        lecture = figures.get(recipe, {})
        found.append(
            {
                "recipe": recipe,
                "part": part,
                "images": numbers["images"],
                "groups": numbers["groups"],
                "accuracy": numbers["accuracy"],
                "accuracy_95": numbers["accuracy_95"],
                "log_loss": numbers["log_loss"],
                "log_loss_95": numbers["log_loss_95"],
                "majority": numbers["majority"],
                "interval_note": numbers["interval_note"],
                "members": len(members),
                "member_accuracy": sum(member["accuracy"] for member in members) / len(members),
                "lecture": lecture.get("ensemble", lecture.get("member")),
                "parameters": sizes.get(recipe),
                "diverged": said["diverged"],
            }
        )
    ranked = sorted(found, key=lambda row: (bool(row["diverged"]), -row["accuracy"], row["log_loss"], row["recipe"]))
    return [row | dict.fromkeys(FIGURES) if row["diverged"] else row for row in ranked]


def seconds(records):
    """Return ``{(dataset, recipe): seconds}`` that training its members took, one after another.

    ``records`` are the records of all members, ``<dataset>/models/<recipe>/member-<k>/provenance.json``.
    """
    found = {}
    for path in records:
        dataset, _, recipe = Path(path).parts[-5:-2]
        found[dataset, recipe] = found.get((dataset, recipe), 0) + read_json(path, ("run",))["run"]["seconds"]
    return found


def parameters(path):
    """Return how many weights a .keras file has, frozen ones and batch normalisation's statistics too.

    They are read from the archive, since loading a model takes TensorFlow. Raises `InputError` where it is not whole.
    """
    counted = []

    def count(name, item):
        if isinstance(item, h5py.Dataset) and "seed_generator" not in name:
            counted.append(item.size)

    with (
        reading(path, ".keras file"),
        zipfile.ZipFile(path) as archive,
        archive.open("model.weights.h5") as file,
        h5py.File(file) as weights,
    ):
        weights.visititems(count)
    return sum(counted)


def story(path):
    """Return how a metrics file was made, by its record, as ``[(what, text)]``, the same in each run."""
    record = read_json(path, ("params", "inputs", "code", "versions", "cpu", "outputs"))
    number = str(Path(path).with_name(Path(path).name.replace(".provenance", "")))
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return [
        ("Trace it back", f"make how FILE={number}"),
        ("Reproduce it", f"snakemake --cores all --configfile {number.removesuffix('.json')}.config.json -- {number}"),
        ("SHA-256 of the metrics file", record["outputs"].get(number, "")),
        (
            "Inputs",
            f"{len(record['inputs'])} input files and {len(record['code'])} code files; the record has their digests",
        ),
        ("Versions", versions),
        ("Processor", record["cpu"]["model"]),
    ]


def settings(recipe):
    """Return a recipe's settings as JSON for people, without empty settings."""
    kept = {key: value for key, value in recipe.items() if value not in (None, [], {}) and key != "entry"}
    return json.dumps(kept, indent=1)
