"""Print a table for docs: how long the backbone takes over State Farm, by shard size and number of workers.

python scripts/tools/plan.py --rate 98 --start 20 --shard 1024 4096 --workers 1 8 64
"""

import argparse
import heapq
import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from headstart.features import shards  # noqa: E402

# State Farm at the lecture's scale: the train images, five augmented copies of them, and the test images.
FILES = [22_424] * 6 + [79_726]
ROW = 21_000  # bytes of an image's features at block5_pool: 19 to 22 KB of photographs (docs/performance.md)
RATES = {"thread": 5.4, "GPU": 98.0}  # images per second: a thread here (docs/results.md), the lecture's GPU of 2016
# Seconds until a job sees its first image: 10 to start (measured), 10 for the cluster to take it up (ours: 3).
START = 20


def makespan(seconds, workers):
    """Return the time when the last job ends, in seconds, if each free worker takes the next job at once."""
    free = [0] * workers
    for job in seconds:
        heapq.heapreplace(free, free[0] + job)
    return max(free)


def jobs(files, size):
    """Return the number of images of each job, for ``files`` of so many images, in shards of at most ``size``.

    The ids are made up; the ids of real images give other shards of the same kind.
    """
    places = {count: list(shards.cut([f"img_{number}.jpg" for number in range(count)], size)) for count in set(files)}
    return [place.stop - place.start for count in files for place in places[count]]


def table(files, sizes, workers, rate, start):
    """Return a data frame with one row per shard size: the jobs' number and sizes, and the hours on ``workers``."""
    rows = []
    for size in sizes:
        images = jobs(files, size)
        seconds = [start + count / rate for count in images]
        row = {"shard": size, "jobs": len(images), "images a job": f"{min(images)} to {max(images)}"}
        row |= {"largest file, GB": f"{max(images) * ROW / 1e9:.2f}", "all, GB": f"{sum(images) * ROW / 1e9:.1f}"}
        rows.append(row | {f"{count} at once, h": f"{makespan(seconds, count) / 3600:.2f}" for count in workers})
    return pd.DataFrame(rows)


def markdown(frame):
    """Return a data frame as a Markdown table in the form of docs/cluster.md."""
    rows = [frame.columns, ["--:"] * len(frame.columns), *frame.astype(str).values]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def main(arguments=None):
    """Print the table."""
    parser = argparse.ArgumentParser(
        description="Print how long the backbone takes for State Farm, by shard size and number of workers."
    )
    parser.add_argument("--rate", type=float, default=RATES["GPU"], help="images per second and worker")
    parser.add_argument("--start", type=float, default=START, help="seconds until a job sees its first image")
    parser.add_argument(
        "--shard", type=int, nargs="+", default=[1024, 4096, 16384, 131072], help="maximum number of images in a shard"
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 64], help="number of jobs that run at once")
    parser.add_argument("--images", type=int, nargs="+", default=FILES, help="number of images in each feature file")
    given = parser.parse_args(arguments)
    print(markdown(table(given.images, given.shard, given.workers, given.rate, given.start)), end="")


if __name__ == "__main__":
    main()
