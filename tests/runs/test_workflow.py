"""The whole tiny graph, once for real; then what a user does next, and what they may get wrong."""

import json
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from running import ROOT, jobs, refusal
from world import World

from headstart.evaluation import postprocess, submissions
from headstart.formats import hdf5, predictions, weights
from headstart.provenance import lineage
from headstart.training import models


def test_the_run_ends_in_a_table_of_every_recipe(done):
    world, output = done
    table = pd.read_csv(world.folder / "results" / "summary.csv").set_index(["dataset", "recipe"])
    trained = table[table["accuracy"].notna()]
    assert set(trained.index) == {
        ("mnist", "linear"),
        ("mnist", "linear-lecture"),
        ("mnist", "cnn-dropout"),
        ("mnist", "tuned"),
        ("dogs-vs-cats", "head"),
        ("dogs-vs-cats", "augmented"),
        ("dogs-vs-cats", "changed"),
        ("dogs-vs-cats", "head-folds"),
        ("dogs-vs-cats", "neighbours"),
        ("dogs-vs-cats", "blend"),
        ("dogs-vs-cats", "head-root"),
        ("dogs-vs-cats", "deep"),
        ("state-farm", "head"),
        ("state-farm", "head-known"),
        ("state-farm", "features-augmented"),
        ("state-farm", "pseudo-labels"),
        ("state-farm", "augmented"),
    }
    assert table.loc[("mnist", "linear"), "accuracy"] > 0.9  # these digits can be told apart by a line
    assert table.loc[("dogs-vs-cats", "head"), "members"] == 2
    assert table.loc[("dogs-vs-cats", "last-layer"), "note"].startswith("skipped: needs VGG16's dense layers")
    assert "cnn-dropout" in output[output.rindex(" steps") :]  # the table closes the run
    assert "<td>cnn-dropout</td>" in (world.folder / "results" / "summary.html").read_text()


def test_a_second_run_finds_nothing_to_do(done):
    world, _ = done
    assert "Nothing to be done" in world.snakemake().stdout


def test_every_recipe_ends_in_the_same_files(done):
    world, _ = done
    for made in world.folder.glob("results/*/models/*/*/predictions.h5"):
        assert sorted(path.name for path in made.parent.iterdir()) == [
            "history.csv",
            "model.keras",
            "predictions.h5",
            "provenance.json",
        ]
        with h5py.File(made) as file:
            held_out = "/tuned/" not in str(made)  # tuned trains on the validation images too
            assert ("validation" in file) == held_out
            for part in ("validation", "test") if held_out else ("test",):
                probabilities = file[part]["probabilities"][:]
                assert probabilities.shape == (len(file[part]["ids"]), len(file["classes"]))
                np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert len(list(world.folder.glob("results/*/models/*/*/predictions.h5"))) == 25


def test_every_recipe_has_curves_that_say_how_training_went(done):
    results = done[0].folder / "results"
    assert len(list(results.glob("*/curves/*.png"))) == 15
    frame = pd.read_csv(results / "mnist" / "curves" / "cnn-dropout.csv")
    assert list(zip(frame["member"], frame["epoch"], strict=True)) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    lecture = pd.read_csv(results / "mnist" / "curves" / "linear-lecture.csv")
    assert lecture["learning_rate"].tolist() == [0.001, 0.1, 0.01, 0.01, 0.01, 0.01]
    log = results / "logs" / "plot_curves" / "mnist" / "linear.log"
    assert re.match("Overfitting|Underfitting|Neither over- nor underfitting", log.read_text())
    tuned = pd.read_csv(results / "mnist" / "curves" / "tuned.csv")
    assert tuned["validation_accuracy"].isna().all()


def test_snakemakes_own_report_has_the_figures(done):
    world, _ = done
    run = world.snakemake("--report", "report.html")
    assert run.returncode == 0, run.stdout[-3000:]
    said = (world.folder / "report.html").read_text(encoding="utf-8")
    figures = [
        "lecture_figures/edges.svg",
        "mnist/figures/learning.svg",
        "state-farm/preview/augmented.png",
        "summary.csv",
    ]
    assert [name for name in figures if f"results/{name}" not in said] == []


def test_one_dataset_alone(done):
    planned = done[0].snakemake("--dry-run", "--forceall", "--config", "only=state-farm").stdout
    assert jobs(planned)["train_head"] == 8
    assert "train_from_scratch" not in jobs(planned)


