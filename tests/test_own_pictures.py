"""A folder of a user's own pictures as a dataset."""

import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import World
from PIL import Image
from running import errors, jobs


@pytest.fixture
def pictures(tiny, tmp_path):
    """A folder of pictures in class folders, with a CSV of who is in them; and a config for them."""
    rng, rows = np.random.default_rng(0), []
    for number in range(40):
        label = ["daisy", "tulip"][number % 2]
        path = tmp_path / "my pictures" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 60, (40, 50, 3)) + [[[150, 0, 0], [0, 0, 150]][number % 2]]
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        rows.append({"path": f"{label}/{number}.png", "kind": label, "garden": f"g{number // 2 % 5}"})
    pd.DataFrame(rows).to_csv(tmp_path / "my pictures" / "list.csv", index=False)
    shutil.copytree(tiny.folder / "mirror", tmp_path / "mirror")

    def world(**entry):
        config = yaml.safe_load(tiny.config.read_text())
        entry = {"folder": "my pictures", "classes": ["daisy", "tulip"], "recipes": ["head"], **entry}
        config["datasets"]["flowers"] = entry
        config["only"] = "flowers"
        (tmp_path / "flowers.yaml").write_text(yaml.safe_dump(config))
        return World(tmp_path, tmp_path / "flowers.yaml")

    return world


def test_a_folder_of_your_own_goes_all_the_way_to_the_table(pictures):
    world = pictures()
    run = world.snakemake()
    assert run.returncode == 0, run.stdout[-3000:]
    row = pd.read_csv(world.folder / "results" / "summary.csv").iloc[0]
    assert (row["dataset"], row["recipe"], row["images"]) == ("flowers", "head", 8)
    manifest = pd.read_csv(world.folder / "results" / "flowers" / "manifest.csv", dtype=str)
    assert manifest["id"].iloc[0] == "daisy/0.png"
    assert manifest["label"].value_counts().to_dict() == {"daisy": 20, "tulip": 20}
    assert "Nothing to be done" in world.snakemake().stdout
    (world.folder / "my pictures" / "daisy" / "0.png").rename(world.folder / "my pictures" / "tulip" / "0.png")
    assert jobs(world.snakemake("--dry-run").stdout)["manifest"] == 1


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
        ({"folder": "nowhere"}, "datasets.flowers.folder: got 'nowhere', expected a folder that is there"),
        ({"files": ["a.zip"]}, "datasets.flowers: expected either files or a folder, got both"),
        ({"rendered": {"scene": "pets", "train": 10, "test": 1}}, "expected none beside a folder; set it to null"),
        ({"folder": None}, "datasets.flowers: expected either files or a folder, got neither"),
        ({"table": {"file": "who.csv", "id": "path"}}, "table.file: got 'who.csv', expected a file in the folder my"),
    ],
)
def test_a_folder_that_cannot_work_gets_one_line(pictures, entry, said):
    run = pictures(**entry).snakemake("--dry-run")
    assert run.returncode == 1
    assert [said in line for line in errors(run.stdout)] == [True]
