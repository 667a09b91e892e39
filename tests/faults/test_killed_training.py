"""Training that is killed."""

import time

import psutil
import pytest
from running import kill, stages

MEMBERS = {
    "digits": ("mnist", "cnn-dropout"),
    "head": ("dogs-vs-cats", "head-folds"),
    "fine-tuning": ("state-farm", "augmented"),
}


def killed_after(world, epoch, target, log):
    """Train a member, and SIGKILL the stage when its log tells of an epoch."""
    with world.start("--", target) as run:
        while not log.is_file() or f"'epoch': {epoch}," not in log.read_text(encoding="utf-8"):
            assert run.poll() is None, (world.folder / "printed.txt").read_text()[-3000:]
            time.sleep(0.002)
        for _, stage in stages(psutil.Process(run.pid)):
            kill(stage)
    return run.returncode


@pytest.mark.parametrize("kind", list(MEMBERS))
def test_a_member_is_killed_between_epochs(copied, kind):
    """The next run goes on after the last complete epoch, and ends with the same bits."""
    dataset, recipe = MEMBERS[kind]
    world = copied.configured(**{f"recipes/{recipe}/schedule/epochs": 12})
    folder = f"results/{dataset}/models/{recipe}/member-1"
    target, log = f"{folder}/model.keras", world.results / "logs" / "train" / dataset / recipe / "member-1.log"
    run = world.snakemake("--", target)  # never disturbed
    assert run.returncode == 0, run.stdout[-3000:]
    expected = world.digests()
    (world.folder / target).unlink()
    log.unlink()
    assert killed_after(world, 3, target, log) == 1
    assert not (world.folder / target).exists()
    assert [path.name for path in (world.folder / folder).iterdir() if path.name[0] != "."] == []
    run = world.snakemake("--", target)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "Training continues after epoch" in log.read_text(encoding="utf-8")
    assert "'epoch': 2," not in log.read_text(encoding="utf-8")  # it is not trained a second time
    assert world.digests() == expected
