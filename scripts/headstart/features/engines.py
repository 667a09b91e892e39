"""Run the frozen backbone: with TensorFlow, or on a CPU with ncnn, which needs less than half of the time.

ncnn computes 3 × 3 convolutions by Winograd's minimal filtering, with a quarter of the multiplications (Lavin & Gray,
arXiv:1509.09308). TensorFlow's kernels for CPUs do not. docs/performance.md has the figures.
"""

import importlib.util
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from headstart.core.errors import InputError
from headstart.features import backbone

SAMPLE = 8  # images that both engines compute before the first one counts
TOLERANCE = 1e-4  # of the largest activation
# ncnn's own reductions of precision, each of which would change the numbers.
REDUCED = ("bf16_packed", "bf16_storage", "fp16_arithmetic", "fp16_packed", "fp16_storage")
REDUCED += ("int8_arithmetic", "int8_inference", "int8_packed", "int8_storage")


@dataclass(frozen=True)
class Engine:
    """The frozen backbone, ready to run.

    ``predict`` takes RGB images, N × size × size × 3, 0 to 255, and returns float32, N × ``shape``. ``name`` is the
    engine's name and version.
    """

    name: str
    shape: tuple
    predict: Callable


def load(path, size, feature_layer, *, engine, threads, sample):
    """Return an `Engine` that runs VGG16, with the weights of the file ``path``, as far as ``feature_layer``.

    ``engine`` is tensorflow, ncnn or auto. auto takes ncnn for float32 on a CPU, for layers that ncnn can run (see
    `description`), and TensorFlow otherwise. ncnn must agree with TensorFlow on the images ``sample``, N × size × size
    × 3; callers take `SAMPLE` of their own. Otherwise auto falls back to TensorFlow, and ncnn raises `InputError`.
    """
    model = backbone.below(path, size, feature_layer)
    tensorflow = Engine(f"tensorflow {tf.__version__}", model.output_shape[1:], model.predict_on_batch)
    network = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    if engine == "tensorflow" or engine == "auto" and not _suits(network):
        return tensorflow
    ncnn = _ncnn(network, threads)
    error = difference(ncnn, tensorflow, np.asarray(sample, np.float32))
    if error <= TOLERANCE:
        return ncnn
    words = f"{ncnn.name} differs from {tensorflow.name} by {error:.1e} of the largest activation"
    if engine == "ncnn":
        raise InputError(f"backbone.engine: {words} (limit {TOLERANCE:.0e}). Set it to tensorflow.")
    print(f"{words} (limit {TOLERANCE:.0e}), so TensorFlow runs the backbone")
    return tensorflow


def difference(engine, reference, images):
    """Return the largest difference of two engines' activations, as a share of the reference's largest activation."""
    expected = reference.predict(images)
    return float(
        np.abs(engine.predict(images) - expected).max() / max(np.abs(expected).max(), np.finfo(np.float32).tiny)
    )


def description(network):
    """Return a Keras network for ncnn: the text of its layers, and the bytes of its weights.

    The formats are ncnn's param and bin files. The network must be a chain of convolutions, linear or with ReLU, and of
    poolings by the maximum. Raises `ValueError` for any other layer.
    """
    lines, arrays, blob = ["Input images 0 1 images"], [], "images"
    for layer in network.layers[1:]:
        kind, settings = _layer(layer)
        words = " ".join(f"{key}={value}" for key, value in settings.items())
        lines.append(f"{kind} {layer.name} 1 1 {blob} {layer.name} {words}")
        blob = layer.name
        if layer.weights:
            kernel, bias = layer.get_weights()
            # A zero before each kernel says that it is float32.
            arrays += [bytes(4), kernel.transpose(3, 2, 0, 1).astype("<f4").tobytes(), bias.astype("<f4").tobytes()]
    return "\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines, ""]), b"".join(arrays)


def _layer(layer):
    """Return ncnn's kind and settings, by number, of a Keras layer; `ValueError` where it has none."""
    if isinstance(layer, keras.layers.Conv2D):
        return "Convolution", _convolution(layer)
    if isinstance(layer, keras.layers.MaxPooling2D) and layer.padding == "valid":
        height, width = layer.pool_size
        # 0: by the maximum; 5: no incomplete window counts.
        return "Pooling", {0: 0, 1: width, 11: height, 2: layer.strides[1], 12: layer.strides[0], 5: 1}
    raise ValueError(f"layer {layer.name}: {type(layer).__name__} has no counterpart in ncnn")


def _convolution(layer):
    activations = {keras.activations.linear: 0, keras.activations.relu: 1}
    height, width = layer.kernel_size
    odd = height % 2 and width % 2
    plain = layer.strides == (1, 1) and layer.dilation_rate == (1, 1) and layer.groups == 1 and layer.use_bias
    if not plain or layer.activation not in activations or not (odd or layer.padding == "valid"):
        raise ValueError(f"layer {layer.name}: has no counterpart in ncnn")
    margin = (height // 2, width // 2) if layer.padding == "same" else (0, 0)
    return {
        0: layer.filters,
        1: width,
        11: height,
        4: margin[1],
        14: margin[0],
        5: 1,
        6: int(np.prod(layer.kernel.shape)),
        9: activations[layer.activation],
    }


def _suits(network):
    """Return whether ncnn is installed and can run a Keras network as it is, on this machine."""
    if not importlib.util.find_spec("ncnn") or tf.config.get_visible_devices("GPU"):
        return False
    if network.compute_dtype != "float32":
        return False
    try:
        list(map(_layer, network.layers[1:]))  # the first is the input
    except ValueError:
        return False
    return True


def _ncnn(network, threads):
    """Return the `Engine` that runs a Keras network with ncnn, an image on each of ``threads`` threads.

    Each image runs on one thread, so that the number of threads changes no bit.
    """
    try:
        import ncnn
    except ImportError as error:
        raise InputError(f"backbone.engine: ncnn cannot be imported ({error}). Install it, or set auto.") from error
    try:
        text, weights = description(network)
    except ValueError as error:
        raise InputError(f"backbone.engine: ncnn cannot run this network ({error}). Set it to auto.") from error
    net = ncnn.Net()
    net.opt.num_threads = 1
    for option in REDUCED:
        setattr(net.opt, f"use_{option}", False)
    with tempfile.TemporaryDirectory() as folder:  # ncnn reads weights from files only
        Path(folder, "param").write_text(text)
        Path(folder, "bin").write_bytes(weights)
        if net.load_param(f"{folder}/param") or net.load_model(f"{folder}/bin"):
            raise RuntimeError("ncnn refused the network that was written for it")
    last = network.layers[-1].name

    def activations(image):
        extractor = net.create_extractor()
        planes = np.ascontiguousarray(image.transpose(2, 0, 1))  # ncnn borrows its memory: it must outlive the run
        extractor.input("images", ncnn.Mat(planes))
        failed, out = extractor.extract(last)
        if failed:
            raise RuntimeError(f"ncnn ended with code {failed} (memory?)")
        return np.array(out).transpose(1, 2, 0)

    def predict(images):
        prepared = keras.applications.vgg16.preprocess_input(np.array(images, np.float32))
        with ThreadPoolExecutor(threads) as pool:
            return np.stack(list(pool.map(activations, prepared)))

    return Engine(f"ncnn {ncnn.__version__}", network.output_shape[1:], predict)
