"""On one machine, jobs share its memory."""

import subprocess
import sys

import psutil
from small_config import ROOT

TOTAL = psutil.virtual_memory().total // 10**6
SNAKEFILE = """
include: {included!r}
rule all:
    input: expand("{{number}}.txt", number=range(3))
rule alone:
    output: "{{number}}.txt"
    resources: mem_mb={megabytes}
    shell: "mkdir busy && sleep 0.5 && rmdir busy && touch {{output}}"
"""


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
    assert run(tmp_path, TOTAL * 2 // 3, "--resources", f"mem_mb={TOTAL * 3}").returncode == 1
