# From addresses to rows with labels and folds: fetch or draw, unpack, write the manifest, split.


localrules:
    fetch,


rule fetch:
    # No code among the inputs: another way to fetch gives the same file.
    output:
        # The stage checks an existing file before it replaces it: a download is too costly to delete.
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


rule draw_synthetic:
    input:
        code=sources("draw_synthetic"),
    output:
        "results/{dataset}/synthetic/{file}",
        provenance="results/{dataset}/synthetic/{file}.provenance.json",
    log:
        "results/logs/draw_synthetic/{dataset}/{file}.log",
    benchmark:
        "results/benchmarks/draw_synthetic/{dataset}/{file}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=30),
    params:
        content=contents,
        scene=dataset("synthetic"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: draw the stand-in {wildcards.file}"
    script:
        "../../scripts/draw_synthetic.py"


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
        **per_attempt(mem_mb=1000, runtime=120),
    params:
        content=contents,
        identities=lambda wildcards: [identity(*origin) for origin in downloads(wildcards)],
        expected=lambda wildcards: [expected(*origin) for origin in downloads(wildcards)],
        limit=config["max_unpacked_bytes"],
    message:
        "{wildcards.dataset}: unpack"
    script:
        "../../scripts/unpack.py"


rule write_manifest:
    input:
        images=images,
        code=sources("write_manifest"),
    output:
        "results/{dataset}/manifest.csv",
        provenance="results/{dataset}/manifest.csv.provenance.json",
    log:
        "results/logs/write_manifest/{dataset}.log",
    benchmark:
        "results/benchmarks/write_manifest/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    threads: 2
    resources:
        **per_attempt(mem_mb=2000, runtime=60),
    params:
        content=contents,
        classes=dataset("classes"),
        idx=dataset("idx"),
        own=dataset("folder"),
        folder=folder_state,
        patterns=dataset("path_patterns"),
        table=dataset("table"),
        rules=lambda wildcards: datasets.rules(DATASETS[wildcards.dataset]),
        limit=dataset("limit"),
        unreadable=dataset("max_unreadable"),
        exclude=dataset("exclude"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: look at every image, write the manifest"
    script:
        "../../scripts/write_manifest.py"


rule split:
    input:
        manifest=rules.write_manifest.output[0],
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
        **per_attempt(mem_mb=1000, runtime=10),
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


use rule split as split_ungrouped with:
    output:
        "results/{dataset}/split-random.csv",
        provenance="results/{dataset}/split-random.csv.provenance.json",
    log:
        "results/logs/split/{dataset}-random.log",
    benchmark:
        "results/benchmarks/split/{dataset}-random.tsv"
    params:
        grouped=False,
        held_out=held_out("random"),
    message:
        "{wildcards.dataset}: split with groups divided"
