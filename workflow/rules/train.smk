# Three ways into training, one way out: a model, its history and its predictions.

TRAINED = {
    "model": f"{MEMBER}/model.keras",
    "history": f"{MEMBER}/history.csv",
    "predictions": f"{MEMBER}/predictions.h5",
    "provenance": f"{MEMBER}/provenance.json",
}


def fold(wildcards):
    """Return as param the fold that a member validates on, or None if it trains on all images."""
    return recipes.fold(RECIPES[wildcards.recipe], int(wildcards.member), folds(wildcards))


def training(wildcards):
    """Return as param the settings of a recipe that concern training one member."""
    return {key: RECIPES[wildcards.recipe][key] for key in recipes.TRAINING}


def initial(wildcards):
    """Return as input the model of the same-numbered member that a member starts from; none if it starts from none."""
    source = RECIPES[wildcards.recipe]["init_from"]
    return f"{MEMBER}/model.keras".format(**{**wildcards, "recipe": source}) if source else []


def augmented_copies(wildcards):
    """Return as inputs the features of augmented copies of the train images; none if a recipe has no copies."""
    entry = RECIPES[wildcards.recipe]
    folder = f"results/{wildcards.dataset}/features/{entry['feature_layer']}/{wildcards.recipe}"
    return [f"{folder}/copy-{number}.h5" for number in range(1, entry["augmented_copies"] + 1)]


def pseudo_labels(wildcards):
    """Return as input the predictions that give a member's pseudo-labels; none if a recipe has none.

    They come from the member with the same number.
    """
    source = (RECIPES[wildcards.recipe]["pseudo_labels"] or {}).get("labels")
    return f"{MEMBER}/predictions.h5".format(**{**wildcards, "recipe": source}) if source else []


def augmented_pixels(wildcards):
    """Return as input the train pixels, if a fine-tuning recipe augments them."""
    augmented = RECIPES[wildcards.recipe]["augmentation"]
    return BACKBONE_PIXELS.format(dataset=wildcards.dataset, part="train") if augmented else []


def head_memory(wildcards, attempt):
    """Return as resource the megabytes for a head on all of State Farm.

    The solver holds a second, normalised copy of its features.
    """
    entry = RECIPES[wildcards.recipe]
    twice = 2 if entry["schedule"]["solver"] == "lbfgs" else 1
    return (8000 + 2500 * entry["augmented_copies"]) * twice * attempt


MEMBER_PARAMS = {
    "content": contents,
    "classes": dataset("classes"),
    "fold": fold,
    "recipe": training,
    "seed": config["seed"],
}


rule train_from_scratch:
    input:
        unpack(training_inputs),
        manifest=rules.write_manifest.output[0],
        split=split,
        code=sources("train_from_scratch"),
    output:
        **TRAINED,
    log:
        "results/logs/train/{dataset}/{recipe}/member-{member}.log",
    benchmark:
        "results/benchmarks/train/{dataset}/{recipe}/member-{member}.tsv"
    wildcard_constraints:
        recipe=of_kind("from-scratch"),
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["train"]
    resources:
        **per_attempt(mem_mb=3000, runtime=720),
        gpu=1,
    params:
        **MEMBER_PARAMS,
        threads=config["threads"]["train"],
    message:
        "{wildcards.dataset}: train {wildcards.recipe} from scratch, member {wildcards.member}"
    script:
        "../../scripts/train_from_scratch.py"


rule train_head:
    input:
        unpack(training_inputs),
        copies=augmented_copies,
        start=initial,
        labels=pseudo_labels,
        manifest=rules.write_manifest.output[0],
        split=split,
        code=sources("train_head"),
    output:
        **TRAINED,
    log:
        "results/logs/train/{dataset}/{recipe}/member-{member}.log",
    benchmark:
        "results/benchmarks/train/{dataset}/{recipe}/member-{member}.tsv"
    wildcard_constraints:
        recipe=of_kind("head"),
    priority: 1
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["train"]
    resources:
        **per_attempt(mem_mb=8000, runtime=240) | {"mem_mb": head_memory},
        gpu=1,
    params:
        **MEMBER_PARAMS,
        threads=config["threads"]["train"],
    message:
        "{wildcards.dataset}: train {wildcards.recipe} on features, member {wildcards.member}"
    script:
        "../../scripts/train_head.py"


rule fine_tune:
    input:
        unpack(training_inputs),
        pixels=augmented_pixels,
        weights=weights,
        start=initial,
        manifest=rules.write_manifest.output[0],
        split=split,
        code=sources("fine_tune"),
    output:
        **TRAINED,
    log:
        "results/logs/train/{dataset}/{recipe}/member-{member}.log",
    benchmark:
        "results/benchmarks/train/{dataset}/{recipe}/member-{member}.tsv"
    wildcard_constraints:
        recipe=of_kind("fine-tune"),
    priority: 3
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["fine_tune"]
    resources:
        **per_attempt(mem_mb=8000, runtime=1440),
        gpu=1,
    params:
        **MEMBER_PARAMS,
        size=BACKBONE["size"],
        threads=config["threads"]["fine_tune"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: fine-tune {wildcards.recipe}, member {wildcards.member}"
    script:
        "../../scripts/fine_tune.py"
