"""A run on a cluster ends with the bits of a run without, whatever happens to its jobs."""

import shutil
import signal
import time

import pytest
import world
from cluster import PROFILE, QUICK, stage, until

METRICS = "results/dogs-vs-cats/metrics/head.json"
GROUP = "numbers_average_members_evaluate_write_submission"


@pytest.fixture
def untrained(local, tmp_path):
    """The tiny world where all is done but training and what follows from it."""
    folder = tmp_path / "untrained wörld"
    shutil.copytree(local.folder, folder)
    for name in ("models", "ensembles", "metrics", "submissions"):
        shutil.rmtree(folder / "results" / "dogs-vs-cats" / name)
    return world.World(folder, folder / local.config.name)


@pytest.fixture
def start(untrained, cluster):
    """A function that starts a run of `untrained` on the cluster."""
    started = []

    def run(*arguments):
        targets = (METRICS, METRICS.replace("metrics", "submissions").replace("json", "csv"))
        profile = (*PROFILE, *QUICK, *arguments, "--", *targets)
        started.append(untrained.start(*profile, **cluster.environment))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # it cancels its jobs, which at SIGTERM it would wait for
            process.wait(600)


def assert_same(run, place, local):
    """The run ends well, with the bits of the one without Slurm; that it asked for more is no cause to run again."""
    code, printed = run.wait(1800), (place.folder / "printed.txt").read_text(encoding="utf-8")
    assert code == 0, printed[-5000:]
    assert place.digests() == local.digests()
    assert "Nothing to be done" in place.snakemake("--dry-run", "--", METRICS).stdout
    return printed


def test_a_whole_run(local, tmp_path, cluster):
    """Every stage as a job, the short ones in groups, with two nodes of a GPU each."""
    place = world.fresh(local, tmp_path / "on the clüster")
    shutil.copyfile(local.config, place.config)
    rules = ("extract_features", "train_head", "tables_split_write_manifest", GROUP)
    before = {rule: len(cluster.jobs(rule, "COMPLETED")) for rule in rules}
    run = place.snakemake(*PROFILE, *QUICK, **cluster.environment)
    assert run.returncode == 0, run.stdout[-5000:]
    assert place.digests() == local.digests()
    assert "Nothing to be done" in place.snakemake("--dry-run").stdout
    shards = list((place.results / "dogs-vs-cats" / "features").glob("*/*/*.h5"))
    assert len(shards) > 2
    ran = [len(cluster.jobs(rule, "COMPLETED")) - before[rule] for rule in rules]
    assert ran == [len(shards), 2, 1, 1]


def test_a_job_is_cancelled(start, untrained, local, cluster):
    """It is submitted again."""
    run = start()
    until(lambda: stage(untrained, "train_head"), run=run)
    cancelled = cluster.jobs("train_head", "RUNNING")[-1]
    cluster.call("scancel", cancelled)
    printed = assert_same(run, untrained, local)
    assert f"SLURM-job '{cancelled}' failed, SLURM status is: 'CANCELLED'" in printed


def test_a_job_asks_for_too_little_memory(start, untrained, local):
    """It is ended for its memory, and the next attempt asks for more."""
    run = start("--set-resources", "train_head:mem_mb=300 if attempt == 1 else 3000")
    printed = assert_same(run, untrained, local)
    assert printed.count("Trying to restart job") == 2
    logs = [path.read_text() for path in untrained.folder.glob(".snakemake/slurm_logs/rule_train_head/*/*.log")]
    assert ["Exceeded job memory limit" in log for log in logs] == [True, True]  # those of what ends well are not kept


def test_a_job_takes_longer_than_it_may(start, untrained, local):
    """A job that hangs is ended after its time, and the next attempt has more."""
    run = start("--set-resources", "train_head:runtime=3 if attempt == 1 else 20")
    until(lambda: stage(untrained, "train_head"), seconds=170, run=run).suspend()
    printed = assert_same(run, untrained, local)
    assert "SLURM status is: 'TIMEOUT'" in printed


def test_the_nodes_are_drained_for_a_while(start, untrained, local, cluster):
    """Jobs wait, and run when the nodes are back."""
    cluster.call("scontrol", "update", "NodeName=ALL", "State=DRAIN", "Reason=test")
    try:
        run = start()
        until(lambda: len(cluster.jobs("train_head", "PENDING")) == 2, run=run)
        time.sleep(5)
        assert len(cluster.jobs("train_head", "PENDING")) == 2
    finally:
        cluster.call("scontrol", "update", "NodeName=ALL", "State=RESUME")
    assert_same(run, untrained, local)


def test_the_controller_is_killed(start, untrained, local, cluster):
    """It is started again within the nine seconds that Slurm's commands wait for it; the jobs had gone on."""
    run = start()
    until(lambda: len(cluster.jobs("train_head", "RUNNING")) == 2 and stage(untrained, "train_head"), run=run)
    cluster.end("slurmctld", kill=True)
    time.sleep(3)
    cluster.start_controller()
    printed = assert_same(run, untrained, local)
    assert "Trying to restart job" not in printed
