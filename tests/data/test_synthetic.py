"""The stand-ins: the layout of Kaggle's files, and the same bytes again."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from headstart.core.errors import InputError
from headstart.data.synthetic.archives import write_archive

DRIVERS = {"seed": 5, "train": 60, "test": 12, "groups": 3, "test_groups": 2}
PETS = {"seed": 5, "train": 11, "test": 6}


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("scene", "file", "options"),
    [
        ("pets", "train.zip", PETS),
        ("pets", "test.zip", PETS),
        ("drivers", "imgs.zip", DRIVERS),
        ("drivers", "driver_imgs_list.csv", DRIVERS),
    ],
)
def test_a_file_is_the_same_bytes_again_and_others_under_another_seed(tmp_path, scene, file, options):
    for name, changed in (("one", {}), ("two", {}), ("other", {"seed": 6})):
        write_archive(tmp_path / name, scene, file, **{**options, **changed})
    one, two, other = ((tmp_path / name).read_bytes() for name in ("one", "two", "other"))
    assert one == two
    assert one != other


def test_pets_lie_as_kaggle_packs_them(tmp_path):
    for file in ("train.zip", "test.zip"):
        write_archive(tmp_path / file, "pets", file, **PETS)
    names = [*(f"train/cat.{n}.jpg" for n in range(6)), *(f"train/dog.{n}.jpg" for n in range(5))]
    assert list(members(tmp_path / "train.zip")) == names
    assert list(members(tmp_path / "test.zip")) == [f"test/{n}.jpg" for n in range(1, 7)]


def test_drivers_and_their_list_agree(tmp_path):
    for file in ("imgs.zip", "driver_imgs_list.csv"):
        write_archive(tmp_path / file, "drivers", file, **DRIVERS)
    rows = pd.read_csv(tmp_path / "driver_imgs_list.csv")
    assert list(rows.columns) == ["subject", "classname", "img"]
    names = set(members(tmp_path / "imgs.zip"))
    assert {f"train/{row.classname}/{row.img}" for row in rows.itertuples()} == {
        n for n in names if n.startswith("train/")
    }
    assert len(rows) == 60
    assert rows["subject"].nunique() == 3
    assert set(rows["classname"]) == {f"c{pose}" for pose in range(10)}
    assert sum(name.startswith("test/") for name in names) == 12


def test_frames_of_a_burst_are_nearly_the_same_and_drivers_are_not(tmp_path):
    for file in ("imgs.zip", "driver_imgs_list.csv"):
        write_archive(tmp_path / file, "drivers", file, **DRIVERS)
    rows = pd.read_csv(tmp_path / "driver_imgs_list.csv")
    pictures = members(tmp_path / "imgs.zip")

    def small(row):
        image = Image.open(io.BytesIO(pictures[f"train/{row.classname}/{row.img}"])).convert("RGB")
        return np.asarray(image.resize((32, 24)), float)

    safe = rows[rows["classname"] == "c0"]
    own = [[small(row) for row in group.itertuples()] for _, group in safe.groupby("subject")]
    within = max(np.abs(a - b).mean() for driver in own for a in driver for b in driver)
    between = min(np.abs(own[i][0] - own[j][0]).mean() for i in range(3) for j in range(i))
    assert within < between / 2


@pytest.mark.parametrize(("scene", "file"), [("birds", "train.zip"), ("pets", "imgs.zip"), ("drivers", "train.zip")])
def test_an_unknown_scene_or_file_is_refused(tmp_path, scene, file):
    with pytest.raises(InputError, match="Expected one of"):
        write_archive(tmp_path / "x", scene, file, **DRIVERS)
    assert not (tmp_path / "x").exists()


def test_a_random_split_is_far_too_optimistic_and_a_driver_split_is_not(tmp_path):
    options = {"seed": 2016, "train": 300, "test": 10, "groups": 10, "test_groups": 1}
    for file in ("imgs.zip", "driver_imgs_list.csv"):
        write_archive(tmp_path / file, "drivers", file, **options)
    rows = pd.read_csv(tmp_path / "driver_imgs_list.csv")
    pictures = members(tmp_path / "imgs.zip")
    thumbnails = [
        np.asarray(
            Image.open(io.BytesIO(pictures[f"train/{row.classname}/{row.img}"])).convert("L").resize((40, 30))
        ).ravel()
        for row in rows.itertuples()
    ]
    nearest = KNeighborsClassifier(1)
    by_chance = cross_val_score(
        nearest, thumbnails, rows["classname"], cv=StratifiedKFold(5, shuffle=True, random_state=0)
    )
    by_driver = cross_val_score(nearest, thumbnails, rows["classname"], groups=rows["subject"], cv=GroupKFold(5))
    assert by_chance.mean() > 0.9
    assert by_driver.mean() < 0.4
