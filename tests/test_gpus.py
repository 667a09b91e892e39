"""One job on a GPU."""

import subprocess
import sys

import pytest
from running import ROOT

from headstart import gpus

CLAIM = """
import sys
sys.path.insert(0, sys.argv[1])
from headstart import gpus
print("got", gpus.claim(["first", "second"], sys.argv[2]), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def claims(tmp_path, monkeypatch):
    """Start processes that claim one of two GPUs and keep it; their output so far is a line each."""
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    started = []

    def start():
        command = [sys.executable, "-u", "-c", CLAIM, ROOT / "scripts", tmp_path]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("end", ["kill", "by itself"])
def test_no_two_jobs_share_a_gpu_and_one_that_ends_makes_room(claims, end):
    one, two = claims(), claims()
    assert {one.stdout.readline(), two.stdout.readline()} == {"got first\n", "got second\n"}
    three = claims()
    assert three.stdout.readline().startswith("every GPU is taken by another job: waiting")
    if end == "kill":
        two.kill()
    else:
        two.stdin.write("\n")
        two.stdin.flush()
    two.wait()
    assert three.stdout.readline() in ("got first\n", "got second\n")


def test_gpus_that_jobs_see_under_other_numbers_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert gpus.claim(["first"], tmp_path) == "first"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    assert gpus.claim(["first"], tmp_path) == "first"
    assert sorted(path.name.rsplit("-", 1)[1] for path in tmp_path.iterdir()) == ["3.lock", "5.lock"]


def test_a_job_of_slurm_takes_what_slurm_gave_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    assert [gpus.claim(["first"], tmp_path) for _ in range(2)] == ["first", "first"]
    assert list(tmp_path.iterdir()) == []
