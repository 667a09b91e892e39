"""The order of the subpackages of headstart, and the length of modules."""

import ast
from itertools import takewhile

import pytest
from running import ROOT

PACKAGE = ROOT / "scripts" / "headstart"
# In the order of the data flow: a subpackage imports only from those above it.
ROOMS = (
    *("core", "config", "formats", "provenance", "download"),
    *("data", "features", "training", "evaluation", "report"),
)


def imported(path):
    """Return the names of the subpackages that a module imports from."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {node.module.split(".")[1] for node in nodes if node.module.startswith("headstart.")}


def test_every_module_is_in_a_room():
    assert {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"} == {"__init__.py", *ROOMS}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_those_above_it(room):
    above = {room, *takewhile(lambda other: other != room, ROOMS)}
    found = {path.name: imported(path) - above for path in (PACKAGE / room).rglob("*.py")}
    assert {name: rooms for name, rooms in found.items() if rooms} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_begins_with_a_docstring_and_nothing_else(room):
    for path in (PACKAGE / room).rglob("__init__.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        assert len(tree.body) == 1


def test_the_rooms_of_the_tests_are_those_of_the_package():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - {"stages", "runs", "faults", "slurm", "support"} == set(ROOMS)


def test_no_module_is_longer_than_250_lines():
    modules = [*(ROOT / "scripts").rglob("*.py"), *(ROOT / "workflow").rglob("*.smk")]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > 250} == {}
