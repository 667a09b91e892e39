"""What the report says, and how it is worked out."""

import base64
import io
import json
from xml.etree import ElementTree

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import correlate

from headstart.core import durations
from headstart.core.errors import InputError
from headstart.formats.predictions import Part
from headstart.report import advice, figures, gallery, layers, leaderboard, lecture, page, svg
from headstart.training import models

CLASSES = ["cat", "dog"]


def part(dog, labels):
    """Predictions of two classes, by the probability of dog."""
    dog = np.array(dog, float)
    return Part([f"i{number}" for number in range(len(dog))], np.stack([1 - dog, dog], axis=1), np.array(labels))


def test_the_gallery_is_the_lectures():
    found = part([0.9, 0.6, 0.2, 0.45, 0.99, 0.3], [1, 1, 0, 1, 0, 1])
    kinds = gallery.choose(found, CLASSES, np.random.default_rng(0))
    assert kinds["right, at random"].tolist() == [0, 1, 2]
    assert kinds["wrong, at random"].tolist() == [3, 4, 5]
    assert kinds["right, and most certain"].tolist() == [2, 0, 1]  # cats, then dogs, the surest first
    assert kinds["wrong, and most certain"].tolist() == [5, 3, 4]
    assert kinds["most uncertain"].tolist()[:2] == [3, 1]
    assert gallery.told(found, CLASSES, [4]) == [
        {"id": "i4", "label": "cat", "predicted": "dog", "probability": 0.99, "label_probability": 0.01}
    ]


@pytest.mark.parametrize(
    ("shape", "kind", "size"), [((28, 28, 1), "PNG", (28, 28)), ((224, 200, 3), "JPEG", (100, 112))]
)
def test_a_thumbnail_holds_its_picture(shape, kind, size):
    source = gallery.thumbnail(np.full(shape, 90, np.uint8))
    image = Image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2])))
    assert (image.format, image.size) == (kind, size)
    assert np.abs(np.asarray(image).astype(int) - 90).max() <= 1


def test_the_lectures_steps_come_in_its_order_without_those_taken():
    recipe = {
        "network": {"dropout": [0.5], "l1": 0, "l2": 0, "batch_norm": True},
        "surgery": {"dropout": None, "batch_norm": False},
        "augmentation": None,
    }
    said = advice.following("Overfitting: …", recipe)
    assert "more data, augmentation, a smaller architecture. The recipe has already taken: an architecture that" in said
    assert "larger network" in advice.following("Underfitting: …", recipe)
    assert advice.following("Neither …", recipe) == ""


def test_parameters_are_those_of_the_model(tmp_path):
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dropout(0.5), keras.layers.Dense(3), keras.layers.BatchNormalization()]
    )
    models.save(model, tmp_path / "model.keras")
    assert leaderboard.parameters(tmp_path / "model.keras") == model.count_params() == 5 * 3 + 3 + 4 * 3
    (tmp_path / "model.keras").write_bytes(b"PK")
    with pytest.raises(InputError, match="not a valid .keras file"):
        leaderboard.parameters(tmp_path / "model.keras")


def test_the_calibration_error_of_a_small_case_is_that_worked_out_by_hand():
    # One bin of four images: mean confidence .85, three of four right; one of one: .95, right.
    found = part([0.81, 0.83, 0.87, 0.89, 0.95], [1, 1, 1, 0, 1])
    assert figures.calibration_error(found) == pytest.approx((4 * 0.10 + 1 * 0.05) / 5)


def test_a_figure_is_the_same_again_and_has_the_colour_of_text():
    frame = pd.DataFrame(
        {"member": 1, "epoch": [1, 2], "learning_rate": 0.1, "accuracy": [0.5, 0.9], "validation_accuracy": [0.5, 0.7]}
    )
    once, again = (figures.learning_curves({"head": frame, "cnn": frame}) for _ in range(2))
    assert once == again
    assert "currentColor" in once and svg.INK not in once
    assert "prefers-color-scheme:dark" in once


MARKUP = ["$\\oops$", "_a$b$", "<b>&amp;"]


def texts(picture):
    """All that is written in an SVG."""
    return ["".join(element.itertext()) for element in ElementTree.fromstring(picture).iter() if "text" in element.tag]


def test_text_from_data_is_written_as_it_is():
    counts = pd.DataFrame({"train": [1, 2, 3]}, index=pd.Index(MARKUP, name="group"))
    frame = pd.DataFrame({"member": 1, "epoch": [1], "learning_rate": 1, "accuracy": 1, "validation_accuracy": 1})
    for picture in (
        figures.confusion(np.eye(3, dtype=int), MARKUP, MARKUP[0]),
        figures.split(counts),
        figures.learning_curves(dict.fromkeys(MARKUP, frame)),
        lecture.softmaxed(np.zeros(3), MARKUP),
    ):
        assert set(MARKUP) <= set(texts(picture))


def test_a_logarithmic_axis_has_plain_numbers():
    written = texts(lecture.line(*lecture.descent(np.random.default_rng(0))))
    assert {"0.1", "10"} <= set(written)
    assert not any("$" in text for text in written)


def test_the_bars_of_a_split_count_groups_or_else_classes():
    images = pd.DataFrame(
        {"part": ["train", "validation", "train", "test"], "group": ["a", "b", "a", ""], "label": ["x", "y", "y", ""]}
    )
    counts = figures.split_counts(images)
    assert counts.index.name == "group"
    assert counts.loc["a"].tolist() == [2, 0, 0]
    assert counts.loc["no group"].tolist() == [0, 0, 1]
    assert figures.split_counts(images.assign(group="")).loc["y"].tolist() == [1, 1, 0]


