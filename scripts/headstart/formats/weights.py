"""Read VGG16's ImageNet weights as arrays, from the file that Keras publishes or from an ONNX model.

Source: Simonyan & Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv:1409.1556. The
weights are the authors', CC BY 4.0.
"""

import hashlib

import h5py
import numpy as np

from headstart.config.backbones import DENSE, END
from headstart.core.errors import InputError
from headstart.core.files import raise_refusal
from headstart.formats import digests, hdf5

CONVOLUTIONS = [f"block{block}_conv{i}" for block, depth in enumerate((2, 2, 3, 3, 3), 1) for i in range(1, depth + 1)]


def read_layer(path, layer):
    """Return the arrays of one layer, kernel then bias, float32, of a Keras weights file (.h5).

    Convolution kernels are height × width × in × out, dense kernels in × out. Raises `InputError` if the file or the
    layer cannot be read.
    """
    try:
        return _layer(path, layer)
    except InputError as error:
        raise InputError(f"{path}: {error}. Fetch it again.") from error


def _layer(path, layer):
    try:
        with h5py.File(path) as file:
            group = file[layer]
            return [np.asarray(group[name], dtype="<f4", order="C") for name in group.attrs["weight_names"]]
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise_refusal(error, path)
        raise InputError(f"cannot read layer {layer} of VGG16 from this Keras weights file ({error})") from error


def digest(path, feature_layer=END):
    """Return the SHA-256 over the arrays of all 13 convolutions, in layer order, kernel then bias, little endian.

    With a dense ``feature_layer``, the digest also covers the arrays of the dense layers up to that one. Raises
    `InputError`, without the path, if a layer cannot be read.
    """
    total = hashlib.sha256()
    dense = DENSE[: DENSE.index(feature_layer) + 1] if feature_layer in DENSE else ()
    for layer in [*CONVOLUTIONS, *dense]:
        for array in _layer(path, layer):
            total.update(array.tobytes())
    return total.hexdigest()


def verify(path, known):
    """Raise `InputError` unless the file matches the config's digests; ``known`` comes from `digests.expected`."""
    digests.verify(path, known, lambda path, name: digest(path))


def write(path, layers):
    """Write ``{layer: [kernel, bias]}`` in the layout of Keras's published weights files."""
    with hdf5.writing(path) as file:
        file.attrs["layer_names"] = np.array(list(layers), dtype="S")
        for layer, (kernel, bias) in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = np.array([f"{layer}/kernel:0", f"{layer}/bias:0"], dtype="S")
            group[f"{layer}/kernel:0"] = kernel
            group[f"{layer}/bias:0"] = bias


def from_onnx(model, path):
    """Write the 13 convolutions of an ONNX model (a file's path) to ``path`` as a Keras weights file.

    ONNX keeps kernels as out × in × height × width. Raises `InputError` if the file is not an ONNX model or has other
    than 13 convolutions.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(model).graph
    except DecodeError as error:
        raise InputError(f"{model}: not an ONNX model ({error})") from error
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    if len(nodes) != len(CONVOLUTIONS):
        raise InputError(f"{model}: not VGG16 (expected {len(CONVOLUTIONS)} convolutions, got {len(nodes)})")
    layers = {}
    for layer, node in zip(CONVOLUTIONS, nodes, strict=True):
        kernel, bias = (onnx.numpy_helper.to_array(constants[name]) for name in node.input[1:3])
        layers[layer] = [kernel.transpose(2, 3, 1, 0), bias]
    write(path, layers)