def test_every_file_stands_in_the_page_on_results(done):
    page = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    made = {path.name for path in done[0].folder.glob("results/*")} - {"mnist", "dogs-vs-cats", "state-farm"}
    made |= {path.name for path in done[0].folder.glob("results/state-farm/*")}
    assert {name for name in made if name not in page} == set()
    assert {"features", "split.csv", "summary.csv"} <= made


def test_fine_tuning_trains_what_lies_above_its_depth_and_that_alone(done):
    folder = done[0].folder
    file = folder / "resources" / "vgg16" / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    model = models.load(folder / "results" / "dogs-vs-cats" / "models" / "deep" / "member-1" / "model.keras")
    assert model.input_shape == (None, 2, 2, 512)  # 32 pixels, halved by four pools: what lies below is no part of it
    for layer in ("block5_conv1", "block5_conv2", "block5_conv3"):
        kernel, published = model.get_layer(layer).get_weights()[0], weights.read_layer(file, layer)[0]
        assert 0 < np.abs(kernel - published).max() < 0.1


def test_surgery_is_done_on_what_a_recipe_starts_from(done):
    folder = done[0].folder / "results" / "dogs-vs-cats" / "models"
    before, after = (models.load(folder / name / "member-1" / "model.keras") for name in ("head", "changed"))
    kinds = [type(layer).__name__ for layer in before.layers]
    assert kinds.count("Dropout") == 2
    assert [type(layer).__name__ for layer in after.layers] == [kind for kind in kinds if kind != "Dropout"]
    step = np.abs(before.layers[-1].get_weights()[0] - after.layers[-1].get_weights()[0]).max()
    assert 0 < step < 0.1  # it went on from there


def test_every_image_is_predicted_by_a_member_that_has_not_seen_it(done):
    folder = done[0].folder / "results" / "dogs-vs-cats"
    split = pd.read_csv(folder / "split.csv", dtype={"id": str}).set_index("id")["fold"].dropna()
    for member in (1, 2):
        with h5py.File(folder / "models" / "head-folds" / f"member-{member}" / "predictions.h5") as file:
            assert {split[name] for name in file["validation/ids"].asstr()[:]} == {member - 1}
    with h5py.File(folder / "ensembles" / "head-folds" / "predictions.h5") as file:
        assert sorted(file["validation/ids"].asstr()[:]) == sorted(split.index)
    assert json.loads((folder / "metrics" / "head-folds.json").read_text())["parts"]["validation"]["images"] == 40


def test_the_leakage_check_sets_a_random_split_beside_the_grouped_one(done):
    results = done[0].folder / "results"
    found = json.loads((results / "state-farm" / "leakage.json").read_text())
    for name, recipe, file in (("grouped", "head", "split.csv"), ("random", "head-known", "split-random.csv")):
        metrics = json.loads((results / "state-farm" / "metrics" / f"{recipe}.json").read_text())
        assert found["images"] == metrics["parts"]["validation"]["images"] == 60
        assert found["accuracy"][name] == pytest.approx(metrics["parts"]["validation"]["accuracy"])
        split = pd.read_csv(results / "state-farm" / file).merge(
            pd.read_csv(results / "state-farm" / "manifest.csv"), on="id"
        )
        sides = split[split["fold"].notna()].groupby("group")["fold"].nunique()
        assert (sides == 1).all() if name == "grouped" else (sides > 1).all()
    table = pd.read_csv(results / "summary.csv").set_index(["dataset", "recipe"])
    assert found["sentence"] in table.loc[("state-farm", "head"), "note"]


def test_a_sweep_ends_in_a_table_and_a_picture(done):
    folder = done[0].folder / "results"
    table = pd.read_csv(folder / "sweeps" / "dropout.csv")
    assert table["dropout"].tolist() == [0.25, 0.5]
    for value, row in zip((0.25, 0.5), table.itertuples(), strict=True):
        name = f"changed-dropout~{value}"
        metrics = json.loads((folder / "dogs-vs-cats" / "metrics" / f"{name}.json").read_text())
        assert row.log_loss == pytest.approx(metrics["parts"]["validation"]["log_loss"], abs=1e-4)
        model = models.load(folder / "dogs-vs-cats" / "models" / name / "member-1" / "model.keras")
        assert {layer.rate for layer in model.layers if hasattr(layer, "rate")} == {value}
    with Image.open(folder / "sweeps" / "dropout.png") as image:
        assert image.size == (900, 400)


