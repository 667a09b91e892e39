"""New pictures, classified with what was trained."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from running import refusal

from headstart.formats import predictions


@pytest.fixture
def new_pictures(copied):
    """The images of a dataset's test part in a folder of their own, with a note and a damaged picture beside them."""
    folder = copied.folder / "new ones"
    folder.mkdir()
    for number, path in enumerate(sorted((copied.results / "dogs-vs-cats" / "images").rglob("test/*.jpg"))):
        (folder / f"{number}.jpg").write_bytes(path.read_bytes())
        (folder / f"{number}.txt").write_text(path.stem)
    (folder / "broken.jpg").write_bytes(b"no picture")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "grey.png")
    return folder


def test_pictures_get_the_probabilities_that_the_same_images_had(copied, new_pictures):
    run = copied.snakemake("--config", f"classify_images={new_pictures}", "classify_recipe=head-root", "--", "classify")
    assert run.returncode == 0, run.stdout[-3000:]
    table = pd.read_csv(copied.results / "classified" / "dogs-vs-cats-head-root.csv").set_index("file")
    assert list(table.columns) == ["status", "class", "probability", "p_cat", "p_dog"]
    assert table.loc["grey.png", "status"] == "ok"
    assert table.loc["broken.jpg", "status"] == "unreadable: not an image"
    assert table.loc["0.txt", "status"].startswith("not a picture")
    assert table.loc[["broken.jpg", "0.txt"], "class"].isna().all()
    known = predictions.read(copied.results / "dogs-vs-cats" / "ensembles" / "head-root" / "predictions.h5")[0]["test"]
    for number in range(len(known.ids)):
        row = known.ids.index((new_pictures / f"{number}.txt").read_text())
        found = table.loc[f"{number}.jpg", ["p_cat", "p_dog"]].astype(float)
        np.testing.assert_allclose(found, known.probabilities[row], atol=1e-5)
    page = (copied.results / "classified" / "dogs-vs-cats-head-root.html").read_text()
    assert page.count("<img ") == len(known.ids) + 1
    assert "broken.jpg: unreadable: not an image" in page


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            [],
            "classify_images: no folder to classify (got null). Run snakemake classify --config classify_images=FOLDER",
        ),
        (
            ["classify_images=nowhere", "classify_recipe=linear"],
            "classify_images: no such folder (got 'nowhere').",
        ),
        (
            ["classify_images=config"],
            "classify_recipe: not a recipe that a dataset trains (got None). Expected one of augmented, ",
        ),
        (
            ["classify_images=config", "classify_recipe=neighbours"],
            "classify_recipe: not a recipe that a dataset trains (got 'neighbours').",
        ),
        (
            ["classify_images=config", "classify_recipe=head"],
            "(got 'head' in dogs-vs-cats and state-farm). Choose one, such as only=dogs-vs-cats.",
        ),
        (["classify_recipe=linear"], "classify_recipe: classify_images is missing (got only 'linear')."),
    ],
)
def test_what_cannot_be_classified_gets_one_line(tiny, settings, said):
    run = tiny.snakemake(*(["--config", *settings] if settings else []), "--", "classify")
    assert said in refusal(run)
