# how training went → a picture per recipe; everything measured → one table, and one page with pictures


localrules:
    summary,


rule curves:
    input:
        histories=members("history.csv"),
        members=members("predictions.h5"),
        manifest=rules.manifest.output[0],
        code=sources("curves"),
    output:
        csv="results/{dataset}/curves/{recipe}.csv",
        png=report(
            "results/{dataset}/curves/{recipe}.png",
            category="{dataset}",
            subcategory="training",
            labels={"recipe": "{recipe}"},
            caption="../report/curves.rst",
        ),
        txt="results/{dataset}/curves/{recipe}.txt",
    log:
        "results/logs/curves/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/curves/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
    message:
        "{wildcards.dataset}: draw the training curves of {wildcards.recipe}"
    script:
        "../../scripts/curves.py"


rule audit:
    input:
        random=audited("random"),
        grouped=audited("grouped"),
        features="results/{dataset}/features/block5_pool/train.h5",
        manifest=rules.manifest.output[0],
        code=sources("audit"),
    output:
        "results/{dataset}/audit.json",
        provenance="results/{dataset}/audit.provenance.json",
    log:
        "results/logs/audit/{dataset}.log",
    benchmark:
        "results/benchmarks/audit/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["neighbours"]
    resources:
        mem_mb=growing(16000),
        runtime=growing(60),
    params:
        content=contents,
        folds=folds,
        recipe=lambda wildcards: DATASETS[wildcards.dataset]["audit"]["grouped"],
        seed=config["seed"],
        threads=config["threads"]["neighbours"],
    message:
        "{wildcards.dataset}: what a random split hides"
    script:
        "../../scripts/audit.py"


rule sweep:
    input:
        metrics=swept("metrics/{recipe}.json"),
        predictions=swept("ensembles/{recipe}/predictions.h5"),
        manifest=lambda wildcards: f"results/{config['sweeps'][wildcards.sweep]['dataset']}/manifest.csv",
        code=sources("sweep"),
    output:
        csv="results/sweeps/{sweep}.csv",
        png="results/sweeps/{sweep}.png",
    log:
        "results/logs/sweep/{sweep}.log",
    benchmark:
        "results/benchmarks/sweep/{sweep}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
        points=lambda wildcards: points(config["sweeps"][wildcards.sweep]["vary"]),
        title=lambda wildcards: "{dataset} {recipe}".format(**config["sweeps"][wildcards.sweep]),
    message:
        "gather the points of the sweep {wildcards.sweep}"
    script:
        "../../scripts/sweep.py"


rule summary:
    input:
        metrics=[f"results/{dataset}/metrics/{recipe}.json" for dataset, recipe in WANTED],
        audits=audits(),
        manifests=[f"results/{dataset}/manifest.csv" for dataset in dict(WANTED)],
        code=sources("summary"),
    output:
        csv=report("results/summary.csv", category="results", caption="../report/summary.rst"),
        html="results/summary.html",
    log:
        "results/logs/summary.log",
    benchmark:
        "results/benchmarks/summary.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        content=contents,
        lecture=lecture(),
        off=[[name, key, RECIPES[key]["skip"]] for name, key in PAIRS if RECIPES[key]["skip"]],
    message:
        "write the results table"
    script:
        "../../scripts/summary.py"