def test_every_augmented_copy_is_another_one_of_the_same_images(done):
    folder = done[0].folder / "results" / "state-farm" / "features" / "block5_pool"
    ids = hdf5.read_ids(folder / "train.h5")
    files = [folder / "train.h5", *(folder / "features-augmented" / f"copy-{number}.h5" for number in (1, 2))]
    original, *copies = (hdf5.read_rows(path, ids) for path in files)
    assert not np.array_equal(copies[0], copies[1])
    for values in copies:
        changed = np.corrcoef(values.ravel(), original.ravel())[0, 1]
        assert 0.3 < changed < 0.999
    assert hdf5.read_attrs(files[1])["sha256"] != hdf5.read_attrs(files[2])["sha256"]


@pytest.mark.parametrize("member", [1, 2])
def test_pseudo_labels_are_given_by_the_member_of_the_same_number(done, member):
    results = done[0].folder / "results"
    log = (results / "logs" / "train" / "state-farm" / "pseudo-labels" / f"member-{member}.log").read_text()
    counted = r"pseudo-labels: (\d+) of (\d+) test images have a probability of 0.12 or more"
    said = re.search(rf"{counted} \(predicted by (.*)\)\. Training uses (\d+) of them\.", log)
    assert said[3] == f"results/state-farm/models/head/member-{member}/predictions.h5"
    given = predictions.read(done[0].folder / said[3])[0]["test"].probabilities.max(axis=1)
    assert int(said[1]) == (given >= 0.12).sum()
    split = pd.read_csv(results / "state-farm" / "split.csv")
    assert int(said[4]) == min(int(said[1]), round(0.33 * (split["part"] == "train").sum()))


def test_predictions_are_refined_by_what_validation_says(done):
    folder = done[0].folder / "results" / "dogs-vs-cats" / "ensembles"
    tried = pd.read_csv(folder / "neighbours" / "tried.csv")
    assert tried["fold"].tolist() == [0] * 4 + [1] * 4
    assert tried["images"].tolist() == [20] * 8
    before, after = (predictions.read(folder / name / "predictions.h5")[0] for name in ("head-folds", "neighbours"))
    for part in before:
        assert after[part].ids == before[part].ids
        np.testing.assert_allclose(after[part].probabilities.sum(axis=1), 1, atol=1e-6)
    folds = (
        pd.read_csv(folder.parent / "split.csv", dtype={"id": str})
        .set_index("id")["fold"]
        .loc[before["validation"].ids]
    )
    for fold in (0, 1):  # each gets what the other chooses
        rows = np.flatnonzero(folds == fold)
        ids = [before["validation"].ids[row] for row in rows]
        order = postprocess.nearest(hdf5.read_rows(folder.parent / "features/block5_pool/train.h5", ids), 3, "cosine")
        chosen = tried[tried["fold"] != fold].sort_values("log_loss", kind="stable").iloc[0]
        expected = postprocess.refine(
            before["validation"].probabilities[rows], order, int(chosen["neighbours"]), chosen["temperature"]
        )
        np.testing.assert_allclose(after["validation"].probabilities[rows], expected, atol=1e-6)
    log = (done[0].folder / "results" / "logs" / "postprocess" / "dogs-vs-cats" / "neighbours.log").read_text()
    count, degree = re.search(r"test: neighbours (\d), temperature ([\d.]+)", log).groups()
    features = hdf5.read_rows(folder.parent / "features" / "block5_pool" / "test.h5", before["test"].ids)
    order = postprocess.nearest(features, 3, "cosine")
    expected = postprocess.refine(before["test"].probabilities, order, int(count), float(degree))
    np.testing.assert_allclose(after["test"].probabilities, expected, atol=1e-6)


def test_a_blend_is_the_mean_of_recipes(done):
    folder = done[0].folder / "results" / "dogs-vs-cats" / "ensembles"
    one, two, mean = (
        predictions.read(folder / name / "predictions.h5")[0] for name in ("head-folds", "neighbours", "blend")
    )
    for part in ("validation", "test"):
        assert mean[part].ids == one[part].ids
        expected = (one[part].probabilities + two[part].probabilities) / 2
        np.testing.assert_allclose(mean[part].probabilities, expected, atol=1e-6)


