"""A cluster for as long as the tests run, and what a run without one makes."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from cluster import Cluster


@pytest.fixture(scope="session")
def cluster():
    """A `Cluster` that runs; skips where there is none to be had."""
    if missing := [name for name in ("munged", "slurmctld", "slurmd", "srun") if not shutil.which(name)]:
        pytest.skip(f"no {', '.join(missing)} here: apt-get install slurm-wlm munge")
    if os.geteuid():
        pytest.skip("only root may start jobs for Slurm")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    slurm = Cluster(folder)
    try:
        slurm.up()
        yield slurm
    finally:
        slurm.down()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def local(tiny):
    """A tiny world with one dataset and one recipe, after a run without Slurm."""
    place = tiny.configured(**{"only": "dogs-vs-cats", "datasets/dogs-vs-cats/recipes": ["head"], "sweeps": {}})
    run = place.snakemake()
    assert run.returncode == 0, run.stdout[-5000:]
    return place
