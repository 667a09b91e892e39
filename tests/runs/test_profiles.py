"""Profiles: one that is named takes the place of the default."""

import pytest
import yaml
from running import ROOT


def profile(folder):
    return yaml.safe_load((ROOT / folder / "config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["local", "slurm"])
def test_a_profile_says_what_the_default_says(name):
    default = profile("profiles/default")
    assert default.items() <= {key: profile(f"workflow/profiles/{name}").get(key) for key in default}.items()
