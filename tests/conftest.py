"""Worlds to run the workflow in; see `world.World`."""

import shutil

import pytest
import world
from hypothesis import Phase, settings

settings.register_profile("repeatable", derandomize=True, deadline=None)  # a failure is the same on every machine
# For tests/support/mutants.py: that a test fails is enough, a smaller example of it is not looked for.
settings.register_profile("mutants", settings.get_profile("repeatable"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A `World` for the whole session. Its name has what paths may have: a space and a letter beyond ASCII."""
    return world.make(tmp_path_factory.mktemp("tiny wörld"))


@pytest.fixture(scope="session")
def done(tiny):
    """The tiny world after a whole run, and what that printed."""
    run = tiny.snakemake()
    assert run.returncode == 0, run.stdout[-5000:]
    return tiny, run.stdout


@pytest.fixture
def fresh(tiny, tmp_path):
    """The tiny world where nothing has been run, for this test alone; its mirror and its code may be spoilt."""
    return world.fresh(tiny, tmp_path / "fresh wörld")


@pytest.fixture
def copied(done, tmp_path):
    """The tiny world after a whole run, copied for this test alone: what is in it may be spoilt."""
    folder = tmp_path / "cöpy of it"
    shutil.copytree(done[0].folder, folder)
    return world.World(folder, folder / done[0].config.name)


@pytest.fixture
def pictures(fresh):
    """Forty pictures of flowers in class folders, with a CSV of their gardens; gives the world to run them in.

    ``pictures(**entry)``: the dataset's entry in the config, changed.
    """
    world.draw_flowers(fresh.folder / world.FLOWERS["folder"])

    def configured(**entry):
        return fresh.configured(**{"datasets/flowers": {**world.FLOWERS, **entry}, "only": "flowers"})

    return configured
