"""Change the modules whose results are numbers, one small change at a time, and list those that no test notices.

``python tests/support/mutants.py [module …]`` runs mutmut over each module against its own tests. A change that
survives must stand in docs/mutants.md with the reason why it changes nothing. Exit code 1 where one does not, or where
fewer than 90 % of a module's changes are caught.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from headstart.core.files import sha256  # noqa: E402

REASONS = ROOT / "docs" / "mutants.md"
LEAST = 0.9
MODULES = {  # and the test files that are to catch a change in it
    "data/splits": ["data/test_splits"],
    "formats/predictions": ["formats/test_predictions"],
    "evaluation/ensemble": ["evaluation/test_ensemble"],
    "evaluation/metrics": ["evaluation/test_metrics"],
    "evaluation/intervals": ["evaluation/test_intervals"],
    "evaluation/postprocess": ["evaluation/test_postprocess"],
    "evaluation/leakage": ["evaluation/test_leakage"],
    "evaluation/submissions": ["evaluation/test_submissions"],
    "features/shards": ["features/test_shards"],
    "features/augmentation": ["features/test_augmentation"],
    "training/batches": ["training/test_batches"],
    "training/learning_rates": ["training/test_learning_rates"],
    "training/loop": ["training/test_loop", "training/test_checkpoints", "training/test_learning_rates"],
    "training/logistic": ["training/test_logistic"],
    "training/batch_norm": ["training/test_batch_norm"],
    "training/history": ["training/test_loop", "training/test_member"],
    "training/member": ["training/test_member", "training/test_logistic", "training/test_batch_norm"],
    "training/surgery": ["training/test_surgery"],
}
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/headstart/{module}.py"]
also_copy = ["config", "docs", "profiles", "workflow", "Snakefile", "results"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
process_isolation = "forkserver" # TensorFlow's threads do not outlive a fork
timeout_constant = 5.0 # seconds more than the tests took, both times the multiplier
timeout_multiplier = 6.0
"""
SURVIVED = (0, 5, 33)  # mutmut's codes: all tests passed, or none runs the function


def prepare(module):
    """Return a folder with a copy of the code, set up to change ``module`` alone.

    A run that was broken off goes on in the folder that it left, where code and tests are the same.
    """
    folder, names = ROOT / ".mutants" / module, _listed()
    tests = [f"tests/{name}.py" for name in MODULES[module]]
    setup = SETTINGS.format(module=module, tests=json.dumps(tests))
    code = [f"{name} {sha256(ROOT / name)}" for name in names if name.startswith(("scripts/", "tests/"))]
    state = hashlib.sha256("\n".join([setup, *code]).encode()).hexdigest()
    if not (folder / "state").exists() or (folder / "state").read_text() != state:
        shutil.rmtree(folder, ignore_errors=True)
        _copy(names, folder, setup)
        (folder / "state").write_text(state)
    return folder


def _listed():
    """The files of the project, those that are not committed yet too."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(name for name in listed if (ROOT / name).is_file())


def _copy(names, folder, setup):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    # mutmut knows packages in src/ alone.
    (folder / "scripts").rename(folder / "src")
    (folder / "mutants").mkdir()
    (folder / "mutants" / "scripts").symlink_to("src")
    with open(folder / "pyproject.toml", "a") as file:
        file.write(setup)


def run(module):
    """Return ``{change: exit code of its tests}`` of a module, and ``{change: (function, new lines)}`` of survivors."""
    folder, mutmut = prepare(module), [sys.executable, "-m", "mutmut"]
    with open(folder / "log.txt", "w") as log:
        subprocess.run([*mutmut, "run", "--max-children", "1"], cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    record = folder / "mutants" / "src" / "headstart" / f"{module}.py.meta"
    codes = json.loads(record.read_text())["exit_code_by_key"] if record.exists() else {}
    if not codes or None in codes.values():
        sys.exit(f"error: {module}: mutmut did not end; see the end of {folder / 'log.txt'}")
    survivors = {}
    for name in (name for name, code in codes.items() if code in SURVIVED):
        shown = subprocess.run([*mutmut, "show", name], cwd=folder, capture_output=True, text=True, check=True).stdout
        new = [line[1:].strip() for line in shown.splitlines() if line[:1] == "+" and line[:3] != "+++"]
        function = name.rpartition(".")[2].rpartition("__mutmut_")[0]
        # mutmut calls a function x_name, and a method xǁClassǁname.
        survivors[name] = (re.sub("^x(_|ǁ.*ǁ)", "", function), " ".join(new))
    return codes, survivors


def main(modules):
    """Run, print a line a module and each survivor without a reason, and return the exit code."""
    reasons, failed = REASONS.read_text(encoding="utf-8"), False
    for module in modules or MODULES:
        codes, survivors = run(module)
        caught = len(codes) - len(survivors)
        untold = [found for found in survivors.values() if f"`{found[0]}`: `{found[1]}`" not in reasons]
        share = caught / len(codes)
        print(f"{module}: {caught} of {len(codes)} caught ({share:.1%}), {len(untold)} without a reason", flush=True)
        for function, new in untold:
            print(f"  `{function}`: `{new}`", flush=True)
        failed |= bool(untold) or share < LEAST
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
