"""Stages and runs that are killed."""

import random
import shutil
import time

import psutil
import pytest
from running import alive, jobs, kill, stages

SECONDS = {
    "train_from_scratch": 6,
    "train_head": 6,
    "fine_tune": 8,
    "extract_features": 4,
    "extract_augmented_features": 4,
    "visualize_layers": 4,
    "lecture_figures": 3,
}
SHARDS = {"extract_features", "extract_augmented_features"}  # which jobs they have is known when there are pixels
SHORT = 0.4  # seconds within which any other stage is killed
LOCKED = "Directory cannot be locked"


@pytest.fixture(scope="module")
def expected(done):
    """The digests of a run without a fault."""
    return done[0].digests()


def assert_whole(world, expected):
    """Every file that is there under its final name is what it is in a run without a fault."""
    made = world.digests()
    assert {path: digest for path, digest in made.items() if expected.get(path) != digest} == {}


def kill_one(world, rules, chance, *arguments):
    """Run until a stage of one of the rules is there, and SIGKILL it at a random moment.

    Returns the rule, or None where none came or it was over before.
    """
    run, hit = world.start(*arguments), None
    while run.poll() is None and hit is None:
        for rule, stage in stages(psutil.Process(run.pid)):
            if rule in rules:
                time.sleep(chance.uniform(0, SECONDS.get(rule, SHORT)))
                if alive(stage):
                    kill(stage)
                    hit = rule
                break
        time.sleep(0.01)
    return hit if run.wait() == 1 else None


def target(path):
    """The output of a rule that a path below results belongs to."""
    folder, images, _ = path.partition("/images/")
    return f"results/{folder}/images" if images else f"results/{path}"


def test_a_stage_of_every_rule_is_killed_at_a_random_moment(fresh, expected):
    """After none of the kills is anything half under a final name; the last run ends with the same bits."""
    chance, arguments = random.Random(5), []
    left = set(jobs(fresh.snakemake("--dry-run").stdout)) - {"all"} | SHARDS
    assert len(left) == 30
    for _ in range(3 * len(left)):
        left -= {kill_one(fresh, left, chance, *arguments)}
        assert_whole(fresh, expected)
        if not left:
            break
        over = "Nothing to be done" in (fresh.folder / "printed.txt").read_text()
        arguments = ["--forcerun", *sorted(left)] if over else []  # those that were over before the kill, once more
    assert left == set()
    # What was killed on its second way and has all that follows from it is made where it is asked for.
    missing = {target(path) for path in expected.keys() - fresh.digests().keys()}
    run = fresh.snakemake("--", "all", *sorted(missing))
    assert run.returncode == 0, run.stdout[-3000:]
    assert fresh.digests() == expected


@pytest.mark.parametrize("whole", [True, False], ids=["with its stages", "alone"])
def test_snakemake_is_killed(copied, expected, whole):
    """The next run says that the folder is locked and how to unlock it; after that it ends with the same bits."""
    for name in ("models", "ensembles", "metrics", "curves"):
        shutil.rmtree(copied.results / "mnist" / name)
    run = copied.start()
    while not stages(psutil.Process(run.pid)):
        assert run.poll() is None
        time.sleep(0.01)
    time.sleep(random.Random(whole).uniform(0, 4))
    running = [stage for _, stage in stages(psutil.Process(run.pid))]
    if whole:
        kill(psutil.Process(run.pid))
    else:
        run.kill()  # what it had started goes on
    run.wait()
    assert_whole(copied, expected)
    refused = copied.snakemake()
    assert refused.returncode == 1
    assert LOCKED in refused.stdout
    assert "--unlock" in refused.stdout
    assert copied.snakemake("--unlock").returncode == 0
    again = copied.snakemake()
    assert again.returncode == 0, again.stdout[-3000:]
    psutil.wait_procs(running)
    assert copied.digests() == expected
