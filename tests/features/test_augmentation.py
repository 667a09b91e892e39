"""Augmentation: known transforms, seeds and ranges."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.features import augmentation

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 9, 9, 3)).astype(np.float32)
ALL = {
    "rotation": 15,
    "width_shift": 0.1,
    "height_shift": 0.1,
    "shear": 0.1,
    "zoom": 0.1,
    "flip": True,
    "elastic": 0.05,
    "channel_shift": 20,
}
NONE = {key: 0 for key in ALL}
BOTH = pytest.mark.parametrize("changes", [ALL, {**ALL, "elastic": 0}])
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "rotation": st.floats(0, 180),
        "width_shift": st.floats(0, 1),
        "height_shift": st.floats(0, 1),
        "shear": st.floats(0, 1),
        "zoom": st.floats(0, 0.9),
        "flip": st.booleans(),
        "elastic": st.floats(0, 0.1),
        "channel_shift": st.floats(0, 255),
    },
)


class Drawn:
    """A generator that draws one end of every range: share 0 the lower, 1 the upper."""

    def __init__(self, share):
        self.share = share

    def uniform(self, low=0.0, high=1.0, size=None):
        return np.full(size, low + self.share * (high - low))


def at_one_end(share, **changes):
    """`IMAGES` with every change at one end of its range."""
    count, height, width, _ = IMAGES.shape
    matrix = augmentation.transforms(count, height, width, Drawn(share), **changes)
    return keras.ops.convert_to_numpy(
        keras.ops.image.affine_transform(IMAGES, matrix, interpolation="bilinear", fill_mode="nearest")
    )


def test_no_change_leaves_images_as_they_are_to_the_bit():
    np.testing.assert_array_equal(augmentation.augment(IMAGES, 1), IMAGES)
    np.testing.assert_array_equal(augmentation.augment(IMAGES, 1, **NONE), IMAGES)


@pytest.mark.parametrize(("share", "turns"), [(0, -1), (1, 1)])
def test_a_rotation_by_90_degrees_is_numpys(share, turns):
    found = at_one_end(share, rotation=90)
    np.testing.assert_allclose(found, np.rot90(IMAGES, turns, axes=(1, 2)), atol=0.01)


def test_the_two_ends_of_a_rotation_undo_each_other():
    np.testing.assert_allclose(
        np.rot90(at_one_end(0, rotation=90), 2, axes=(1, 2)), at_one_end(1, rotation=90), atol=0.01
    )


@pytest.mark.parametrize("key", ["width_shift", "height_shift"])
def test_a_shift_moves_the_picture_and_repeats_the_edge(key):
    rows = IMAGES if key == "height_shift" else IMAGES.transpose(0, 2, 1, 3)
    expected = np.concatenate([rows[:, 2:], rows[:, -1:], rows[:, -1:]], axis=1)
    found = at_one_end(1, **{key: 2 / 9})
    np.testing.assert_allclose(found if key == "height_shift" else found.transpose(0, 2, 1, 3), expected, atol=0.01)


def test_a_transform_is_the_product_of_what_was_drawn_for_it():
    """Shift · rotation · shear · zoom and flip, about the centre; drawn in the order in which the lines stand."""
    count, height, width = 20, 9, 6
    ranges = {"rotation": 30, "shear": 0.4, "zoom": 0.3, "width_shift": 0.2, "height_shift": 0.5}
    found = augmentation.transforms(count, height, width, np.random.default_rng(3), flip=True, **ranges)
    rng = np.random.default_rng(3)
    angle = np.deg2rad(rng.uniform(-30, 30, count))
    slant = rng.uniform(-0.4, 0.4, count)
    zoom = rng.uniform(0.7, 1.3, (2, count))
    shift = np.stack([rng.uniform(-0.2, 0.2, count) * width, rng.uniform(-0.5, 0.5, count) * height])
    zoom[0] *= np.where(rng.uniform(size=count) < 0.5, -1, 1)
    centre = np.array([2.5, 4])
    for number in range(count):
        (cos, sin), (lean, high) = (
            (np.cos(angle[number]), np.sin(angle[number])),
            (np.sin(slant[number]), np.cos(slant[number])),
        )
        linear = np.array([[cos, -sin], [sin, cos]]) @ [[1, -lean], [0, high]] @ np.diag(zoom[:, number])
        moved = centre + shift[:, number] - linear @ centre
        expected = [*linear[0], moved[0], *linear[1], moved[1], 0, 0]
        np.testing.assert_allclose(found[number], expected, atol=1e-6)
    assert found.dtype == np.float32


def test_a_copy_is_the_image_transformed_and_then_shifted():
    images = np.random.default_rng(0).integers(0, 256, (4, 9, 6, 3)).astype(np.uint8)
    changes = {"rotation": 30, "zoom": 0.3, "width_shift": 0.5}
    found = augmentation.augment(images, 7, channel_shift=90, **changes)
    rng = np.random.default_rng(7)
    matrix = augmentation.transforms(4, 9, 6, rng, **changes)
    moved = keras.ops.image.affine_transform(
        images.astype(np.float32), matrix, interpolation="bilinear", fill_mode="nearest"
    )
    np.testing.assert_array_equal(augmentation.augment(images, 7, **changes), moved)
    shifted = np.asarray(moved) + rng.uniform(-90, 90, (4, 1, 1, 3)).astype(np.float32)
    np.testing.assert_array_equal(found, np.clip(shifted, 0, 255))
    assert found.min() == 0 and found.max() == 255


def test_a_flip_is_numpys_left_to_right():
    np.testing.assert_allclose(at_one_end(0, flip=True), IMAGES[:, :, ::-1], atol=0.01)
    np.testing.assert_array_equal(at_one_end(1, flip=True), IMAGES)


def test_a_flip_comes_every_second_time():
    images = np.tile(IMAGES[:1], (400, 1, 1, 1))
    mirrored = np.abs(augmentation.augment(images, 5, flip=True) - images).max(axis=(1, 2, 3)) > 1
    assert 150 < mirrored.sum() < 250


def test_a_zoom_leaves_the_centre_where_it_is():
    for share in (0, 1):
        np.testing.assert_allclose(at_one_end(share, zoom=0.5)[:, 4, 4], IMAGES[:, 4, 4], atol=0.01)


def test_a_shear_moves_rows_in_opposite_directions_about_the_centre():
    line = np.zeros((1, 9, 9, 1), np.float32)
    line[:, :, 4] = 255
    matrix = augmentation.transforms(1, 9, 9, Drawn(1), shear=0.5)
    found = keras.ops.image.affine_transform(line, matrix, fill_mode="nearest")
    places = np.array(keras.ops.convert_to_numpy(found))[0, :, :, 0].argmax(axis=1)
    assert places[4] == 4
    assert (places[0] - 4) * (places[8] - 4) < 0


def test_a_channel_shift_is_one_number_for_each_channel_of_each_image():
    images = np.full((3, 4, 4, 3), 128, np.float32)
    found = augmentation.augment(images, 1, channel_shift=20)
    shifts = found[:, 0, 0] - 128
    np.testing.assert_array_equal(found, np.broadcast_to(found[:, :1, :1], found.shape))
    assert len(np.unique(shifts)) == 9
    assert np.abs(shifts).max() <= 20


@BOTH
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(changes):
    for seed in (1, [1, 2, 3]):
        np.testing.assert_array_equal(
            augmentation.augment(IMAGES, seed, **changes), augmentation.augment(IMAGES, seed, **changes)
        )
    assert (
        np.abs(augmentation.augment(IMAGES, [1, 2], **changes) - augmentation.augment(IMAGES, [1, 3], **changes)).max()
        > 1
    )


@BOTH
def test_the_images_of_a_batch_are_changed_differently(changes):
    found = augmentation.augment(np.tile(IMAGES[:1], (4, 1, 1, 1)), 1, **changes)
    assert all(np.abs(found[i] - found[j]).max() > 1 for i in range(4) for j in range(i))


@BOTH
def test_what_an_image_becomes_does_not_depend_on_the_pixels_of_others(changes):
    others = IMAGES.copy()
    others[1:] = 0
    np.testing.assert_array_equal(
        augmentation.augment(others, 1, **changes)[0], augmentation.augment(IMAGES, 1, **changes)[0]
    )


@BOTH
def test_the_images_given_are_not_changed(changes):
    before = IMAGES.copy()
    augmentation.augment(IMAGES, 1, **changes)
    np.testing.assert_array_equal(IMAGES, before)


@settings(deadline=None, max_examples=40)
@given(changes=SETTINGS, seed=st.integers(0, 2**31 - 1), channels=st.sampled_from([1, 3]))
def test_any_changes_keep_shape_type_and_range(changes, seed, channels):
    images = IMAGES[..., :channels].astype(np.uint8)
    found = augmentation.augment(images, seed, **changes)
    assert found.shape == images.shape
    assert found.dtype == np.float32
    assert found.min() >= -0.01
    assert found.max() <= 255.01


@settings(deadline=None, max_examples=40)
@given(zoom=st.floats(0, 0.9), rotation=st.floats(0, 180), seed=st.integers(0, 99))
def test_transforms_stay_within_their_ranges(zoom, rotation, seed):
    rng = np.random.default_rng(seed)
    matrix = augmentation.transforms(50, 8, 6, rng, zoom=zoom, rotation=rotation).astype(float)
    zoom_x = np.hypot(matrix[:, 0], matrix[:, 3])
    zoom_y = np.hypot(matrix[:, 1], matrix[:, 4])
    assert np.abs(np.concatenate([zoom_x, zoom_y]) - 1).max() <= zoom + 1e-5
    assert np.abs(np.degrees(np.arctan2(matrix[:, 3], matrix[:, 0]))).max() <= rotation + 1e-3
    centre = matrix[:, [0, 3]] * 2.5 + matrix[:, [1, 4]] * 3.5 + matrix[:, [2, 5]]
    np.testing.assert_allclose(centre, [[2.5, 3.5]] * 50, atol=1e-4)


def test_an_elastic_displacement_has_its_standard_deviation_and_is_smooth():
    moved = augmentation.displacements(500, 28, 14, np.random.default_rng(0), 0.1)
    assert moved.shape == (500, 2, 28, 14)
    spread = np.sqrt((moved**2).mean(axis=(0, 2, 3)))
    np.testing.assert_allclose(spread, [2.8, 1.4], rtol=0.03)  # shares of the height and of the width
    assert np.abs(moved.mean(axis=0)).max() < 0.5
    beside = np.sqrt((np.diff(moved, axis=2)[:, 0] ** 2).mean())
    assert beside < spread[0] / 4  # rows that are neighbours move together


def test_an_elastic_deformation_takes_each_pixel_from_where_it_is_displaced_to():
    rows, columns = np.indices((28, 14), dtype=np.float32)
    images = np.stack([rows, columns], axis=-1)[None]
    found = augmentation.augment(images, 3, elastic=0.05)
    rng = np.random.default_rng(3)
    augmentation.transforms(1, 28, 14, rng)  # drawn first
    moved = augmentation.displacements(1, 28, 14, rng, 0.05)[0]
    expected = np.stack([np.clip(rows + moved[0], 0, 27), np.clip(columns + moved[1], 0, 13)], axis=-1)
    np.testing.assert_allclose(found[0], expected, atol=1e-3)


def test_an_elastic_deformation_comes_on_top_of_the_same_changes():
    images = np.random.default_rng(0).integers(0, 256, (4, 20, 11, 3)).astype(np.uint8)
    plain = augmentation.augment(images, 1, **{**ALL, "elastic": 0})
    np.testing.assert_allclose(augmentation.augment(images, 1, **{**ALL, "elastic": 1e-9}), plain, atol=0.01)
    assert np.abs(augmentation.augment(images, 1, **ALL) - plain).max() > 5
