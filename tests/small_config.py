"""The smallest config that can work, and what is said when it is changed."""

from pathlib import Path

import pytest
import yaml

from headstart.config import check
from headstart.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
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
    images: {train: ['(?P<label>cat|dog)/(?P<id>\d+)\.jpg']}
    classes: [cat, dog]
    recipes: [head, tuned]
    submission: {id: id}
recipes:
  head: {kind: head, members: 2, schedules: {fast: {epochs: 1, batch: 2, learning_rate: 0.1}}}
  tuned: {kind: fine-tune, start: head, schedules: {fast: {epochs: 1, batch: 2, learning_rate: 0.1}}}
"""
LECTURE = {"batch": 2, "steps": [[1, 0.001], [4, 0.1]]}


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
    config = small(**{"recipes/head/schedules/fast": values})
    check(config, SCHEMA)
    return config["recipes"]["head"]["schedules"]["fast"]


def complaint(**changes):
    """The text of the `InputError` for a changed config."""
    with pytest.raises(InputError) as caught:
        check(small(**changes), SCHEMA)
    return str(caught.value)