def test_of_many_classes_those_most_often_mistaken_are_drawn_and_the_title_says_so():
    matrix, names = np.eye(4200, dtype=int), [f"s{number}" for number in range(4200)]
    matrix[[7, 9], [4100, 4100]] = 5, 3
    drawn, classes, title = figures.worst(matrix, names, "head")
    assert {"s7", "s9", "s4100"} < set(classes)
    assert len(classes) == len(drawn) == figures.MOST
    assert drawn[classes.index("s7"), classes.index("s4100")] == 5
    assert title == "head: the 40 of 4,200 classes with the most mistakes"
    assert title in figures.confusion(drawn, classes, title)
    assert figures.worst(matrix[:9, :9], names[:9], "head")[1:] == (names[:9], "head")


def test_of_many_groups_the_largest_are_drawn_and_the_title_says_so():
    counts = pd.DataFrame({"train": range(4200)}, index=pd.Index([f"s{n}" for n in range(4200)], name="label"))
    found = figures.split(counts)
    assert "the 40 largest of 4,200" in found
    assert "s4199" in found
    assert "s4000" not in found


def test_of_many_classes_the_gallery_shows_some():
    rng = np.random.default_rng(0)
    found = Part(list(map(str, range(600))), rng.dirichlet(np.ones(300), 600), np.arange(600) % 300)
    kinds = gallery.choose(found, [f"s{number}" for number in range(300)], rng)
    assert max(map(len, kinds.values())) == gallery.MOST
    wrong = np.flatnonzero(found.probabilities.argmax(axis=1) != found.labels)
    assert found.probabilities[kinds["wrong, and most certain"][0]].max() == found.probabilities[wrong].max()


def test_a_convolution_is_a_matrix_product():
    rng = np.random.default_rng(0)
    kernel, image = rng.normal(size=(3, 3)), rng.normal(size=(6, 8))
    matrix = lecture.as_matrix(kernel, 6, 8)
    assert matrix.shape == (4 * 6, 6 * 8)
    np.testing.assert_allclose(matrix @ image.ravel(), correlate(image, kernel)[1:-1, 1:-1].ravel(), atol=1e-12)


def test_pooling_takes_the_largest_of_each_square():
    values = np.arange(36).reshape(6, 6)
    np.testing.assert_array_equal(lecture.pool(values, 3), [[14, 17], [32, 35]])


def test_descent_finds_the_line():
    _, _, truth, history = lecture.descent(np.random.default_rng(0))
    assert history["loss"].iloc[-1] < 1e-3 * history["loss"].iloc[0]
    assert history[["a", "b"]].iloc[-1].tolist() == pytest.approx(truth, abs=0.2)


def test_the_layer_table_counts_weights_and_multiplications():
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", name="conv")(inputs)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    x = keras.layers.Dense(10, name="dense")(keras.layers.Flatten(name="flatten")(x))
    table = lecture.layer_table(keras.Model(inputs, x)).set_index("layer")
    assert table.index.tolist() == ["conv", "pool", "dense"]
    assert table.loc["conv", ["parameters", "activations", "multiplications"]].tolist() == [112, 256, 27 * 256]
    assert table.loc["dense", "multiplications"] == 4 * 4 * 4 * 10
    assert table.loc["pool", "output"] == "4 × 4 × 4"


def test_grad_cam_shows_where_the_class_is():
    """A network that finds class 1 by bright pixels: the map is bright where the picture is."""
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(1, 1, name="conv", kernel_initializer="ones")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax", name="out")(x))
    model.get_layer("out").set_weights([np.array([[-1.0, 1.0]]), np.zeros(2)])
    image = np.zeros((1, 6, 6, 1), np.float32)
    image[0, 1, 4] = 1
    found = layers.grad_cam(model, image, [1])
    assert found.shape == (1, 6, 6)
    assert np.unravel_index(found[0].argmax(), (6, 6)) == (1, 4)
    assert found[0, 1, 4] == 1 and found[0].sum() == 1
    assert layers.grad_cam(model, image, [0]).max() == 0  # nothing speaks for the other


def test_gradient_ascent_makes_what_excites_a_filter():
    inputs = keras.Input((16, 16, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(2, 1, name="conv")(inputs))
    model.get_layer("conv").set_weights([np.array([[[[1.0, -1.0]]]]), np.zeros(2)])
    bright, dark = layers.ascend(model, "conv", [0, 1], np.random.default_rng(0), (16, 16, 1), lambda images: images)
    assert bright.min() == 255
    assert dark.max() == 0


def test_a_page_is_compared_without_seconds(tmp_path):
    for name, seconds in (("one", 3), ("other", 400)):
        (tmp_path / name).write_text(
            f'<td>.98</td><td class="run" data-value="{seconds}">{durations.said(seconds)}</td>'
        )
    assert page.lasting(tmp_path / "one") == page.lasting(tmp_path / "other")
    assert b".98" in page.lasting(tmp_path / "one")
    assert durations.said(400) == "7 min"


def test_names_of_files_cannot_become_markup(tmp_path):
    (tmp_path / "page.html").write_text("<p>{{ name }}</p>")
    page.write(tmp_path / "out.html", tmp_path / "page.html", name="<script>alert(1)</script>")
    assert "<script>" not in (tmp_path / "out.html").read_text()


def test_settings_are_told_without_those_that_a_recipe_does_not_have():
    recipe = {"entry": "head", "kind": "head", "hold_out": False, "init_from": None, "members": 1}
    assert json.loads(leaderboard.settings(recipe)) == {"kind": "head", "hold_out": False, "members": 1}
