"""A recipe whose training diverges is told as such all the way to the report; those beside it have their figures."""

import io
from dataclasses import replace

import average_members
import check_leakage
import classify
import collect_report_data
import compare_sweep
import evaluate
import keras
import numpy as np
import pandas as pd
import plot_curves
import plot_figures
import pytest
import select_examples
import train_from_scratch
import train_head
import visualize_layers
import write_report
from running import ROOT
from small_config import schedule

from headstart.core import runtime
from headstart.core.errors import InputError
from headstart.core.files import read_json, sha256, write_json
from headstart.data import splits
from headstart.formats import hdf5, predictions
from headstart.provenance import lineage
from headstart.report import summary
from headstart.training import models

CLASSES = ["cat", "dog"]
WORDS = "the loss or a weight was not finite in epoch 1 of 2"
SYSTEMS = ("descent", "edges", "matrix", "pooling", "softmax", "vgg16")
NETWORK = {"blocks": [[4]], "dense": [4], "batch_norm": True, "l1": 0, "l2": 0, "dropout": 0}
NO_SURGERY = {"dropout": None, "rescale": False, "batch_norm": False}


def recipe(rate, **changes):
    """What a training stage gets of a recipe, and what the report says of it."""
    rates = schedule(epochs=2, batch_size=8, learning_rate=rate) | {"recalibrate_batch_norm": True}
    told = {"network": NETWORK, "schedule": rates}
    return (
        {"precision": "float32", "augmentation": None, "surgery": NO_SURGERY, "feature_layer": "block5_pool"}
        | told
        | changes
    )


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    """The arguments that training stages share: twenty images to train on and validate, four to test."""
    monkeypatch.setattr(runtime, "prepare", lambda seed=0, **_: keras.utils.set_random_seed(seed))
    ids = [f"img_{number:02d}" for number in range(24)]
    labels, parts = [CLASSES[number % 2] for number in range(20)] + [""] * 4, ["train"] * 20 + ["test"] * 4
    manifest = pd.DataFrame(
        {"id": ids, "path": ids, "label": labels, "group": "", "part": parts, "digest": ids, "status": "ok"}
    )
    manifest.to_csv(tmp_path / "manifest.csv", index=False)
    splits.split(manifest, folds=2, seed=1).to_csv(tmp_path / "split.csv", index=False)
    attrs = {"manifest_sha256": sha256(tmp_path / "manifest.csv"), "feature_layer": "block5_pool"}
    pixels, rows = np.random.default_rng(0).integers(0, 256, (24, 12, 12, 1), np.uint8), {}
    for part, chosen in (("train", slice(20)), ("test", slice(20, 24))):
        rows[part], told = tmp_path / f"{part}.h5", {"terminal": io.StringIO(), "title": ""}
        hdf5.write_rows(rows[part], ids[chosen], (12, 12, 1), "uint8", [pixels[chosen]], attrs, **told)
    return {
        "rows": rows,
        "manifest": tmp_path / "manifest.csv",
        "split": tmp_path / "split.csv",
        "classes": CLASSES,
        "threads": 1,
    }


def trained(stage, folder, dataset, recipe, fold=0, seed=1, **more):
    """Train a member; return the folder of its three files."""
    folder.mkdir(parents=True)
    files = {"model": "model.keras", "history": "history.csv", "predictions": "predictions.h5"}
    outputs = {name: folder / file for name, file in files.items()}
    told = {"outputs": outputs, "identity": "a", "terminal": None, "title": ""}
    stage.main(**dataset, fold=fold, recipe=recipe, seed=seed, **more, **told)
    return folder


def measured(folder, dataset, name, members):
    """Average and measure the members of a recipe; return the paths of its mean, its metrics and its curves."""
    mean, target = folder / name / "predictions.h5", folder / f"{name}.json"
    found = [member / "predictions.h5" for member in members]
    average_members.main(members=found, mean="arithmetic", target=mean)
    told = {"manifest": dataset["manifest"], "dataset": "pets", "recipe": name, "note": ""}
    evaluate.main(members=found, ensemble=mean, target=target, **told)
    write_json(target.with_suffix(".provenance.json"), dict.fromkeys(("params", "inputs", "code"), {}) | RECORD)
    drawn = {kind: folder / "curves" / f"{name}.{kind}" for kind in ("csv", "png", "txt")}
    histories = [member / "history.csv" for member in members]
    plot_curves.main(histories=histories, members=found, manifest=dataset["manifest"], title=name, **drawn)
    return mean, target, drawn


RECORD = {"versions": {}, "cpu": {"model": ""}, "outputs": {}, "run": {"seconds": 1}}


