"""What docs/own-pictures.md tells a practitioner to write and to run is what the workflow takes."""

import ast
import re

import pages
import pytest
import yaml
from running import ROOT
from small_config import SCHEMA, shipped
from snakemake.utils import update_config

from headstart.config.check import check

PAGE = pages.read("own-pictures.md")
FILES = pages.files(PAGE)
RUNS = pages.runs(PAGE)
KEYS = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["$defs"]["dataset"]["properties"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to run in, with the page's YAML files and the folders and the table that they name."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "new").mkdir()
    entries = [entry for text in FILES.values() for entry in yaml.safe_load(text).get("datasets", {}).values()]
    for entry in entries:
        (tmp_path / entry.get("folder", "new")).mkdir(parents=True, exist_ok=True)
    pictures = next(tmp_path / entry["folder"] for entry in entries if "folder" in entry)
    (pictures / next(entry["table"]["file"] for entry in entries if "table" in entry)).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def merged(*overlays):
    """Check the default config with overlays on top, as Snakemake merges them; return it."""
    config = shipped()
    for overlay in overlays:
        update_config(config, overlay)
    check(config, SCHEMA)
    return config


@pytest.mark.parametrize("names", sorted({files for files, _ in RUNS}), ids="+".join)
def test_every_file_of_the_page_is_a_config_that_can_work(folder, names):
    assert merged(*(yaml.safe_load(FILES[name]) for name in names))["only"] == ["flowers"]


def test_every_file_of_the_page_is_in_a_command():
    assert set(FILES) == {name for names, _ in RUNS for name in names}


def test_every_setting_in_a_line_of_the_page_can_work(folder):
    said = re.findall(r"`([a-z_]+: [^`]+)`", pages.FENCED.sub("", PAGE))
    settings = [setting for setting in map(yaml.safe_load, said) if set(setting) != {"cross_validate"}]
    assert len(settings) > 10
    for setting in settings:
        assert set(setting) <= set(KEYS), setting
        flowers = yaml.safe_load(FILES["flowers.yaml"])
        flowers["datasets"]["flowers"] |= {"recipes": ["head-folds"], **setting}
        merged(flowers)


def test_every_command_of_the_page_is_accepted(folder):
    made = {path for path in pages.results(PAGE) if not path.startswith("results/logs/")}
    for config, targets in RUNS.items():
        classified = {path for path in made if path.startswith("results/classified/")}
        more = classified if "classify" in targets else made - classified if "gardens.yaml" in config[0] else set()
        run = pages.dry_run(folder, config, targets | more)
        assert run.returncode == 0, run.stdout[-3000:]


def texts(path):
    """Yield every text of a Python file, with … for what an f-string fills in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_message_that_the_page_explains_is_one_that_the_code_has():
    said = re.findall(r"^\| `([^`]+)` \|", PAGE.split("## What the terminal says")[1], re.MULTILINE)
    assert len(said) > 20
    known = [text for path in (ROOT / "scripts").rglob("*.py") for text in texts(path)]
    for message in said:
        pattern = re.compile(".*".join(map(re.escape, message.split("…"))))
        assert any(map(pattern.search, known)), message