def test_the_ensemble_is_the_mean_of_its_members(done):
    folder = done[0].folder / "results" / "mnist"
    members = [
        h5py.File(path)["test/probabilities"][:] for path in sorted(folder.glob("models/cnn-dropout/*/predictions.h5"))
    ]
    with h5py.File(folder / "ensembles" / "cnn-dropout" / "predictions.h5") as file:
        np.testing.assert_allclose(file["test/probabilities"][:], np.mean(members, axis=0), atol=1e-6)
    found = json.loads((folder / "metrics" / "cnn-dropout.json").read_text())
    assert len(found["members"]) == 2
    assert sum(map(sum, found["parts"]["test"]["confusion"])) == found["parts"]["test"]["images"] == 40


def test_submissions_have_the_competitions_form(done):
    results = done[0].folder / "results"
    cats = pd.read_csv(results / "dogs-vs-cats" / "submissions" / "head.csv")
    assert list(cats.columns) == ["id", "label"]
    assert sorted(cats["id"]) == [1, 2, 3, 4, 5, 6]
    parts, _ = predictions.read(results / "dogs-vs-cats" / "ensembles" / "head" / "predictions.h5")
    (low, high), _ = submissions.limits(parts["validation"])
    expected = parts["test"].probabilities[:, 1].clip(low, high)
    np.testing.assert_allclose(
        cats.set_index("id")["label"].loc[list(map(int, parts["test"].ids))], expected, atol=1e-6
    )
    drivers = pd.read_csv(results / "state-farm" / "submissions" / "augmented.csv")
    assert list(drivers.columns) == ["img", *(f"c{i}" for i in range(10))]
    assert len(drivers) == 10


def test_no_driver_stands_on_both_sides(done):
    folder = done[0].folder / "results" / "state-farm"
    split = pd.read_csv(folder / "split.csv").merge(pd.read_csv(folder / "manifest.csv"), on="id")
    sides = split[split["part_x"] != "test"].groupby("group")["part_x"].nunique()
    assert len(sides) == 4
    assert (sides == 1).all()


def test_features_say_what_made_them(done):
    with h5py.File(done[0].folder / "results" / "state-farm" / "features" / "block5_pool" / "train.h5") as file:
        assert file["values"].shape == (60, 1, 1, 512)
        said = {
            "manifest_sha256",
            "pixels_sha256",
            "sha256",
            "weights_sha256",
            "backbone",
            "feature_layer",
            "size",
            "precision",
            "engine",
        }
        assert set(file.attrs) == said
        assert file.attrs["engine"].startswith("ncnn 1.")


def test_features_in_shards_are_those_of_one_shard(fresh, done):
    """To the bit, although the backbone sees other batches: ncnn runs one image on one thread."""
    for dataset, part, shards in (("dogs-vs-cats", "train", 2), ("state-farm", "test", 1)):
        path = f"{dataset}/features/block5_pool/{part}.h5"
        assert len(list((done[0].results / path).with_suffix("").glob("*.h5"))) == shards
        run = fresh.configured(**{"backbone/shard": 4096}).snakemake("--", f"results/{path}")
        assert run.returncode == 0, run.stdout[-3000:]
        ids = hdf5.read_ids(fresh.results / path)
        assert ids == hdf5.read_ids(done[0].results / path)
        rows = (hdf5.read_rows(world.results / path, ids) for world in (fresh, done[0]))
        np.testing.assert_array_equal(*rows)


def test_every_number_tells_how_it_was_made(done, monkeypatch):
    monkeypatch.chdir(done[0].folder)
    numbers = [path for path in Path("results").glob("*/metrics/*.json") if path.suffixes == [".json"]]
    assert len(numbers) > 15
    for path in numbers:
        steps = lineage.trace(path)
        made = {step.record["rule"] for step in steps if step.record}
        assert {"evaluate", "average_members"} <= made and made & {"train_from_scratch", "train_head", "fine_tune"}
        names = {Path(step.path).name for step in steps}
        assert names >= {"manifest.csv", "test.h5"} and names & {"split.csv", "split-random.csv"}
        assert not [step for step in steps if step.state]
        assert lineage.changed_code(steps) == []


def test_the_config_kept_with_a_number_is_that_of_the_run(done):
    world, _ = done
    kept = world.results / "state-farm" / "metrics" / "pseudo-labels.config.json"
    assert "Nothing to be done" in World(world.folder, kept).snakemake("--dry-run").stdout


