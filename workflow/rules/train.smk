# Three ways into training, one way out: a model, its history and its predictions.


rule train_digits:
    input:
        unpack(rows),
        manifest=rules.manifest.output[0],
        split=split,
        code=sources("train_digits"),
    output:
        model=f"{MEMBER}/model.keras",
        history=f"{MEMBER}/history.csv",
        predictions=f"{MEMBER}/predictions.h5",
        provenance=f"{MEMBER}/provenance.json",
    log:
        "results/logs/train/{dataset}/{recipe}/member-{member}.log",
    benchmark:
        "results/benchmarks/train/{dataset}/{recipe}/member-{member}.tsv"
    wildcard_constraints:
        recipe=of_kind("digits"),
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["train"]
    resources:
        gpu=1,
        mem_mb=growing(3000),
        runtime=growing(720),
    params:
        content=contents,
        classes=dataset("classes"),
        fold=fold,
        recipe=recipe,
        seed=config["seed"],
        threads=config["threads"]["train"],
    message:
        "{wildcards.dataset}: train {wildcards.recipe} from pixels, member {wildcards.member}"
    script:
        "../../scripts/train_digits.py"


rule train_head:
    input:
        unpack(rows),
        copies=copies,
        start=start,
        labels=labels,
        manifest=rules.manifest.output[0],
        split=split,
        code=sources("train_head"),
    output:
        model=f"{MEMBER}/model.keras",
        history=f"{MEMBER}/history.csv",
        predictions=f"{MEMBER}/predictions.h5",
        provenance=f"{MEMBER}/provenance.json",
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
        gpu=1,
        mem_mb=head_memory,
        runtime=growing(240),
    params:
        content=contents,
        classes=dataset("classes"),
        fold=fold,
        recipe=recipe,
        seed=config["seed"],
        threads=config["threads"]["train"],
    message:
        "{wildcards.dataset}: train {wildcards.recipe} on features, member {wildcards.member}"
    script:
        "../../scripts/train_head.py"


rule fine_tune:
    input:
        unpack(rows),
        pixels=augmented_pixels,
        weights=weights,
        start=start,
        manifest=rules.manifest.output[0],
        split=split,
        code=sources("fine_tune"),
    output:
        model=f"{MEMBER}/model.keras",
        history=f"{MEMBER}/history.csv",
        predictions=f"{MEMBER}/predictions.h5",
        provenance=f"{MEMBER}/provenance.json",
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
        gpu=1,
        mem_mb=growing(8000),
        runtime=growing(1440),
    params:
        content=contents,
        classes=dataset("classes"),
        fold=fold,
        recipe=recipe,
        seed=config["seed"],
        size=TRUNK["size"],
        threads=config["threads"]["fine_tune"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: fine-tune {wildcards.recipe}, member {wildcards.member}"
    script:
        "../../scripts/fine_tune.py"
