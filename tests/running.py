"""Snakemake on the project's workflow, in a folder of its own; and what it says there."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def snakemake(folder, *arguments, **environment):
    """Run the workflow in ``folder``; return the finished process, its output as one text."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    # Stages run with the python on PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [*command, *arguments],
        env={**os.environ, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def jobs(output):
    """How often each rule stands in the job table of a dry run."""
    lines = output[output.index("Job stats:") :].splitlines()[3:]
    rows = [line.split() for line in lines[: lines.index("")]]
    return {rule: int(count) for rule, count in rows if rule != "total"}


def errors(output):
    """The lines in which bad input is told of."""
    return [line for line in output.splitlines() if line.startswith("error: ")]
