"""How large the graph is at the lecture's scale, with the shards of all images."""

import subprocess
import sys

import pytest
from running import ROOT, jobs, started
from small_config import shipped

from headstart.features import shards

IMAGES = {"mnist": (60_000, 10_000), "dogs-vs-cats": (25_000, 12_500), "state-farm": (22_424, 79_726)}
MEGABYTES = 300
# Between pytest and Snakemake: what starts a program lends it its own peak of memory.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss >> 10, used.ru_utime + used.ru_stime, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def unpacked(tmp_path):
    """A folder in which all is as it were when the images of the lecture are decoded, but for their content."""

    def touched(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    known = shipped()["downloads"]
    for origin, files in known.items():
        for name in files:
            touched(tmp_path / "resources" / origin / name)
    for name, counts in IMAGES.items():
        folder = tmp_path / "results" / name
        (folder / "images").mkdir(parents=True)
        for table in ("manifest", "split"):
            touched(folder / f"{table}.csv")
        for part, count in zip(("train", "test"), counts, strict=True):
            touched(folder / "pixels" / "224x224x3" / f"{part}.h5")
            places = shards.cut([f"img_{number}.jpg" for number in range(count)], 4096)
            rows = [f"{place.start:016x},{place.start},{place.stop - place.start}\n" for place in places]
            touched(folder / "shards" / f"{part}.csv")
            touched(folder / "shards" / f"{part}.csv.provenance.json")
            (folder / "shards" / f"{part}.csv").write_text("".join(["shard,first,images\n", *rows]))
    return tmp_path


def test_a_dry_run_of_the_lecture_stays_small(unpacked):
    command, settings = started(unpacked, "--configfile", ROOT / "config" / "examples" / "lecture.yaml", "--dry-run")
    command = [sys.executable, "-c", MEASURED, *command]
    run = subprocess.run(command, **settings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    planned = jobs(run.stdout)
    assert planned["extract_features"] + planned["extract_augmented_features"] > 70
    assert sum(planned.values()) > 350
    megabytes, seconds = run.stderr.split()[-2:]
    print(f"{sum(planned.values())} jobs, {float(seconds):.1f} s of a core, {megabytes} MB")
    assert int(megabytes) < MEGABYTES
