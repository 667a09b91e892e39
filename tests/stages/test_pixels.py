"""Images of one part decoded to one shape: the stage's own work."""

import io

import decode_images
import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart.core.errors import InputError
from headstart.data import images


@pytest.fixture
def decoded(tmp_path):
    """A function that decodes pictures, ``{name: picture}``; gives their pixels, and what the terminal was told."""

    def decode(pictures, background="white", spoilt=None):
        for name, picture in pictures.items():
            picture.save(tmp_path / name)
        rows = [{"id": name, "path": name, "part": "train", "status": "ok"} for name in pictures]
        for row in rows:
            row["digest"] = images.digest(tmp_path, row["path"])
        if spoilt:
            Image.new("L", (4, 4)).save(tmp_path / spoilt)
        pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
        decode_images.main(
            manifest=tmp_path / "manifest.csv",
            root=tmp_path,
            target=tmp_path / "train.h5",
            part="train",
            shape=(4, 4, 1),
            background=background,
            threads=2,
            terminal=(terminal := io.StringIO()),
        )
        with h5py.File(tmp_path / "train.h5") as file:
            return file["values"][:], terminal.getvalue()

    return decode


def icon(number):
    """Black ink on a transparent ground, black below, another dot for each number."""
    values = np.zeros((8, 9, 4), np.uint8)
    values[number % 8, number // 8, 3] = 255
    return Image.fromarray(values)


def test_ink_on_a_transparent_ground_is_seen(decoded):
    values, said = decoded({f"{number}.png": icon(number) for number in range(3)})
    assert len(np.unique(values.reshape(3, -1), axis=0)) == 3
    assert "equal" not in said


def test_pictures_that_all_come_out_equal_are_told(decoded, capsys):
    values, said = decoded({f"{number}.png": icon(number) for number in range(70)}, background="black")
    assert (values == 0).all()
    assert "all 70 pictures are equal once decoded" in said
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("odd", [0, 66, 69])
def test_one_other_picture_is_enough_to_say_nothing(decoded, odd):
    pictures = {f"{number:02d}.png": Image.new("L", (4, 4), 9 * (number == odd)) for number in range(70)}
    assert "equal" not in decoded(pictures)[1]


def test_a_single_picture_is_equal_to_nothing(decoded):
    assert "equal" not in decoded({"1.png": icon(1)})[1]


def test_a_picture_that_is_not_the_one_in_the_manifest_is_not_decoded(decoded, tmp_path):
    pictures = {f"{number}.png": icon(number) for number in range(3)}
    with pytest.raises(InputError, match=r"/1\.png: the picture does not match its digest in the manifest\. Run again"):
        decoded(pictures, spoilt="1.png")
    assert not (tmp_path / "train.h5").exists()
