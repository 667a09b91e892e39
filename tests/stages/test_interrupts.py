"""A signal to Snakemake alone ends the stages that are running, and keeps what was whole."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_config import ROOT

LONG = 3600  # seconds; a run that waited for it would not end within the test's limit
SNAKEFILE = """
include: {included!r}
rule all:
    input: "whole.txt", "slow.txt"
rule whole:
    output: "whole.txt"
    shell: "echo whole > {{output}}"
rule slow:
    input: "whole.txt"
    output: "slow.txt"
    script: "slow.py"
"""
SLOW = f"""
import os, time
from pathlib import Path
Path(snakemake.output[0]).write_text("half")
Path("pid.part").write_text(str(os.getpid()))
os.replace("pid.part", "pid")
time.sleep({LONG})
"""


def start(folder, ignored=False):
    """Start a run in a process group of its own and return it with its stage, once that is at work."""
    included = str(ROOT / "workflow" / "rules" / "main_process.smk")
    (folder / "Snakefile").write_text(SNAKEFILE.format(included=included))
    (folder / "slow.py").write_text(SLOW)
    kept = signal.SIG_IGN if ignored else signal.SIG_DFL
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    run = subprocess.Popen(
        command,
        cwd=folder,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, kept),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not (folder / "pid").exists():
        assert run.poll() is None, run.stdout.read()
        time.sleep(0.1)
    return run, psutil.Process(int((folder / "pid").read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_snakemake_alone_ends_its_stages(tmp_path, number):
    run, stage = start(tmp_path)
    run.send_signal(number)
    told, _ = run.communicate(timeout=120)
    assert run.returncode == 1
    assert not stage.is_running(), told
    assert (tmp_path / "whole.txt").read_text() == "whole\n"
    again = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "--rerun-incomplete"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert again.returncode == 0, again.stderr  # no lock is left
    assert re.search(r"^slow +1$", again.stdout, re.M) and not re.search(r"^whole +1$", again.stdout, re.M)


def test_a_signal_that_is_ignored_ends_nothing(tmp_path):
    run, stage = start(tmp_path, ignored=True)
    try:
        run.send_signal(signal.SIGINT)
        time.sleep(1)
        assert stage.is_running() and run.poll() is None
    finally:
        run.terminate()
        run.communicate(timeout=120)
    assert not Path(tmp_path, "slow.txt").exists()
