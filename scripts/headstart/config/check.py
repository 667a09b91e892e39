"""Check that a config can work, or say in one line why it cannot."""

import copy
import datetime
import difflib
import math

import yaml
from jsonschema import Draft202012Validator, validators

from headstart.config import backbones, datasets, sweeps
from headstart.config.inheritance import inherit
from headstart.config.references import problems
from headstart.config.renamed_keys import hint, hint_of_value
from headstart.core.errors import InputError


def check(config, schema):
    """Fill the defaults of the JSON schema (a path) into ``config``, in place, and check that it can work.

    Raises `InputError` for the first problem: unknown keys, types and ranges first. Next come references from one entry
    to another: recipes, files, parts and initial models. The recipes of sweeps are filled in, too.
    """
    with open(schema, encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    numbers = {}
    _texts(config, rules, rules, (), numbers)
    if isinstance(config.get("recipes"), dict):
        inherit(config["recipes"])
    validator = _FillingValidator(rules)
    _keep_to(validator, config)
    for name, sweep in config["sweeps"].items():
        try:
            config["recipes"] |= sweeps.variants(sweep, config["recipes"])
        except InputError as error:
            raise InputError(f"config: sweeps.{name}.{error}") from error
    if config["sweeps"]:
        _keep_to(validator, config)
    for key in ("mirror", "only"):
        if config[key] in ("null", "None", ""):  # --config mirror=null gives a text
            config[key] = None
    if isinstance(config["only"], str):
        config["only"] = [config["only"]]
    for entry in config["datasets"].values():
        datasets.fill(entry)
    for entry in config["recipes"].values():
        if entry["feature_layer"] is None:
            entry["feature_layer"] = backbones.below(entry["unfreeze_from"])
    for problem in problems(config):
        raise InputError(f"config: {problem}{_written(problem, numbers)}")


def as_written(config, arguments):
    """Put names and paths from the command line (``--config``, "key=text") into ``config`` as the user wrote them.

    Snakemake reads them as numbers and as YAML. That cuts "holiday #1" at the mark and turns 007 into 7.
    """
    for key, _, text in (argument.partition("=") for argument in arguments or ()):
        if key in ("classify_images", "classify_recipe", "mirror", "container") and text:
            config[key] = text.strip("'\"")


def _texts(value, rule, rules, place, numbers):
    """Return ``value``, a part of a config, with numbers and dates as text where the schema wants text alone.

    ``rule`` is the matching part of the schema ``rules``. Lists and dicts change in place; ``numbers`` keeps the old
    values by their place in the config.
    """
    rule = rules["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
    wanted = rule.get("type", [])
    kinds = {wanted} if isinstance(wanted, str) else set(wanted)
    if isinstance(value, dict):
        named, others = rule.get("properties", {}), rule.get("additionalProperties")
        for key in [key for key in value if _bare(key)]:
            value[str(key)] = value.pop(key)
        for key in value:
            below = named.get(key, others)
            if isinstance(below, dict):
                value[key] = _texts(value[key], below, rules, (*place, key), numbers)
    elif isinstance(value, list) and isinstance(rule.get("items"), dict):
        value[:] = [_texts(part, rule["items"], rules, (*place, i), numbers) for i, part in enumerate(value)]
    elif "string" in kinds and not kinds & {"number", "integer"} and _bare(value):
        numbers[".".join(map(str, place))] = value
        return str(value)
    return value


def _bare(value):
    """Return whether a value is a number or a date, which YAML may have made from text."""
    return isinstance(value, int | float | datetime.date) and not isinstance(value, bool)


def _written(problem, numbers):
    """Return a hint if a problem concerns a number that the config may spell differently, else ""."""
    for place, value in numbers.items():
        if problem.startswith(f"{place}:"):
            return f" YAML reads it as the number {value}: put quotes around text such as 007 or 1_000."
    return ""


def _keep_to(validator, config):
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise InputError(f"config: {_said(errors[0])}")


def _fill(validator, properties, instance, schema):
    """Fill in missing keys from their defaults, then check JSON schema's keyword "properties"."""
    if isinstance(instance, dict):
        for key, entry in properties.items():
            if "default" in entry:
                instance.setdefault(key, copy.deepcopy(entry["default"]))
    yield from Draft202012Validator.VALIDATORS["properties"](validator, properties, instance, schema)


# JSON schema accepts 2.0 as an integer and NaN as a number; an epoch count or a learning rate must be neither.
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
    """Describe one of jsonschema's errors in one line: key, value and allowed values."""
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        allowed = sorted(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in allowed)
        full = ".".join(filter(None, [place, str(unknown)]))
        if renamed := hint(error.absolute_path, unknown):
            return f"unknown key {full}: {renamed}. Rename it."
        near = difflib.get_close_matches(str(unknown), allowed, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        return f"unknown key {full}. {meant}Expected one of {', '.join(allowed)}."
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{place or 'top level'}: the key {missing} is missing. Add it."
    value = "" if error.validator in ("minItems", "maxItems") else f"got {error.instance!r}, "
    wanted = error.schema.get("title", error.schema.get("description"))
    truth = isinstance(error.instance, bool) and "string" in _expected(error)
    quotes = " YAML reads yes, no, on and off as booleans: put quotes around such a name." if truth else ""
    renamed = hint_of_value(error.instance) if error.validator == "enum" and isinstance(error.instance, str) else ""
    more = f"; {renamed}" if renamed else ""
    meaning = f" ({wanted.rstrip('.')})" if wanted else ""
    return f"{place}: {value}expected {_expected(error)}{meaning}{more}.{quotes}"


def _expected(error):
    value = error.validator_value
    said = {
        "type": lambda: " or ".join(value if isinstance(value, list) else [value]),
        "enum": lambda: f"one of {', '.join(map(str, value))}",
        "minimum": lambda: f"{value} or more",
        "maximum": lambda: f"{value} or less",
        "exclusiveMinimum": lambda: f"more than {value}",
        "exclusiveMaximum": lambda: f"less than {value}",
        "pattern": lambda: f"text that matches {value}",
        "minItems": lambda: f"{value} or more items, got {len(error.instance)}",
        "uniqueItems": lambda: "unique items",
        "minProperties": lambda: f"{value} or more keys",
        "maxItems": lambda: f"{value} or fewer items, got {len(error.instance)}",
    }
    return said.get(error.validator, lambda: error.message)()