def test_a_recipe_that_diverges_beside_a_healthy_one_is_told_all_the_way(dataset, tmp_path):
    show = "broken"
    (tmp_path / "curves").mkdir()
    known = {"healthy": recipe(0.01), "broken": recipe(1e30)}
    members, made = {}, {}
    for name, entry in known.items():
        (tmp_path / name).mkdir()
        members[name] = [
            trained(
                train_from_scratch,
                tmp_path / "pets" / "models" / name / f"member-{fold + 1}",
                dataset,
                entry,
                fold=fold,
            )
            for fold in (0, 1)
        ]
        made[name] = measured(tmp_path, dataset, name, members[name])
    metrics = {name: read_json(target) for name, (_, target, _) in made.items()}
    assert metrics["healthy"]["diverged"] is None
    assert metrics["broken"]["diverged"] == f"2 of 2 members; member 1: {WORDS}"
    assert predictions.read(made["broken"][0])[0]["test"].diverged == metrics["broken"]["diverged"]

    table = summary.table([target for _, target, _ in made.values()], [], []).set_index("recipe")
    assert table.loc["healthy", ["accuracy", "log_loss", "member_accuracy"]].notna().all()
    assert table.loc["broken", ["accuracy", "log_loss", "member_accuracy", "low", "high"]].isna().all()
    assert lineage._numbers(str(made["broken"][1]), {"rule": "evaluate"}) == [
        f"  no result: diverged, {metrics['broken']['diverged']}"
    ]
    assert (
        made["broken"][2]["txt"]
        .read_text()
        .startswith("Diverged: the loss or a weight of member 1 was not finite in epoch 1 (2 of 2")
    )

    targets = {figure: tmp_path / f"{figure}.svg" for figure in collect_report_data.FIGURES}
    plot_figures.main(
        histories=[drawn["csv"] for _, _, drawn in made.values()],
        ensembles=[mean for mean, _, _ in made.values()],
        split=dataset["split"],
        manifest=dataset["manifest"],
        inspected=show,
        targets=targets,
    )
    select_examples.main(source=made[show][0], rows=dataset["rows"], target=tmp_path / "gallery.json", seed=1)
    visualize_layers.main(
        pixels=dataset["rows"],
        seen=dataset["rows"],
        models=[member / "model.keras" for member in members[show]],
        members=[member / "predictions.h5" for member in members[show]],
        shown=tmp_path / "gallery.json",
        weights="",
        expected=None,
        target=tmp_path / "layers.json",
        size=12,
        threads=1,
        seed=1,
    )
    collect_report_data.main(
        target=tmp_path / "chapter.json",
        name="pets",
        inspected=show,
        recipes=known,
        random=[],
        lecture={},
        metrics=[target for _, target, _ in made.values()],
        ensembles=[mean for mean, _, _ in made.values()],
        models=[found[0] / "model.keras" for found in members.values()],
        verdicts=[drawn["txt"] for _, _, drawn in made.values()],
        figures=targets,
        gallery=tmp_path / "gallery.json",
        layers=tmp_path / "layers.json",
        previews=[],
        manifest=dataset["manifest"],
        leakage=None,
    )
    for name in SYSTEMS:
        (tmp_path / f"system-{name}.svg").write_text("<svg></svg>")
    (tmp_path / "vgg16.csv").write_text("layer,output,parameters,activations,multiplications\n")
    records = [member / "provenance.json" for found in members.values() for member in found]
    for record in records:
        write_json(record, RECORD)
    write_report.main(
        template=ROOT / "workflow" / "report" / "index.html",
        target=tmp_path / "index.html",
        chapters=[tmp_path / "chapter.json"],
        records=records,
        systems={name: tmp_path / f"system-{name}.svg" for name in SYSTEMS},
        layers=tmp_path / "vgg16.csv",
    )
    page = (tmp_path / "index.html").read_text()
    assert page.index(">healthy: ") < page.index('<summary id="how-pets-broken">broken: diverged</summary>')
    assert '<a href="#how-pets-broken">diverged</a></td>' in page
    assert "No figure: diverged" in page
    assert '<p class="best">healthy is best, ' in page
    assert "<li>1 recipe diverged and has no figures: broken.</li>" in page


