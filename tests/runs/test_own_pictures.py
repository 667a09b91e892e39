"""A folder of a user's own pictures as a dataset."""

import shutil

import pandas as pd
import pytest
from running import jobs, refusal
from world import FLOWERS, fresh

from headstart.formats import hdf5


def test_a_folder_of_your_own_goes_all_the_way_to_the_table(pictures):
    world = pictures()
    run = world.snakemake()
    assert run.returncode == 0, run.stdout[-3000:]
    row = pd.read_csv(world.folder / "results" / "summary.csv").iloc[0]
    assert (row["dataset"], row["recipe"], row["images"]) == ("flowers", "head", 16)  # two of five folds
    manifest = pd.read_csv(world.folder / "results" / "flowers" / "manifest.csv", dtype=str)
    assert manifest["id"].iloc[0] == "daisy/0.png"
    assert manifest["label"].value_counts().to_dict() == {"daisy": 20, "tulip": 20}
    assert "Nothing to be done" in world.snakemake().stdout
    folder = world.folder / FLOWERS["folder"]
    (folder / "daisy" / "0.png").rename(folder / "tulip" / "0.png")
    assert jobs(world.snakemake("--dry-run").stdout)["write_manifest"] == 1


def test_a_csv_says_label_and_group_of_your_own_pictures(pictures):
    table = {"file": "list.csv", "id": "path", "label": "kind", "group": "garden"}
    world = pictures(table=table)
    run = world.snakemake("--", "results/flowers/split.csv")
    assert run.returncode == 0, run.stdout[-3000:]
    manifest = pd.read_csv(world.folder / "results" / "flowers" / "manifest.csv", dtype=str)
    assert manifest["id"].iloc[0] == "daisy/0.png"
    split = pd.read_csv(world.folder / "results" / "flowers" / "split.csv").merge(manifest, on="id")
    assert split.groupby("group")["fold"].nunique().tolist() == [1] * 5
    groups_alone = pictures(table={"file": "list.csv", "id": "path", "group": "garden"})
    assert groups_alone.snakemake("--", "results/flowers/split.csv").returncode == 0
    labels_alone = pictures(table={"file": "list.csv", "id": "path", "label": "kind"})
    assert labels_alone.snakemake("--", "results/flowers/split.csv").returncode == 0


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"folder": "nowhere"}, "datasets.flowers.folder: no such folder (got 'nowhere')"),
        ({"files": ["a.zip"]}, "datasets.flowers: needs either files or folder (got both)"),
        ({"synthetic": {"scene": "pets", "train": 10, "test": 1}}, "synthetic: cannot be combined with folder"),
        ({"folder": None}, "datasets.flowers: needs either files or folder (got neither)"),
        ({"table": {"file": "who.csv", "id": "path"}}, "table.file: not in the folder my"),
    ],
)
def test_a_folder_that_cannot_work_gets_one_line(pictures, entry, said):
    run = pictures(**entry).snakemake("--dry-run")
    assert said in refusal(run)


def test_pictures_that_are_added_or_taken_away_go_through_the_backbone_alone_with_their_shard(pictures):
    world = pictures().configured(**{"backbone/shard": 8})
    target = "results/flowers/features/block5_pool/train.h5"

    def computed():
        before = set((world.folder / target).with_suffix("").glob("*.h5"))
        run = world.snakemake("--", target)
        assert run.returncode == 0, run.stdout[-3000:]
        named = pd.read_csv(world.results / "flowers" / "shards" / "train.csv")
        assert named["images"].max() <= 8
        assert hdf5.read_ids(world.folder / target) == hdf5.read_ids(world.results / "flowers/pixels/32x32x3/train.h5")
        return len(set((world.folder / target).with_suffix("").glob("*.h5")) - before), len(named)

    made, shards = computed()
    assert made == shards > 5
    folder = world.folder / FLOWERS["folder"] / "tulip"
    shutil.copy(folder / "1.png", folder / "new.png")
    made, shards = computed()
    assert 0 < made < shards / 2
    (folder / "new.png").unlink()
    assert computed()[0] == 0
    # What has to be made before a shard is made too, though a shard does not follow when it changes.
    (world.results / "flowers" / "pixels" / "32x32x3" / "train.h5").unlink()
    next((world.folder / target).with_suffix("").glob("*.h5")).unlink()
    (world.folder / target).unlink()
    assert computed()[0] <= 1


def test_a_clone_whose_path_has_braces_gets_one_line(tiny, tmp_path):
    world = fresh(tiny, tmp_path / "a {clone} of mine")
    assert "the workflow's path has braces" in refusal(world.snakemake("--dry-run"))
