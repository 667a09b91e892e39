"""A config that cannot work.

The unit tests try every case of `wrong_configs`; here Snakemake runs, two seconds a case, with the first of each kind.
"""

import pytest
import world
import yaml
from running import refusal
from small_config import files, small
from wrong_configs import CIRCLES, CONTRADICTIONS, KEYS, NAMES, RANGES, TYPES

MOST = 7


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory):
    """A function that runs Snakemake dry on a config, alone, and returns it and the folder of results."""
    folder = tmp_path_factory.mktemp("config")
    world.copy_project(folder)
    for name in files():
        (folder / name).write_text("{}\n", encoding="utf-8")

    def run(config):
        (folder / "my.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        place = world.World(folder, folder / "my.yaml")
        return place.snakemake("--dry-run"), place.results

    run_of_the_right, _ = run(small())
    assert run_of_the_right.returncode == 0, run_of_the_right.stdout
    return run


def refused(dry_run, path, value, said):
    run, results = dry_run(small(**{path: value}))
    assert said in refusal(run)
    assert not results.exists()


@pytest.mark.parametrize(("path", "value", "said"), KEYS[:MOST])
def test_a_key_that_is_unknown_or_missing(dry_run, path, value, said):
    """One line names the key and those that are allowed; nothing is made."""
    refused(dry_run, path, value, said)


@pytest.mark.parametrize(("path", "value", "said"), TYPES[:MOST])
def test_a_value_of_the_wrong_type(dry_run, path, value, said):
    """One line names key, value and type; nothing is made."""
    refused(dry_run, path, value, said)


@pytest.mark.parametrize(("path", "value", "said"), RANGES[:MOST])
def test_a_value_out_of_its_range(dry_run, path, value, said):
    """One line names key, value and range; nothing is made."""
    refused(dry_run, path, value, said)


@pytest.mark.parametrize(("path", "value", "said"), NAMES[:MOST])
def test_a_name_of_nothing(dry_run, path, value, said):
    """One line names key, value and the names there are; nothing is made."""
    refused(dry_run, path, value, said)


@pytest.mark.parametrize(("path", "value", "said"), CIRCLES[:MOST])
def test_a_recipe_made_from_itself(dry_run, path, value, said):
    """One line names the circle; nothing is made."""
    refused(dry_run, path, value, said)


@pytest.mark.parametrize(("path", "value", "said"), CONTRADICTIONS[:MOST])
def test_two_settings_that_contradict_each_other(dry_run, path, value, said):
    """One line names key, value and what it needs; nothing is made."""
    refused(dry_run, path, value, said)