def test_what_is_made_from_a_recipe_that_diverged_diverges_in_turn(dataset, tmp_path):
    network = NETWORK | {"blocks": []}
    plain = {"copies": [], "start": [], "labels": []}
    broken = trained(train_head, tmp_path / "broken", dataset, recipe(1e30, network=network), **plain)
    assert models.diverged(broken / "model.keras") == WORDS
    surgery = {"dropout": None, "rescale": False, "batch_norm": True}
    started = plain | {"start": broken / "model.keras"}
    labelled = plain | {"labels": broken / "predictions.h5"}
    pseudo = {"ratio": 1, "confidence": 0.5}
    for name, entry, inputs, said in (
        ("next", recipe(0.01, surgery=surgery), started, "it starts from "),
        ("labelled", recipe(0.01, network=network, pseudo_labels=pseudo), labelled, "its pseudo-labels come from "),
    ):
        member = trained(train_head, tmp_path / name, dataset, entry, **inputs)
        words = predictions.read(member / "predictions.h5")[0]["validation"].diverged
        assert words == models.diverged(member / "model.keras")
        assert words.startswith(said)
        assert words.endswith(f"which diverged: {WORDS}")
        assert len(pd.read_csv(member / "history.csv")) == 1


def test_a_point_of_a_sweep_that_diverged_has_no_figures(tmp_path):
    part = {"images": 9, "accuracy": 0.5, "accuracy_95": [0.2, 0.8], "log_loss": 0.7, "log_loss_95": [0.6, 0.8]}
    part["interval_note"] = ""
    ids = [f"img_{number}" for number in range(9)]
    images = {"id": ids, "path": ids, "label": "cat", "group": "", "part": "train", "digest": ids, "status": "ok"}
    pd.DataFrame(images).to_csv(tmp_path / "manifest.csv", index=False)
    even = predictions.Part(ids, np.full((9, 2), 0.5), np.zeros(9, int))
    predictions.write(tmp_path / "p.h5", {"validation": even}, CLASSES)
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, words in zip(paths, (None, WORDS), strict=True):
        write_json(path, {"parts": {"validation": part}, "diverged": words})
    points = [{"rate": 0.1}, {"rate": 1e30}]
    compare_sweep.main(
        metrics=paths,
        predictions=[tmp_path / "p.h5"] * 2,
        manifest=tmp_path / "manifest.csv",
        points=points,
        csv=tmp_path / "s.csv",
        png=tmp_path / "s.png",
        title="",
    )
    found = pd.read_csv(tmp_path / "s.csv")[["accuracy", "low", "high", "log_loss"]].isna()
    assert found.all(axis=1).tolist() == found.any(axis=1).tolist() == [False, True]


def test_a_leakage_check_of_a_recipe_that_diverged_compares_nothing(dataset, tmp_path):
    images = pd.read_csv(dataset["manifest"], dtype=str, keep_default_na=False)
    images.assign(group=[f"g{number % 5}" for number in range(len(images))]).to_csv(
        tmp_path / "groups.csv", index=False
    )
    ids, rows = hdf5.read_ids(dataset["rows"]["train"]), np.random.default_rng(0).normal(size=(20, 3))
    hdf5.write_rows(tmp_path / "features.h5", ids, (3,), "float32", [rows], {}, terminal=io.StringIO(), title="")
    even = predictions.Part(ids, np.full((20, 2), 0.5), np.arange(20) % 2)
    paths = {"random": tmp_path / "a.h5", "grouped": tmp_path / "b.h5"}
    said = {
        None: "On the same 20 images, head has accuracy 0.500",
        WORDS: f"head diverged ({WORDS}), so the leakage check",
    }
    for words, beginning in said.items():
        predictions.write(paths["random"], {"validation": even}, CLASSES)
        predictions.write(paths["grouped"], {"validation": replace(even, diverged=words)}, CLASSES)
        told = {"features": tmp_path / "features.h5", "manifest": tmp_path / "groups.csv", "recipe": "head"}
        check_leakage.main(**paths, **told, target=tmp_path / "a.json", dataset="pets", folds=2, seed=1, threads=1)
        assert read_json(tmp_path / "a.json")["sentence"].startswith(beginning)


def test_a_model_that_diverged_classifies_nothing(dataset, tmp_path):
    member = trained(train_from_scratch, tmp_path / "broken", dataset, recipe(1e30))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.txt").write_text("")
    told = dict.fromkeys(("weights", "expected", "feature_layer", "background", "csv", "html", "template", "terminal"))
    with pytest.raises(InputError, match=rf"training of this model diverged \({WORDS}\)\. Classify with") as caught:
        classify.main(
            folder=tmp_path / "pictures",
            models=[member / "model.keras"],
            shape=(12, 12, 1),
            classes=CLASSES,
            mean="arithmetic",
            precision="float32",
            engine="auto",
            threads=1,
            title="",
            **told,
        )
    assert "\n" not in str(caught.value)
