"""Config, schema, environment and pages stay in step."""

import re
import subprocess

import yaml
from running import ROOT

SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))


def keys(schema):
    """All keys that a schema lets a user write."""
    for key, entry in schema.get("properties", {}).items():
        yield key
        yield from keys(entry)


def test_every_key_of_the_schema_is_explained():
    page = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`\.?([a-z0-9_.<>]+)`", page))
    written |= {part for name in written for part in name.split(".")}
    known = set(keys(SCHEMA)) | {key for entry in SCHEMA["$defs"].values() for key in keys(entry)}
    known |= {key for key in keys(SCHEMA["$defs"]["download"]["properties"]["sources"]["items"])}
    assert known - written == set()


def test_nothing_in_the_schema_is_left_open():
    def objects(node):
        if isinstance(node, dict):
            if "properties" in node and "type" in node:
                yield node
            for value in node.values():
                yield from objects(value)

    assert [entry for entry in objects(SCHEMA) if entry.get("additionalProperties") is not False] == []


def test_the_conda_environment_has_the_versions_of_the_lock():
    locked = set(re.findall(r"^([a-z0-9-]+==[0-9.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    environment = yaml.safe_load((ROOT / "workflow" / "envs" / "headstart.yaml").read_text())
    assert set(environment["dependencies"][-1]["pip"]) <= locked


def test_the_lock_is_hashed_and_names_no_host():
    text = (ROOT / "requirements.txt").read_text()
    assert "http" not in text.replace("httpx", "").replace("httpcore", "")
    for block in re.split(r"\n(?=\S)", text):
        if "==" in block:
            assert "--hash=sha256:" in block


def test_every_stage_stands_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert {path.stem for path in (ROOT / "scripts").glob("*.py") if path.stem not in text} == set()


def test_relative_links_lead_somewhere():
    pages = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "README.md" in pages
    for page in pages:
        path = ROOT / page
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{page}: {target}"


def edges(lines):
    """The edges of a Mermaid flowchart, as pairs of names."""
    for line in lines:
        stops = [stop.split(" & ") for stop in re.split(r"\s*-->\s*", line.strip())]
        for sources, targets in zip(stops[:-1], stops[1:], strict=True):
            yield from ((source, target) for source in sources for target in targets)


def test_the_drawn_graph_is_the_real_one(done):
    """Of the tiny run after it: which shards there are is known only then."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = set(edges(page[page.index("flowchart LR") :].split("```")[0].splitlines()[1:]))
    dot = done[0].snakemake("--rulegraph").stdout
    names = dict(re.findall(r'(\d+)\[label = "(\w+)', dot))
    real = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", dot)}
    assert drawn == {edge for edge in real if edge[1] != "all"}


def test_the_readme_has_a_row_for_every_recipe_of_the_default_config():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    expected = {(name, recipe) for name, entry in config["datasets"].items() for recipe in entry["recipes"]}
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0]
    assert expected == {tuple(row) for row in re.findall(r"^\| ([a-z-]+) \| ([a-z-]+) \|", table, re.MULTILINE)} - {
        ("dataset", "recipe")
    }


def test_every_fault_that_was_tried_was_survived():
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    survived, cases = map(int, re.search(r"^(\d+) of (\d+) survived\.$", page, re.MULTILINE).groups())
    assert survived == cases > 100
