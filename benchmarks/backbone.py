"""Time VGG16 to its features, in several ways side by side: images per second, medians and ratios.

``python benchmarks/backbone.py WEIGHTS FOLDER`` takes the file of VGG16's weights and a folder of pictures. Each way
runs in a process of its own, one after another, so that a busy machine slows all of them.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from headstart.core import runtime  # noqa: E402
from headstart.core.listing import listing  # noqa: E402
from headstart.data import images  # noqa: E402
from headstart.formats import hdf5  # noqa: E402

SIZE, BATCH, LAYER = 224, 32, "block5_pool"
SHAPE = (SIZE, SIZE, 3)
WAYS = {  # engine, precision, and what is timed
    "TensorFlow on images in memory": ("tensorflow", "float32", "memory"),
    "ncnn on images in memory": ("ncnn", "float32", "memory"),
    "TensorFlow in bfloat16 on images in memory": ("tensorflow", "bfloat16", "memory"),
    "JPEG to HDF5 on disk with ncnn": ("ncnn", "float32", "disk"),
    "the lecture's way": ("tensorflow", "float32", "lecture"),
}


def time_way(way, weights, folder, threads, count):
    """Return seconds, seconds of CPU and images of one way; loading the network is not timed."""
    engine, precision, kind = WAYS[way]
    runtime.prepare(threads=threads, precision=precision)
    from headstart.features import engines

    names = listing(folder).paths[:count]
    read = partial(images.read, folder, shape=SHAPE)
    sample = np.stack(list(map(read, names[: engines.SAMPLE])))
    # The lecture keeps 14 × 14 × 512 numbers of an image.
    layer = "block5_conv3" if kind == "lecture" else LAYER
    backbone = engines.load(weights, SIZE, layer, engine=engine, threads=threads, sample=sample)
    backbone.predict(np.zeros((BATCH, *SHAPE), np.float32))  # TensorFlow traces the function at its first call
    decoded = np.stack(list(map(read, names))).astype(np.float32) if kind == "memory" else None
    wall, cpu = time.perf_counter(), time.process_time()
    if kind == "memory":
        for start in range(0, len(names), BATCH):
            backbone.predict(decoded[start : start + BATCH])
    else:
        with tempfile.TemporaryDirectory() as place:
            {"disk": _to_disk, "lecture": _lecture}[kind](backbone, read, names, threads, Path(place))
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "images": len(names)}


def _to_disk(backbone, read, names, threads, place):
    """Decode and extract as the stages do: pixels to one HDF5 file, features to another."""
    options = {"terminal": None, "title": ""}
    with ThreadPoolExecutor(threads) as pool:
        pixels = (np.stack(list(pool.map(read, names[i : i + BATCH]))) for i in range(0, len(names), BATCH))
        hdf5.write_rows(place / "pixels.h5", names, SHAPE, np.uint8, pixels, {}, **options)
    features = map(backbone.predict, hdf5.read_batches(place / "pixels.h5", BATCH, 0, len(names)))
    hdf5.write_rows(place / "features.h5", names, backbone.shape, "float32", features, {}, **options, compress=True)


def _lecture(backbone, read, names, threads, place):
    """Feed predict from a generator that decodes, a batch at a time, and save all at the end."""
    found = []
    for start in range(0, len(names), BATCH):
        found.append(backbone.predict(np.stack([read(name) for name in names[start : start + BATCH]])))
    np.save(place / "features.npy", np.concatenate(found))


def main():
    """Print a Markdown table of all ways."""
    parser = argparse.ArgumentParser(description="Time VGG16 to its features, in several ways side by side.")
    parser.add_argument("weights")
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--way", help=argparse.SUPPRESS)  # in the process of one way
    given = parser.parse_args()
    if given.way:
        print(json.dumps(time_way(given.way, given.weights, given.folder, given.threads, given.images)))
        return
    rates = {way: [] for way in WAYS}
    for _ in range(given.repeats):
        for way in WAYS:
            run = subprocess.run([sys.executable, *sys.argv, "--way", way], capture_output=True, text=True, check=True)
            found = json.loads(run.stdout.splitlines()[-1])
            rates[way].append((found["images"] / found["wall"], found["images"] / found["cpu"]))
    first = None
    print(f"{given.threads} threads, {given.images} images, medians of {given.repeats}\n")
    print("| way | images/s | images/s of CPU | ratio, of CPU |\n|---|--:|--:|--:|")
    for way, pairs in rates.items():
        wall, cpu = (statistics.median(each) for each in zip(*pairs, strict=True))
        first = first or cpu
        print(f"| {way} | {wall:.1f} | {cpu:.2f} | {cpu / first:.2f} |")


if __name__ == "__main__":
    main()
