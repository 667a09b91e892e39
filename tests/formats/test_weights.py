"""VGG16's weights: one digest for Keras's file and an ONNX model."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from headstart.core.errors import InputError
from headstart.download import packing
from headstart.formats import weights


def layers():
    """Small kernels and biases for the 13 convolutions, all different, height × width × in × out."""
    rng = np.random.default_rng(0)
    return {
        name: [rng.normal(size=(3, 3, 2, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32)]
        for name in weights.CONVOLUTIONS
    }


def write_onnx(path, arrays, shuffled=False):
    """Write an ONNX model that is a chain of convolutions with these kernels and biases."""
    nodes, tensors = [], []
    for number, (kernel, bias) in enumerate(arrays):
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), f"kernel{number}"))
        tensors.append(numpy_helper.from_array(bias, f"bias{number}"))
        nodes.append(helper.make_node("Conv", [f"x{number}", f"kernel{number}", f"bias{number}"], [f"y{number}"]))
        nodes.append(helper.make_node("Relu", [f"y{number}"], [f"x{number + 1}"]))
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, None)] for name in ("x0", f"x{len(arrays)}")]
    graph = helper.make_graph(nodes, "vgg16", *ends, initializer=tensors[::-1] if shuffled else tensors)
    onnx.save(helper.make_model(graph), path)


def test_there_are_thirteen_convolutions():
    assert len(weights.CONVOLUTIONS) == 13
    assert weights.CONVOLUTIONS[0] == "block1_conv1"
    assert weights.CONVOLUTIONS[-1] == "block5_conv3"


def test_what_is_written_can_be_read(tmp_path):
    expected = layers()
    weights.write(tmp_path / "w.h5", expected)
    for name, (kernel, bias) in expected.items():
        found = weights.read_layer(tmp_path / "w.h5", name)
        np.testing.assert_array_equal(found[0], kernel)
        np.testing.assert_array_equal(found[1], bias)
        assert {array.dtype for array in found} == {np.dtype("float32")}


def test_the_digest_is_over_the_arrays_in_layer_order(tmp_path):
    expected = layers()
    weights.write(tmp_path / "w.h5", dict(reversed(expected.items())))
    arrays = b"".join(array.astype("<f4").tobytes() for name in weights.CONVOLUTIONS for array in expected[name])
    assert weights.digest(tmp_path / "w.h5") == hashlib.sha256(arrays).hexdigest()


def test_the_digest_changes_with_one_number(tmp_path):
    changed = layers()
    changed["block3_conv2"][1][0] += 1
    weights.write(tmp_path / "a.h5", layers())
    weights.write(tmp_path / "b.h5", changed)
    assert weights.digest(tmp_path / "a.h5") != weights.digest(tmp_path / "b.h5")


def test_dense_layers_do_not_change_the_digest(tmp_path):
    dense = {"fc1": [np.ones((8, 3), np.float32), np.ones(3, np.float32)]}
    weights.write(tmp_path / "a.h5", layers())
    weights.write(tmp_path / "b.h5", layers() | dense)
    assert weights.digest(tmp_path / "a.h5") == weights.digest(tmp_path / "b.h5")


@pytest.mark.parametrize("shuffled", [False, True])
def test_an_onnx_model_and_kerass_file_with_the_same_numbers_have_the_same_digest(tmp_path, shuffled):
    weights.write(tmp_path / "keras.h5", layers())
    write_onnx(tmp_path / "vgg16.onnx", layers().values(), shuffled)
    packing.pack(tmp_path / "vgg16.onnx", tmp_path / "onnx.h5", "vgg16.h5")
    assert packing.digest(tmp_path / "onnx.h5", "a.h5") == packing.digest(tmp_path / "keras.h5", "a.h5")


@pytest.mark.parametrize("count", [12, 14])
def test_a_model_with_other_than_13_convolutions_is_refused(tmp_path, count):
    arrays = [*layers().values(), layers()["block1_conv1"]][:count]
    write_onnx(tmp_path / "other.onnx", arrays)
    with pytest.raises(InputError, match=f"expected 13 convolutions, got {count}"):
        weights.from_onnx(tmp_path / "other.onnx", tmp_path / "w.h5")
    assert not (tmp_path / "w.h5").exists()


def test_a_file_that_is_no_onnx_model_is_bad_input(tmp_path):
    (tmp_path / "page.onnx").write_text("<html>not found</html>")
    with pytest.raises(InputError):
        weights.from_onnx(tmp_path / "page.onnx", tmp_path / "w.h5")


def test_a_missing_layer_is_bad_input_that_names_it(tmp_path):
    weights.write(tmp_path / "w.h5", layers())
    with pytest.raises(InputError, match="cannot read layer fc1"):
        weights.read_layer(tmp_path / "w.h5", "fc1")


def test_a_truncated_file_is_bad_input_in_one_line(tmp_path):
    weights.write(tmp_path / "w.h5", layers())
    whole = Path(tmp_path / "w.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError) as caught:
        weights.digest(tmp_path / "half.h5")
    assert "\n" not in str(caught.value)
