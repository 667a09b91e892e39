"""The real data of the developers' mirror, where there is one."""

import pytest
from running import ROOT
from small_config import shipped

from headstart.core import files, listing
from headstart.data import archives, images, label_tables, layouts, manifests, splits
from headstart.download import packing

MIRROR = ROOT.parent / "shared" / "mirror"
pytestmark = pytest.mark.skipif(not MIRROR.is_dir(), reason=f"no mirror folder {MIRROR}")
CONFIG = shipped()
MNIST = CONFIG["downloads"]["mnist"]


@pytest.mark.parametrize("name", MNIST)
def test_the_mirrors_digits_have_the_pinned_digests(name):
    assert packing.digest(MIRROR / "mnist" / name, name) == MNIST[name]["sha256"]


def test_every_file_is_as_the_mirror_lists_it():
    lines = (MIRROR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 5
    for line in lines:
        digest, name = line.split()
        assert files.sha256(MIRROR / name) == digest, name


def test_the_mirrors_digits_are_all_of_mnist(tmp_path):
    entry = CONFIG["datasets"]["mnist"]
    for file in entry["files"]:
        archives.unpack(MIRROR / "mnist" / file, tmp_path, limit=10**9)
    for part, count in (("train", 60_000), ("test", 10_000)):
        rows = manifests.list_idx(tmp_path, *entry["idx"][part], part, entry["classes"])
        assert len(rows) == count
        assert set(rows["label"]) == set(entry["classes"])
        assert images.inspect(tmp_path, rows["path"].iloc[-1])[::2] == ("28x28", "ok")


def find(root, entry):
    """The rows of all pictures under ``root``, by the config's patterns, which claim every file but the table."""
    rows, why = layouts.find(root, listing.listed(root), entry["path_patterns"], entry["classes"], dataset="real")
    assert set(why) <= {entry.get("table", {}).get("file")}
    return rows


def test_the_drivers_are_listed_with_the_default_configs_patterns_and_table(tmp_path):
    entry = CONFIG["datasets"]["state-farm"]
    for file in entry["files"]:
        archives.unpack(MIRROR / "state-farm" / file, tmp_path, limit=10**9)
    listed = find(tmp_path, entry)
    test = listed[listed["part"] == "test"]
    table, shared = tmp_path / entry["table"]["file"], {"root": tmp_path, "dataset": "state-farm", "missing": 0}
    train, rest, notes = label_tables.join(
        listed[listed["part"] == "train"], table, entry["table"], classes=entry["classes"], **shared
    )
    assert (len(train), train["group"].nunique(), len(test)) == (1700, 20, 500)
    assert (rest, notes) == ({}, [])
    assert set(train["label"]) == set(entry["classes"])

    usable = train.assign(status="ok", digest=train["id"])
    found = splits.split(usable, folds=entry["split"]["folds"], seed=1).merge(train, on="id")
    assert (found.groupby("group")["part_x"].nunique() == 1).all()


def test_the_pets_are_listed_with_the_default_configs_patterns(tmp_path):
    entry = CONFIG["datasets"]["dogs-vs-cats"]
    for file in entry["files"]:
        archives.unpack(MIRROR / "dogs-vs-cats" / file, tmp_path, limit=10**9)
    listed = find(tmp_path, entry)
    train = listed[listed["part"] == "train"]
    assert (len(train), len(listed) - len(train)) == (1600, 400)
    assert set(train["label"]) == {"cat", "dog"}
    sample = manifests.inspect(manifests.sample(train, 20, 1), tmp_path, threads=2)
    assert set(sample["status"]) == {"ok"}
