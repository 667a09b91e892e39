"""On one machine, jobs share its memory."""

import subprocess
import sys

import psutil
import pytest
from small_config import ROOT
from snakemake_adapter import machine

TOTAL = machine.memory()
SNAKEFILE = """
include: {included!r}
rule all:
    input: expand("{{number}}.txt", number=range(3))
rule alone:
    output: "{{number}}.txt"
    resources: mem_mb={megabytes}
    shell: "mkdir busy && sleep 0.5 && rmdir busy && touch {{output}}"
"""


@pytest.mark.parametrize(("said", "expected"), [("500000000\n", 500), ("max\n", None), ("9" * 20, None), ("", None)])
def test_a_container_may_have_less_than_the_machine(tmp_path, said, expected):
    (tmp_path / "memory.max").write_text(said)
    whole = psutil.virtual_memory().total // 10**6
    assert machine.memory(tmp_path / "memory.max") == (expected or whole)
    assert machine.memory(tmp_path / "missing") == whole


def run(folder, megabytes, *arguments):
    """Run three jobs of so many megabytes, which fail where two run at once."""
    included = str(ROOT / "workflow" / "rules" / "main_process.smk")
    (folder / "Snakefile").write_text(SNAKEFILE.format(included=included, megabytes=megabytes))
    command = [sys.executable, "-m", "snakemake", "--cores", "3", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_jobs_that_do_not_fit_into_memory_together_run_one_after_another(tmp_path):
    done = run(tmp_path, TOTAL * 2 // 3)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_job_that_asks_for_more_than_there_is_runs_alone(tmp_path):
    done = run(tmp_path, TOTAL * 2)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_limit_of_your_own_stays(tmp_path):
    """With room for all three they run at once, so two of them fail."""
    done = run(tmp_path, TOTAL * 2 // 3, "--resources", f"mem_mb={TOTAL * 3}")
    assert done.returncode == 1
    assert "File exists" in done.stdout + done.stderr  # of the folder that says that a job is at work
