"""Dry runs elsewhere: Kubernetes, results in a bucket, a container. They tell the same jobs as one here."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from local_server import Answer, serve
from running import ROOT, jobs, refusal
from world import FLOWERS

KUBERNETES = ROOT / "workflow" / "profiles" / "kubernetes"
BUCKET = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://your-bucket/headstart")


@pytest.fixture
def bucket():
    """A function that runs Snakemake dry on a world, against a stand-in of S3 that has no object.

    It asserts that S3 was asked for results, and at most for downloads beside them, below the prefix.
    """

    def dry(world, *arguments):
        with serve(lambda number, path, asked: Answer(status=404)) as server:
            environment = {
                "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": server.url,
                "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "nobody",
                "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "nothing",
            }
            run = world.snakemake("-n", *arguments, **environment)
        assert run.returncode == 0, run.stdout
        asked = {path for path, _ in server.requests} - {"/your-bucket"}  # whether the bucket is there
        below = {re.search("headstart/(.*?)/", unquote(path))[1] for path in asked}
        assert {"results"} <= below <= {"results", "resources"}
        return run

    return dry


@pytest.fixture(scope="module")
def expected(tiny):
    """The job table of a dry run here."""
    found = jobs(tiny.snakemake("-n", "--forceall").stdout)
    assert "train_head" in found
    return found


def test_kubernetes_is_another_profile(fresh, bucket, expected):
    run = bucket(fresh, "--workflow-profile", KUBERNETES)
    assert jobs(run.stdout) == expected


def test_the_kubernetes_profile_repeats_the_default_one():
    default, kubernetes = (
        yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        for folder in (ROOT / "profiles" / "default", KUBERNETES)
    )
    assert kubernetes | default == kubernetes


def test_results_in_a_bucket_are_another_place_only(fresh, bucket, expected):
    run = bucket(fresh, *BUCKET)
    assert jobs(run.stdout) == expected


def test_pictures_of_ones_own_are_not_looked_for_in_the_bucket(pictures, bucket):
    world = pictures(folder="pictures")
    (world.folder / FLOWERS["folder"]).rename(world.folder / "pictures")
    assert jobs(bucket(world, *BUCKET).stdout)["write_manifest"] == 1


def test_a_folder_whose_path_has_braces_is_refused_where_results_are_in_a_bucket(pictures):
    run = pictures().snakemake("--dry-run", *BUCKET)
    assert "my {own} pictures, 100 % #1: its name has braces" in refusal(run)


def test_code_does_not_keep_a_job_on_this_machine():
    # Where nothing is shared, Snakemake runs a job with a local() input here, and a dry run does not tell.
    text = (ROOT / "workflow" / "rules" / "common.smk").read_text(encoding="utf-8")
    assert text.count("local(") == 1  # in the words that say so


@pytest.fixture
def apptainer(tmp_path):
    """A PATH with an apptainer on it that knows its version and nothing else."""
    program = tmp_path / "bin" / "apptainer"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo apptainer version 1.3.0\n')
    program.chmod(0o755)
    return f"{Path(sys.executable).parent}{os.pathsep}{program.parent}{os.pathsep}{os.environ['PATH']}"


def test_a_container_is_another_place_only(fresh, apptainer, expected):
    world = fresh.configured(container="docker://headstart")
    run = world.snakemake("-n", "--sdm", "apptainer", PATH=apptainer)
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("Singularity image docker://headstart will be pulled.") == 1
    assert jobs(run.stdout) == expected


def test_without_an_image_in_the_config_there_is_no_container(fresh, apptainer):
    run = fresh.snakemake("-n", "--sdm", "apptainer", PATH=apptainer)
    assert run.returncode == 0, run.stdout
    assert "Singularity image" not in run.stdout


def test_a_container_that_is_no_path_is_refused(fresh):
    assert "container" in refusal(fresh.configured(container="my image.sif").snakemake("-n"))


def test_what_the_containerfile_copies_is_there():
    lines = [line.split() for line in (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()]
    copied = [path for words in lines if words[:1] == ["COPY"] for path in words[1:-1]]
    assert copied == ["requirements.txt"]
    assert all((ROOT / path).is_file() for path in copied)
    assert {words[0] for words in lines if words} == {"#", "FROM", "COPY", "RUN"}
