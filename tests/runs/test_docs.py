"""Config, schema, environment and pages stay in step."""

import re
import subprocess

import reference
import yaml
from running import ROOT
from small_config import shipped

SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))


def test_every_key_of_the_schema_is_explained():
    """In its description; what stands only under $defs is described where it is used."""

    def keys(node, place):
        for key, entry in node.get("properties", {}).items():
            yield f"{place}.{key}", entry
            yield from keys(entry, f"{place}.{key}")
        for below in (node.get("additionalProperties"), node.get("items")):
            if isinstance(below, dict):
                yield from keys(below, place)

    known = {name: SCHEMA["$defs"][name] for name in ("download", "dataset", "recipe", "schedule")}
    found = [pair for name, node in ({"": SCHEMA} | known).items() for pair in keys(node, name)]
    assert len(found) > 120
    assert [place for place, entry in found if not entry.get("description", "").endswith(".")] == []


def test_the_reference_is_made_from_the_schema():
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(SCHEMA)


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


def rows(text):
    """The rows of a page's tables of results, as lists of cells."""
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    return [row for row in found if row[0] in shipped()["datasets"]]


def section(page, heading):
    """The text of a page under a heading, as far as the next of its kind."""
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_page_on_results_has_a_row_for_every_recipe_of_the_default_config():
    datasets = shipped()["datasets"]
    expected = [[name, recipe] for name, entry in datasets.items() for recipe in entry["recipes"]]
    assert sorted(row[:2] for row in rows(section(RESULTS, "The default config"))) == sorted(expected)


def test_the_page_on_results_has_a_row_for_every_recipe_that_ran_on_real_pictures():
    datasets, known = shipped()["datasets"], shipped()["recipes"]
    names = ("dogs-vs-cats", "state-farm")
    expected = [[name, recipe] for name in names for recipe in datasets[name]["recipes"] if "skip" not in known[recipe]]
    found = [row[:2] for row in rows(section(RESULTS, "Real pictures"))]
    assert sorted(row for row in found if "skip" not in known[row[1]]) == sorted(expected)


def test_the_readme_s_rows_are_those_of_the_page_on_results():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = rows(section(text, "Results on real data"))
    assert 8 <= len(found) <= 10
    known = [[row[0], row[1], row[5], row[6]] for row in rows(RESULTS) if len(row) > 7]
    assert [row for row in found if row[:4] not in known] == []


def test_every_fault_that_was_tried_was_survived():
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    survived, cases = map(int, re.search(r"^(\d+) of (\d+) survived\.$", page, re.MULTILINE).groups())
    assert survived == cases > 100
