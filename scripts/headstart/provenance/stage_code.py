"""List the project's files that make up a stage's code."""

import ast
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]
# Packages whose versions affect numbers, by import name. The packages for tables, HDF5 and figures do not.
COMPUTING = {
    "PIL": "pillow",
    "keras": "keras",
    "ncnn": "ncnn",
    "numpy": "numpy",
    "pi_heif": "pi-heif",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow",
}


@cache
def sources(stage):
    """Return the sorted paths of ``scripts/<stage>.py`` and of the project's modules that it imports, directly or not.

    Snakemake compares them by content as inputs. By itself it considers only the time of the stage's own file. The walk
    reads the import statements (`ast`) and runs nothing. So building the graph does not import TensorFlow.
    """
    todo = [SCRIPTS / f"{stage}.py"]
    found = set(todo)
    while todo:
        for name in _imports(todo.pop()):
            for path in _files(name):
                if path not in found:
                    found.add(path)
                    todo.append(path)
    return sorted(str(path) for path in found)


@cache
def packages(paths):
    """Return the sorted PyPI names of the `COMPUTING` packages that the files ``paths``, a tuple, import."""
    names = {name.partition(".")[0] for path in paths for name in _imports(Path(path).resolve())}
    return sorted(COMPUTING[name] for name in names & COMPUTING.keys())


@cache
def _imports(path):
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def _files(name):
    """Yield the project's files that Python runs when it imports ``name``: the module and the packages above it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        base = SCRIPTS.joinpath(*parts[:end])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                yield path
