"""Time heads on more and more images, and take their memory: seconds an image, megabytes, and what follows.

``python benchmarks/heads.py`` draws features as VGG16 gives them, 7 × 7 × 512 with one number in seven that is not 0,
and runs each kind of work on them in a process of its own.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from headstart.core import runtime  # noqa: E402
from headstart.formats import hdf5  # noqa: E402

SHAPE, CLASSES, BATCH = (7, 7, 512), 10, 256
LECTURE = {"solved": 6 * 22_424 * 5 // 6}  # images of features-augmented, on all of State Farm; others need no more
PLAIN = {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0}
KINDS = ("trained in memory", "trained from the disk", "solved", "neighbours")


def draw(path, count):
    """Write drawn features of ``count`` images, which have no meaning."""
    rng, ids = np.random.default_rng(0), [str(number) for number in range(count)]
    values = (
        np.where(rng.random((BATCH, *SHAPE), np.float32) < 1 / 7, rng.standard_gamma(1, (BATCH, *SHAPE), np.float32), 0)
        for _ in range(0, count, BATCH)
    )
    parts = (part[: count - number * BATCH] for number, part in enumerate(values))
    hdf5.write_rows(path, ids, SHAPE, "float32", parts, {}, terminal=None, title="", compress=True)


def work(kind, path):
    """Do one kind of work and return its seconds, its seconds of CPU and the most megabytes that it held."""
    runtime.prepare(threads=1, seed=1)
    rows = hdf5.Rows(path, hdf5.read_ids(path))
    clocks = _neighbours(rows) if kind == "neighbours" else _head(kind, rows)
    (wall, cpu), (ended, used) = clocks
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"wall": ended - wall, "cpu": used - cpu, "megabytes": peak}


def _clock():
    return time.perf_counter(), time.process_time()


def _neighbours(rows):
    from headstart.evaluation.postprocess import nearest

    start = _clock()
    nearest(rows, 20, "cosine", threads=1)
    return start, _clock()


def _head(kind, rows):
    """Take 30 steps of the solver, or the second of two epochs: TensorFlow traces its functions in the first."""
    from headstart.training import examples, logistic, loop, networks

    labels = np.random.default_rng(1).integers(0, CLASSES, len(rows)).astype(np.int32)
    some = examples.Examples(list(rows.ids), examples.Stored(rows), labels)
    if kind == "solved":
        model = networks.classifier(SHAPE, CLASSES, **PLAIN, feature_norm="sqrt_l2", l2=1e-6)
        start = _clock()
        logistic.solve(model, some, None, 30)
        return start, _clock()
    examples.IN_MEMORY = 0 if kind == "trained from the disk" else 2**40
    schedule = {"epochs": 2, "batch_size": 32, "learning_rate": 3e-4, "warmup_epochs": 1, "decay": "cosine"}
    schedule |= {"weight_decay": 0.01, "unaugmented_epochs": 0, "piecewise": None, "solver": None}
    ends = []
    loop.evaluate = lambda *_: ends.append(_clock()) or (None, None)  # called after every epoch
    model = networks.classifier(SHAPE, CLASSES, **PLAIN | {"dense": [128], "batch_norm": True, "dropout": [0.5, 0.5]})
    loop.fit(model, examples.held(some), None, schedule=schedule, seed=1)
    return ends


def main():
    """Print a Markdown table of all kinds and sizes."""
    parser = argparse.ArgumentParser(description="Time heads on more and more images, and take their memory.")
    parser.add_argument("--images", type=int, nargs="+", default=[1000, 2000, 4000, 8000])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)  # kind and file, in the process of one kind
    given = parser.parse_args()
    if given.work:
        print(json.dumps(work(*given.work)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in given.images:
            draw(path := Path(folder, "features.h5"), count)
            bytes_each = path.stat().st_size / count
            for _ in range(given.repeats):
                for kind in KINDS:
                    command = [sys.executable, __file__, "--work", kind, path]
                    run = subprocess.run(command, capture_output=True, text=True, check=True)
                    found.setdefault((kind, count), []).append(json.loads(run.stdout.splitlines()[-1]))
    print(f"One thread, medians of {given.repeats}; {bytes_each / 1000:.1f} KB an image on the disk\n")
    print("| work | images | s | ms of CPU an image | MB |\n|---|--:|--:|--:|--:|")
    for kind in KINDS:
        peaks = []
        for count in given.images:
            some = found[kind, count]
            wall, cpu, peak = (statistics.median(each[name] for each in some) for name in ("wall", "cpu", "megabytes"))
            print(f"| {kind} | {count:,} | {wall:.1f} | {1000 * cpu / count:.2f} | {peak:,.0f} |")
            peaks.append(peak)
        if kind in LECTURE and len(peaks) > 1:
            slope, base = np.polyfit(given.images, peaks, 1)
            print(f"| {kind}, the line through these | {LECTURE[kind]:,} | | | {base + slope * LECTURE[kind]:,.0f} |")


if __name__ == "__main__":
    main()
