"""HDF5 files that are damaged, or are others than they seem."""

import re
import signal
import subprocess
import sys

import h5py
import pytest
from running import refusal

FEATURES = "results/dogs-vs-cats/features/block5_pool/train.h5"
MEMBER = "results/dogs-vs-cats/models/head/member-1/predictions.h5"
ENSEMBLE = "results/dogs-vs-cats/ensembles/head/predictions.h5"
LEFT_OPEN = """
import os, signal, sys
import h5py
file = h5py.File(sys.argv[1], "w", libver="latest")
file["values"] = range(9)
file.swmr_mode = True
os.kill(os.getpid(), signal.SIGKILL)
"""


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def say(**attrs):
    def change(path):
        with h5py.File(path, "r+") as file:
            file.attrs.update(attrs)

    return change


def leave_open(path):
    killed = subprocess.run([sys.executable, "-c", LEFT_OPEN, path])
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (truncate, r"train\.h5: not a valid HDF5 file"),
        (leave_open, r"train\.h5: not a valid HDF5 file"),
        (say(weights_sha256="0"), "weights_sha256"),
        (say(feature_layer="block4_pool"), r"train\.h5: expected feature_layer block5_pool, .* \(got block4_pool\)"),
        (say(manifest_sha256="0"), r"train\.h5: expected manifest_sha256 .* \(got 0\)"),
    ],
    ids=["truncated", "left open by a killed writer", "of another backbone", "of another layer", "of another manifest"],
)
def test_features_are_damaged_or_others(copied, spoil, said):
    """One line; with the file removed the next run makes the same again."""
    before = copied.digests()
    spoil(copied.folder / FEATURES)
    run = copied.snakemake("--", MEMBER)
    assert re.search(said, refusal(run))
    (copied.folder / FEATURES).unlink()
    run = copied.snakemake("--", MEMBER)
    assert run.returncode == 0, run.stdout[-3000:]
    assert copied.digests() == before


@pytest.mark.parametrize("spoil", [truncate, lambda path: path.unlink()], ids=["truncated", "not there"])
def test_a_shard_of_the_features_is_damaged(copied, spoil):
    """One line; with it and the joined file removed the next run makes the same again."""
    before = copied.digests()
    joined = copied.folder / FEATURES
    shard = min(joined.with_suffix("").iterdir())
    spoil(shard)
    run = copied.snakemake("--force", "--", MEMBER)
    assert f"{shard.relative_to(copied.folder)}: not a valid HDF5 file" in refusal(run)
    joined.unlink(missing_ok=True)  # Snakemake has removed it where join ran
    shard.unlink(missing_ok=True)
    run = copied.snakemake("--", MEMBER, FEATURES)
    assert run.returncode == 0, run.stdout[-3000:]
    assert copied.digests() == before


@pytest.mark.parametrize("share", [0, 0.5], ids=["empty", "truncated"])
def test_predictions_are_damaged(copied, share):
    """One line; with the file removed the next run makes the same again."""
    before = copied.digests()
    path = copied.folder / MEMBER
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    run = copied.snakemake("--", ENSEMBLE)
    assert f"{MEMBER}: not a valid predictions file" in refusal(run)
    path.unlink()
    run = copied.snakemake("--", ENSEMBLE)
    assert run.returncode == 0, run.stdout[-3000:]
    assert copied.digests() == before
