# Three ways into training, one way out: a model, its history and its predictions.

TRAINED = {
    "model": f"{MEMBER}/model.keras",
    "history": f"{MEMBER}/history.csv",
    "predictions": f"{MEMBER}/predictions.h5",
    "provenance": f"{MEMBER}/provenance.json",
}


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
        **per_attempt(mem_mb=2500, runtime=720),
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
        **per_attempt(runtime=240),
        mem_mb=head_memory,
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
        **per_attempt(mem_mb=6000, runtime=1440),
        gpu=1,
    params:
        **MEMBER_PARAMS,
        size=BACKBONE["size"],
        engine=BACKBONE["engine"],
        threads=config["threads"]["fine_tune"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: fine-tune {wildcards.recipe}, member {wildcards.member}"
    script:
        "../../scripts/fine_tune.py"
