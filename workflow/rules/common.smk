# For all rules: a checked config, and the names and functions derived from it.
import atexit
import os
import re
import sys
import time
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from snakemake.io import sourcecache_entry
from snakemake.iocontainers import Wildcards
from snakemake.settings.types import SharedFSUsage
from snakemake.utils import Paramspace

from headstart.config import datasets, recipes
from headstart.config.backbones import DENSE
from headstart.config.check import as_written, check
from headstart.config.sweeps import name as variant, points
from headstart.core.errors import InputError
from headstart.core.listing import escaped
from headstart.download.identity import ahead, identity as identity_of, state
from headstart.features import shards
from headstart.formats import digests
from headstart.provenance import records
from headstart.provenance import stage_code as project
from headstart.provenance.fingerprints import Fingerprints, Late
from headstart.report.summary import text as summary_text


def fail(line):
    """End the run with one line."""
    logger.error(f"error: {line}")
    sys.exit(1)


try:
    if re.search("[{}]", str(ROOT)):
        raise InputError(f"{ROOT}: the workflow's path has braces, which Snakemake fills in. Rename the folder.")
    as_written(config, workflow.config_settings.config_args)
    check(config, ROOT / "workflow" / "schemas" / "config.schema.yaml")
    # Only inputs that come from elsewhere; a user's image folder is no input.
    ahead((ROOT / "scripts").rglob("*.py"))
    ahead(Path("resources", origin, file) for origin, files in config["downloads"].items() for file in files)
except InputError as error:
    fail(error)

STARTED = time.time()
DATASETS, RECIPES, BACKBONE = config["datasets"], recipes.each(config["recipes"]), config["backbone"]
ONLY = config["only"] or DATASETS
PAIRS = [(name, key) for name, entry in DATASETS.items() if name in ONLY for key in entry["recipes"]]
WANTED = [(name, key) for name, key in PAIRS if not RECIPES[key]["skip"]]
INSPECTED = {name: recipes.shown(DATASETS[name], RECIPES) for name, _ in WANTED}
SAMPLED = SimpleNamespace(dataset="mnist" if "mnist" in INSPECTED else next(iter(INSPECTED), None))
SPACES = {
    name: Paramspace(pd.DataFrame(points(entry["grid"]), dtype=object), filename_params="*")
    for name, entry in config["sweeps"].items()
    if entry["dataset"] in ONLY
}
BACKBONE_PIXELS = f"results/{{dataset}}/pixels/{BACKBONE['size']}x{BACKBONE['size']}x3/{{part}}.h5"
MEMBER = "results/{dataset}/models/{recipe}/member-{member}"
AVERAGED = "results/{dataset}/ensembles/{recipe}"


wildcard_constraints:
    dataset="|".join(DATASETS),
    recipe="|".join(map(re.escape, RECIPES)),
    sweep="|".join(SPACES) or "(?!)",
    member=r"\d+",
    part="train|test",
    feature_layer="[a-z0-9_]+",
    number=r"\d+",
    shard="[0-9a-f]{16}",
    file="[^/]+",


def sources(stage):
    """Return as inputs a stage and the project files that it imports, so that an edit to one reruns it.

    They are marked as code, so that Snakemake does not look for them in a bucket of results. Marked as local(), they
    would keep their jobs on this machine.
    """
    return list(map(project_file, project.sources(stage)))


def project_file(path):
    """Return as input one of the project's own files, by its path in the project."""
    path = os.path.relpath(ROOT / path)
    return sourcecache_entry(path, path)


def contents(wildcards, **job):
    """Return as param the digests of a job's inputs, code among them, and the versions of packages that compute.

    Snakemake compares them whatever the files' times. An argument named ``input`` would exempt the param from that
    comparison, so ``job`` takes it.
    """
    return contents_but()(wildcards, **job)


def contents_but(*names):
    """Return the param function `contents` without the inputs of some names."""

    def found(wildcards, **job):
        inputs = {name: paths for name, paths in job["input"].items() if name not in names}
        if workflow.storage_settings.default_storage_provider is not None:
            inputs = {"code": inputs["code"]}  # Snakemake compares the bucket's own marks of the rest
        return Late(lambda: fingerprints().each(inputs) | versions(tuple(inputs["code"])))

    return found


@cache
def versions(code):
    """Return the versions of the packages that compute in some files; none where stages run with their own packages.

    Snakemake compares the digest of a conda environment or a container. The main process knows nothing of a pod's
    image.
    """
    shared = SharedFSUsage.SOFTWARE_DEPLOYMENT in workflow.storage_settings.shared_fs_usage
    if workflow.deployment_settings.deployment_method or not shared:
        return {}
    return records.versions(project.packages(code))


@cache
def fingerprints():
    """Return the `Fingerprints` of files; call it only once the command line's options are known."""
    known = Fingerprints(Path(".snakemake/fingerprints.json").absolute(), workflow.dag_settings.max_checksum_file_size)
    if workflow.is_main_process:
        atexit.register(known.save)
    return known


def dataset(*keys):
    """Return a param function for a setting of a dataset.

    Snakemake's lookup walks the whole config each time, 2 ms per job and param.
    """
    return lambda wildcards: reduce(getitem, keys, DATASETS[wildcards.dataset])


def recipe(*keys):
    """Return a param function for a setting of a recipe."""
    return lambda wildcards: reduce(getitem, keys, RECIPES[wildcards.recipe])


def per_attempt(**amounts):
    """Return resources that grow by the same amount at each attempt: a cluster ends a job that needs more."""

    def growing(amount):
        return lambda wildcards, attempt: amount * attempt

    return {name: growing(amount) for name, amount in amounts.items()}


def of_kind(*kinds):
    """Return a wildcard constraint for the recipes of some kinds."""
    return "|".join(re.escape(name) for name, entry in RECIPES.items() if entry["kind"] in kinds) or "(?!)"


def reports():
    """Return the files a run makes: summary, report, sweeps, all training curves and submissions.

    A dataset gets submissions if it has a form and a test part.
    """
    found = ["results/summary.csv", "results/report/index.html", *(f"results/sweeps/{name}.png" for name in SPACES)]
    for name, key in WANTED:
        if RECIPES[key]["schedule"]:
            found.append(f"results/{name}/curves/{key}.png")
        if DATASETS[name]["submission"] and "test" in datasets.parts(DATASETS[name]):
            found.append(f"results/{name}/submissions/{key}.csv")
    return found


def lecture():
    """Return as param ``[dataset, recipe, the lecture's figures]`` for each recipe with a figure in the lecture."""
    figures = [(name, key, DATASETS[name]["lecture"].get(RECIPES[key]["entry"])) for name, key in PAIRS]
    return [[name, key, dict(sorted(figure.items()))] for name, key, figure in figures if figure]


def new_pictures():
    """Return the dataset and the recipe for classifying new images, ``{dataset, recipe, feature_layer}``."""
    key = config["classify_recipe"]
    dataset = next(name for name, other in recipes.usable(DATASETS, RECIPES, config["only"]) if other == key)
    return {"dataset": dataset, "recipe": key, "feature_layer": RECIPES[key]["feature_layer"]}


onsuccess:
    if os.path.exists("results/summary.csv") and os.path.getmtime("results/summary.csv") >= STARTED:
        print(summary_text("results/summary.csv"))