def test_a_stage_made_again_brings_what_follows_and_nothing_before_it(done):
    world, _ = done
    target = "results/state-farm/models/head/member-2/predictions.h5"
    alone = jobs(world.snakemake("--dry-run", "--force", target).stdout)
    assert alone == {"train_head": 1}
    following = jobs(world.snakemake("--dry-run", "--forcerun", target).stdout)
    # The pseudo-labels of member 2 come from it, too.
    assert following == {
        "train_head": 2,
        "average_members": 2,
        "evaluate": 2,
        "check_leakage": 1,
        "write_submission": 2,
        "plot_curves": 2,
        "plot_figures": 1,
        "collect_report_data": 1,
        "write_summary": 1,
        "write_report": 1,
        "all": 1,
    }


def test_a_member_trained_again_is_the_same_to_the_bit_and_nothing_follows(done):
    world, _ = done
    target, before = "results/state-farm/models/augmented/member-1/predictions.h5", world.digests()
    made = (world.folder / target).stat().st_mtime_ns
    run = world.snakemake("--force", target)
    assert run.returncode == 0, run.stdout[-3000:]
    assert (world.folder / target).stat().st_mtime_ns > made
    assert world.digests() == before
    assert "Nothing to be done" in world.snakemake("--dry-run").stdout


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("datasets={'mnist': {'recipe': ['linear']}}", "unknown key datasets.mnist.recipe. Did you mean recipes?"),
        (
            "recipes={'deep': {'init_from': 'deep'}}",
            "recipes.deep.init_from: a recipe cannot build on itself (got 'deep': deep → deep)",
        ),
        ("only=dogs", "only: no such dataset (got 'dogs'). Expected one of dogs-vs-cats, mnist"),
        ("sede=3", "unknown key sede. Did you mean seed?"),
        ("seed=-1", "seed: got -1, expected 0 or more"),
        ("mirror=nowhere", "mirror: neither an existing folder nor an http:// or https:// address (got 'nowhere')"),
        (
            "recipes={'augmented': {'init_from': 'hed'}}",
            "recipes.augmented.init_from: not another recipe of kind head on block5_pool (got 'hed'). "
            "Expected one of changed",
        ),
    ],
)
def test_a_wrong_config_gets_one_line_before_anything_runs(tiny, setting, said):
    run = tiny.snakemake("--config", setting)
    assert said in refusal(run)


LABELS = "resources/mnist/t10k-labels-idx1-ubyte.gz"


def test_an_unreachable_source_gets_one_line(fresh):
    sources = "{'mnist': {'t10k-labels-idx1-ubyte.gz': {'sources': [{'url': 'http://127.0.0.1:9/x.gz'}]}}}"
    (fresh.folder / "nothing").mkdir()
    run = fresh.snakemake("--config", "mirror=nothing", f"downloads={sources}", "--", LABELS)
    line = refusal(run)
    for said in (
        "mirror nothing: no such file",
        "url http://127.0.0.1:9/x.gz: cannot connect",
        "Put it at resources/by-hand/mnist/t10k-labels-idx1-ubyte.gz by hand",
    ):
        assert said in line
    assert not (fresh.folder / LABELS).exists()


def test_a_mirror_file_with_a_wrong_digest_gets_one_line(fresh):
    spoilt = fresh.folder / "mirror" / "mnist" / "t10k-labels-idx1-ubyte.gz"
    shutil.copy(fresh.folder / "mirror" / "mnist" / "train-labels-idx1-ubyte.gz", spoilt)
    run = fresh.snakemake("--", LABELS)
    assert "mirror/mnist/t10k-labels-idx1-ubyte.gz: SHA-256 of the content does not match (expected" in refusal(run)
    assert not (fresh.folder / LABELS).exists()


def test_a_file_put_by_hand_is_taken(fresh):
    (fresh.folder / "resources").mkdir()
    (fresh.folder / "mirror").rename(fresh.folder / "resources" / "by-hand")
    run = fresh.snakemake("--config", "mirror=null", "--", LABELS)
    assert run.returncode == 0, run.stdout[-3000:]
    assert (fresh.folder / LABELS).exists()


@pytest.mark.parametrize("overlay", ["lecture", "mirror", "microsoft"])
def test_the_shipped_configs_build_a_graph(tmp_path, overlay):
    run = World(tmp_path, ROOT / "config" / "examples" / f"{overlay}.yaml").snakemake("--dry-run")
    assert run.returncode == 0, run.stdout[-3000:]
    assert jobs(run.stdout)["fetch"] >= 6
