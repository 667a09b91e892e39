"""Write docs/config.md, the reference of all keys of the config, from its schema.

``python scripts/tools/reference.py``
"""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEMA, PAGE = ROOT / "workflow" / "schemas" / "config.schema.yaml", ROOT / "docs" / "config.md"
SECTIONS = {  # heading: its part of the schema, below $defs except for the first
    "Top level": None,
    "`downloads.<dataset>.<file>`": "download",
    "`datasets.<name>`": "dataset",
    "`recipes.<name>`": "recipe",
    "`schedule` and `lecture_schedule` of a recipe": "schedule",
}
HEAD = """# Every key of the config

`make reference` makes this page from `workflow/schemas/config.schema.yaml`; a test holds the two together.
[config/README.md](../config/README.md) says how files merge.
"""


def page(schema):
    """Return the page as Markdown; ``schema`` is the config's JSON schema as a dict."""
    parts = [HEAD]
    for heading, name in SECTIONS.items():
        rows = list(_rows(schema["$defs"][name] if name else schema, "", schema["$defs"]))
        parts.append(f"## {heading}\n\n| key | values | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _rows(node, place, known):
    for key, entry in node.get("properties", {}).items():
        name = f"{place}{key}"
        if "description" in entry:
            yield f"| `{name}` | {_values(entry, known)} | {entry['description']} |"
        yield from _rows(entry, f"{name}.", known)
        for below, mark in (("additionalProperties", "<name>."), ("items", "[].")):
            if isinstance(entry.get(below), dict):
                yield from _rows(entry[below], f"{name}.{mark}".replace(".[]", "[]"), known)


def _values(entry, known):
    """Describe in a few words the values that a key takes, and its default."""
    entry = {**known[entry["$ref"].rpartition("/")[2]], **entry} if "$ref" in entry else entry
    kinds = entry.get("type", [])
    words = (
        [_word(value) for value in entry["enum"]] if "enum" in entry else [kinds] if isinstance(kinds, str) else kinds
    )
    bounds = [
        f"{sign} {entry[key]}"
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
        if key in entry
    ]
    default = entry.get("default", {})
    told = f"; default {_word(default)}" if default not in ({}, []) else ""
    return ", ".join(filter(None, [" or ".join(words), " ".join(bounds)])) + told


def _word(value):
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))), encoding="utf-8")
