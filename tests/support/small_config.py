"""The smallest config that can work, and what is said when it is changed."""

import re

import pytest
import yaml
from running import ROOT
from snakemake.utils import update_config

from headstart.config.check import check
from headstart.core.errors import InputError

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
MISSING = object()
SMALL = r"""
seed: 1
downloads:
  vgg16:
    vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5: {sources: [{url: "https://example.org/notop.h5"}]}
    vgg16_weights_tf_dim_ordering_tf_kernels.h5: {sources: [{url: "https://example.org/top.h5"}]}
  pets:
    pets.zip: {sources: [{url: "https://example.org/pets.zip"}]}
datasets:
  pets:
    files: [pets.zip]
    path_patterns: {train: ['(?P<label>cat|dog)/(?P<id>\d+)\.jpg']}
    classes: [cat, dog]
    recipes: [head, tuned]
    submission: {id: id}
recipes:
  head: {kind: head, members: 2, schedule: {epochs: 1, batch_size: 2, learning_rate: 0.1}}
  tuned: {kind: fine-tune, init_from: head, schedule: {epochs: 1, batch_size: 2, learning_rate: 0.1}}
"""
LECTURE = {"batch_size": 2, "piecewise": [[1, 0.001], [4, 0.1]]}


def files():
    """Return the paths of the config's files, relative to the project, in the order in which Snakemake merges them."""
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    return re.findall(r'(?m)^configfile: f"\{workflow.current_basedir\}/(.+)"$', text)


def shipped(*overlays):
    """Return the default config as it is written, with overlays (paths relative to the project) merged into it."""
    config = {}
    for name in (*files(), *overlays):
        update_config(config, yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))
    return config


def changed(config, changes):
    """Change a config in place: ``{"recipes/head/members": 0}``, or `MISSING` to take a key out; return it."""
    for path, value in changes.items():
        *places, key = path.split("/")
        entry = config
        for place in places:
            entry = entry.setdefault(place, {})
        if value is MISSING:
            del entry[key]
        else:
            entry[key] = value
    return config


def small(**changes):
    """The smallest config that can work, `changed`."""
    return changed(yaml.safe_load(SMALL), changes)


def schedule(**values):
    """A schedule as training stages get it: ``values``, and the schema's defaults for the rest."""
    config = small(**{"recipes/head/schedule": values})
    check(config, SCHEMA)
    return config["recipes"]["head"]["schedule"]


def complaint(**changes):
    """The text of the `InputError` for a changed config."""
    with pytest.raises(InputError) as caught:
        check(small(**changes), SCHEMA)
    return str(caught.value)
