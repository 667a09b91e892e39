# What all rules need. The package on the path, a config that can work, and what is worked out from it.
import atexit
import os
import re
import sys
import time
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from snakemake.io import sourcecache_entry
from snakemake.iocontainers import Wildcards
from snakemake.logging import logger
from snakemake.settings.types import SharedFSUsage
from snakemake.utils import Paramspace

ROOT = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from headstart import datasets, digests, provenance, recipes, shards
from headstart import sources as project
from headstart.config import as_written, check
from headstart.cuts import DENSE
from headstart.errors import InputError
from headstart.files import escaped
from headstart.fingerprints import Fingerprints, Late
from headstart.identity import ahead, identity as identity_of, state
from headstart.summary import text as summary_text
from headstart.sweeps import name as variant, points


def fail(line):
    """End the run with one line."""
    logger.error(f"error: {line}")
    sys.exit(1)


try:
    if re.search("[{}]", str(ROOT)):
        raise InputError(f"{ROOT}: got braces in the path of the workflow, which Snakemake fills in; rename the folder")
    as_written(config, workflow.config_settings.config_args)
    check(config, ROOT / "workflow" / "schemas" / "config.schema.yaml")
    # Of what is an input and not made here; a folder of pictures is none.
    ahead((ROOT / "scripts").rglob("*.py"))
    ahead(Path("resources", origin, file) for origin, files in config["downloads"].items() for file in files)
except InputError as error:
    fail(error)

STARTED = time.time()
DATASETS, RECIPES, TRUNK = config["datasets"], recipes.each(config["recipes"]), config["trunk"]
ONLY = config["only"] or DATASETS
PAIRS = [(name, key) for name, entry in DATASETS.items() if name in ONLY for key in entry["recipes"]]
WANTED = [(name, key) for name, key in PAIRS if not RECIPES[key]["skip"]]
SHOWN = {name: recipes.shown(DATASETS[name], RECIPES) for name, _ in WANTED}
SAMPLED = SimpleNamespace(dataset="mnist" if "mnist" in SHOWN else next(iter(SHOWN), None))
SPACES = {
    name: Paramspace(pd.DataFrame(points(entry["vary"]), dtype=object), filename_params="*")
    for name, entry in config["sweeps"].items()
    if entry["dataset"] in ONLY
}
TRUNK_PIXELS = f"results/{{dataset}}/pixels/{TRUNK['size']}x{TRUNK['size']}x3/{{part}}.h5"
MEMBER = "results/{dataset}/models/{recipe}/member-{member}"
AVERAGED = "results/{dataset}/ensembles/{recipe}"


wildcard_constraints:
    dataset="|".join(DATASETS),
    recipe="|".join(map(re.escape, RECIPES)),
    sweep="|".join(SPACES) or "(?!)",
    member=r"\d+",
    part="train|test",
    cut="[a-z0-9_]+",
    number=r"\d+",
    shard="[0-9a-f]{16}",
    file="[^/]+",


def sources(stage):
    """Inputs: a stage and the project files that it imports, so that an edit in one of them reruns it.

    Marked as code: where results are kept in a bucket, it is not among them. As local() it would keep its job here.
    """
    return list(map(project_file, project.sources(stage)))


def project_file(path):
    """Input: a file of the project's own, by its path there."""
    path = os.path.relpath(ROOT / path)
    return sourcecache_entry(path, path)


def contents(wildcards, **job):
    """Param: what a job is made from: what its inputs hold, code among them, and the versions of what computes.

    All is compared whatever the times say. Under its own name ``input`` would make it a param that Snakemake does not
    compare.
    """
    return contents_but()(wildcards, **job)


def contents_but(*names):
    """Param: the same, without the inputs of some names."""

    def found(wildcards, **job):
        inputs = {name: paths for name, paths in job["input"].items() if name not in names}
        if workflow.storage_settings.default_storage_provider is not None:
            inputs = {"code": inputs["code"]}  # the rest is in a bucket, whose own marks Snakemake compares
        return Late(lambda: fingerprints().each(inputs) | versions(tuple(inputs["code"])))

    return found


@cache
def versions(code):
    """Return the versions of the packages that compute in some files; nothing where stages have packages of their own.

    An environment of conda or a container has a digest that Snakemake compares; of a pod's image nothing is known here.
    """
    shared = SharedFSUsage.SOFTWARE_DEPLOYMENT in workflow.storage_settings.shared_fs_usage
    if workflow.deployment_settings.deployment_method or not shared:
        return {}
    return provenance.versions(project.packages(code))


@cache
def fingerprints():
    """Return what is known of files, once the options of the command line are."""
    known = Fingerprints(Path(".snakemake/fingerprints.json").absolute(), workflow.dag_settings.max_checksum_file_size)
    if workflow.is_main_process:
        atexit.register(known.save)
    return known


def dataset(key):
    """Param: what the config says of a dataset under ``key``."""
    return lambda wildcards: DATASETS[wildcards.dataset][key]


def growing(amount):
    """Resource: as much, at each further attempt as much again; a cluster ends what needs more than it asked for."""
    return lambda wildcards, attempt: amount * attempt


def recipe(wildcards):
    """Param: what a recipe says of training one member."""
    return {key: RECIPES[wildcards.recipe][key] for key in recipes.TRAINING}


def of_kind(*kinds):
    """Wildcard constraint: the recipes of some kinds."""
    return "|".join(re.escape(name) for name, entry in RECIPES.items() if entry["kind"] in kinds) or "(?!)"


def reports():
    """What a run is for: the table, all training curves, and submissions where there is a form and a test part."""
    found = ["results/summary.csv", "results/report/index.html", *(f"results/sweeps/{name}.png" for name in SPACES)]
    for name, key in WANTED:
        if RECIPES[key]["schedule"]:
            found.append(f"results/{name}/curves/{key}.png")
        if DATASETS[name]["submission"] and "test" in datasets.parts(DATASETS[name]):
            found.append(f"results/{name}/submissions/{key}.csv")
    return found


def audits():
    """Inputs: the audits of the datasets of which both recipes run."""
    pairs = {name: (entry["audit"] or {}).values() for name, entry in DATASETS.items()}
    return [
        f"results/{name}/audit.json"
        for name, keys in pairs.items()
        if keys and all((name, key) in WANTED for key in keys)
    ]


def lecture():
    """Param: ``[dataset, recipe, what the lecture has]`` for each recipe of which it has a figure."""
    figures = [(name, key, DATASETS[name]["lecture"].get(RECIPES[key]["entry"])) for name, key in PAIRS]
    return [[name, key, dict(sorted(figure.items()))] for name, key, figure in figures if figure]


def note(wildcards):
    """Param: what a reader of a figure must know about its data."""
    return datasets.note(DATASETS[wildcards.dataset])


onsuccess:
    if os.path.exists("results/summary.csv") and os.path.getmtime("results/summary.csv") >= STARTED:
        print(summary_text("results/summary.csv"))
