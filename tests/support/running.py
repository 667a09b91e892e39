"""Snakemake on the project's workflow, in a folder of its own; and what it says there."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil

VARIANTS = {  # rules that share a stage with another, whose name stands in their scripts
    "split": ["split_ungrouped"],
    "extract_features": ["extract_augmented_features"],
    "join_features": ["join_augmented_features"],
}
ROOT = Path(__file__).resolve().parents[2]


def snakemake(folder, *arguments, **environment):
    """Run the workflow in ``folder``; return the finished process, its output as one text."""
    command, settings = started(folder, *arguments, **environment)
    return subprocess.run(command, **settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def started(folder, *arguments, **environment):
    """Return the command that runs the workflow, the copy in ``folder`` or the project's own, and its settings."""
    snakefile = next(root / "Snakefile" for root in (Path(folder), ROOT) if (root / "Snakefile").is_file())
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--directory", folder, *arguments]
    # Stages run with the python on PATH, and a proxy of the machine's must not answer for 127.0.0.1.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return command, {"env": {**os.environ, "PATH": path, **direct, **environment}}


def stages(process):
    """The running stages of a Snakemake process, ``[(rule, process)]``; a stage may end at any time."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, OSError):
                script = Path((child.cmdline() or [""])[-1])
                if script.parent.name == "scripts":  # .snakemake/scripts/tmpabc.split.py, which holds its rule's name
                    stage, text = script.stem.partition(".")[2], script.read_text(errors="replace")
                    names = (*VARIANTS.get(stage, ()), stage)
                    if rule := next((name for name in names if name in text), None):
                        found.append((rule, child))
    return found


def alive(process):
    """Whether a process still runs."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def kill(process):
    """SIGKILL a process and all below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


def jobs(output):
    """How often each rule stands in the job table of a dry run; nothing where there is nothing to do."""
    if "Job stats:" not in output:
        return {}
    lines = output[output.index("Job stats:") :].splitlines()[3:]
    rows = [line.split() for line in lines[: lines.index("")]]
    return {rule: int(count) for rule, count in rows if rule != "total"}


def refusal(run):
    """The one line in which a finished run told of bad input."""
    assert run.returncode == 1
    assert "Traceback" not in run.stdout
    assert len(errors(run.stdout)) == 1, run.stdout
    return errors(run.stdout)[0]


def errors(output):
    """The lines in which bad input is told of."""
    return [line for line in output.splitlines() if line.startswith("error: ")]
