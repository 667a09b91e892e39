"""What a stage imports before it works: a run starts hundreds of them."""

import subprocess
import sys

import pytest
from small_config import ROOT

SLOW = ("tensorflow", "keras", "sklearn", "matplotlib", "ncnn")
STAGES = {path.stem for path in (ROOT / "scripts").glob("*.py")}
NEEDED = {
    "check_leakage": {"sklearn"},  # it fits a model
    "compare_sweep": {"matplotlib"},
    "lecture_figures": {"matplotlib"},
    "plot_curves": {"matplotlib"},
    "plot_figures": {"matplotlib", "sklearn"},
    "postprocess": {"sklearn"},  # it searches neighbours
    "write_report": {"matplotlib"},
}


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_imports_no_more_than_it_needs(stage):
    """TensorFlow, above all, comes once the config's threads and precision are set, and where something computes."""
    found = f"import sys, {stage}; print(*(name for name in {SLOW} if name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", found], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    assert set(run.stdout.split()) == NEEDED.get(stage, set())
