# how training went → a picture per recipe; everything measured → one table


localrules:
    summary,


rule curves:
    input:
        histories=members("history.csv"),
        split=split,
        code=sources("curves"),
    output:
        csv="results/{dataset}/curves/{recipe}.csv",
        png="results/{dataset}/curves/{recipe}.png",
    log:
        "results/logs/curves/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/curves/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        classes=dataset("classes"),
        validated=validated,
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
    log:
        "results/logs/audit/{dataset}.log",
    benchmark:
        "results/benchmarks/audit/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=16000,
        runtime=60,
    message:
        "{wildcards.dataset}: what a random split hides"
    script:
        "../../scripts/audit.py"


rule summary:
    input:
        metrics=[f"results/{dataset}/metrics/{recipe}.json" for dataset, recipe in WANTED],
        audits=audits(),
        code=sources("summary"),
    output:
        csv="results/summary.csv",
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
        lecture=lecture(),
        off=[[name, key, RECIPES[key]["skip"]] for name, key in PAIRS if RECIPES[key]["skip"]],
    message:
        "write the results table"
    script:
        "../../scripts/summary.py"
