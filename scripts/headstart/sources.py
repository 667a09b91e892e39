"""Which files of the project a stage's code consists of."""

import ast
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
# Packages whose versions bear on numbers, by the names they are imported under. Tables, HDF5 and figures do not.
COMPUTING = {
    "PIL": "pillow",
    "keras": "keras",
    "numpy": "numpy",
    "pi_heif": "pi-heif",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow",
}


@cache
def sources(stage):
    """Return the paths of ``scripts/<stage>.py`` and of the project's modules that it imports, directly or not, sorted.

    As inputs they are compared by content; Snakemake by itself has the time of the stage alone. The walk reads the
    import statements (`ast`) and runs nothing, so that building the graph does not import TensorFlow.
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
    """Return the packages that compute in some files (a tuple), as they are called where they are published, sorted."""
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
    """The files that importing ``name`` runs: the module and the packages above it, where they are the project's."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        base = SCRIPTS.joinpath(*parts[:end])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                yield path
