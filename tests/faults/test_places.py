"""Disks and folders."""

import os
import subprocess
import time

import pytest
import world
from running import refusal

METRICS = "results/mnist/metrics/linear.json"
LINE = "No space left on device. Free some space and run again. (traceback: results/logs/"


@pytest.fixture
def disk(fresh):
    """A function that makes the results folder a disk of its own, or changes it: ``disk("size=1m")``."""
    folder = fresh.folder / "results"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "none", folder]).returncode:
        pytest.skip("only root may mount a disk")

    def change(options):
        subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)

    yield change
    subprocess.run(["umount", "--lazy", folder], check=True)


def assert_same(made, done):
    """All that was made is, to the bit, what a run without a fault makes."""
    expected = done[0].digests()
    found = made.digests()
    assert METRICS.removeprefix("results/") in found
    assert {path: digest for path, digest in found.items() if expected[path] != digest} == {}


@pytest.mark.parametrize("size", ["200k", "430k", "620k", "700k"])
def test_no_space_is_left(fresh, disk, done, size):
    """One line, nothing half; with more space the run ends with the same bits."""
    disk(f"size={size}")
    run = fresh.snakemake("--", METRICS)
    assert LINE in refusal(run)
    assert list(fresh.results.rglob("*.part")) == []
    disk("size=50m")
    run = fresh.snakemake("--", METRICS)
    assert run.returncode == 0, run.stdout[-3000:]
    assert_same(fresh, done)


def test_the_results_folder_is_read_only(fresh, disk):
    """Snakemake's own line, and nothing is made."""
    disk("ro")
    run = fresh.snakemake("--", METRICS)
    assert run.returncode == 1
    assert "Read-only file system: 'results/logs'" in run.stdout
    assert "Traceback" not in run.stdout
    assert fresh.digests() == {}


def test_a_path_has_a_space_and_a_letter_beyond_ascii(tiny, done, tmp_path):
    """The run ends with the bits of a plain path."""
    assert " " in str(tiny.folder) and not str(tiny.folder).isascii()
    plain = world.fresh(tiny, tmp_path / "plain")
    assert " " not in str(plain.folder) and str(plain.folder).isascii()
    run = plain.snakemake("--", METRICS)
    assert run.returncode == 0, run.stdout[-3000:]
    assert_same(plain, done)


def test_two_runs_at_once(fresh, done):
    """The second says that the folder is locked and changes nothing; the first ends with the same bits."""
    with fresh.start("--", METRICS) as first:
        while not (fresh.folder / ".snakemake" / "locks").is_dir() or not list(fresh.folder.glob(".snakemake/locks/*")):
            assert first.poll() is None
            time.sleep(0.01)
        second = fresh.snakemake("--", METRICS)
    assert second.returncode == 1
    assert "Directory cannot be locked" in second.stdout
    assert first.returncode == 0, (fresh.folder / "printed.txt").read_text()[-3000:]
    assert_same(fresh, done)
