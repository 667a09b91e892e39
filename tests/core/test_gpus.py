"""One job on a GPU."""

import platform
import subprocess
import sys

import pytest
from running import ROOT

from headstart.core import gpus
from headstart.core.errors import InputError

CLAIM = """
import sys
sys.path.insert(0, sys.argv[1])
from headstart.core import gpus
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
    assert three.stdout.readline().startswith("Waiting: other jobs use every GPU")
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


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """An empty cache of the user's own, and GPUs under their plain numbers."""
    for name in ("SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "shared"))
    (tmp_path / "shared").mkdir()
    return tmp_path


def test_locks_are_in_a_folder_of_the_users_own_and_not_in_the_shared_one(alone):
    assert gpus.claim(["first"]) == "first"
    assert list((alone / "shared").iterdir()) == []
    folder = alone / "cache" / "headstart"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [f"{platform.node()}-gpu-0.lock"]


def test_without_a_cache_named_the_folder_is_in_the_home(alone, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(alone / "home"))
    assert gpus.own_folder() == alone / "home" / ".cache" / "headstart"


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    (tmp_path / "victim").write_text("kept")
    (tmp_path / f"{platform.node()}-gpu-3.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(InputError, match="cannot lock a GPU"):
        gpus.claim(["first"], tmp_path)
    assert (tmp_path / "victim").read_text() == "kept"


@pytest.mark.parametrize("fault", ["link", "open to all", "a file"])
def test_a_folder_that_others_may_have_made_is_refused(alone, fault):
    folder = alone / "cache" / "headstart"
    folder.parent.mkdir()
    if fault == "link":
        folder.symlink_to(alone / "shared")
    elif fault == "a file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(InputError, match="Set XDG_CACHE_HOME to a folder of your own"):
        gpus.claim(["first"])
