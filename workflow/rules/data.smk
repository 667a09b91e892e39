# fetch → unpack → manifest → split


localrules:
    fetch,


rule fetch:
    # No code among the inputs: another way to fetch makes no other file.
    output:
        # What is there is looked at before it is replaced: a download is too dear to be deleted.
        update("resources/{origin}/{file}"),
    log:
        "results/logs/fetch/{origin}/{file}.log",
    benchmark:
        "results/benchmarks/fetch/{origin}/{file}.tsv"
    wildcard_constraints:
        origin="|".join(config["downloads"]),
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=240,
    params:
        identity=lambda wildcards: identity(wildcards.origin, wildcards.file),
    message:
        "fetch {wildcards.origin}/{wildcards.file}"
    script:
        "../../scripts/fetch.py"


rule render:
    input:
        code=sources("render"),
    output:
        "results/{dataset}/rendered/{file}",
        provenance="results/{dataset}/rendered/{file}.provenance.json",
    log:
        "results/logs/render/{dataset}/{file}.log",
    benchmark:
        "results/benchmarks/render/{dataset}/{file}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        content=contents,
        scene=dataset("rendered"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: render the stand-in {wildcards.file}"
    script:
        "../../scripts/render.py"


rule unpack:
    input:
        archives=archives,
        code=sources("unpack"),
    output:
        directory("results/{dataset}/images"),
        provenance="results/{dataset}/images.provenance.json",
    log:
        "results/logs/unpack/{dataset}.log",
    benchmark:
        "results/benchmarks/unpack/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(120),
    params:
        content=contents,
        identities=identities,
        expected=archives_expected,
        limit=config["unpack_limit"],
    message:
        "{wildcards.dataset}: unpack"
    script:
        "../../scripts/unpack.py"


rule manifest:
    input:
        images=images,
        code=sources("manifest"),
    output:
        "results/{dataset}/manifest.csv",
        provenance="results/{dataset}/manifest.csv.provenance.json",
    log:
        "results/logs/manifest/{dataset}.log",
    benchmark:
        "results/benchmarks/manifest/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    threads: 2
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        content=contents,
        classes=dataset("classes"),
        idx=dataset("idx"),
        own=dataset("folder"),
        folder=folder_state,
        patterns=dataset("images"),
        table=dataset("table"),
        rules=lambda wildcards: datasets.rules(DATASETS[wildcards.dataset]),
        limit=dataset("limit"),
        unreadable=dataset("unreadable"),
        exclude=dataset("exclude"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: look at every image, write the manifest"
    script:
        "../../scripts/manifest.py"


rule split:
    input:
        manifest=rules.manifest.output[0],
        code=sources("split"),
    output:
        "results/{dataset}/split.csv",
        provenance="results/{dataset}/split.csv.provenance.json",
    log:
        "results/logs/split/{dataset}.log",
    benchmark:
        "results/benchmarks/split/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
        folds=folds,
        grouped=True,
        held_out=held_out("grouped"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: split"
    script:
        "../../scripts/split.py"


use rule split as random_split with:
    output:
        "results/{dataset}/split-random.csv",
        provenance="results/{dataset}/split-random.csv.provenance.json",
    log:
        "results/logs/split/{dataset}-random.log",
    benchmark:
        "results/benchmarks/split/{dataset}-random.tsv"
    params:
        folds=folds,
        grouped=False,
        held_out=held_out("random"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: split with groups divided"
