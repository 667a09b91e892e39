# members' predictions → ensemble → metrics, submission


rule ensemble:
    input:
        members=members("predictions.h5"),
        code=sources("ensemble"),
    output:
        "results/{dataset}/ensembles/{recipe}/predictions.h5",
    log:
        "results/logs/ensemble/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/ensemble/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        mean=lambda wildcards: RECIPES[wildcards.recipe]["mean"],
    message:
        "{wildcards.dataset}: average the members of {wildcards.recipe}"
    script:
        "../../scripts/ensemble.py"


rule evaluate:
    input:
        members=members("predictions.h5"),
        ensemble=rules.ensemble.output[0],
        code=sources("evaluate"),
    output:
        "results/{dataset}/metrics/{recipe}.json",
    log:
        "results/logs/evaluate/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/evaluate/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        note=note,
    message:
        "{wildcards.dataset}: evaluate {wildcards.recipe}"
    script:
        "../../scripts/evaluate.py"


rule submission:
    input:
        predictions=rules.ensemble.output[0],
        code=sources("submission"),
    output:
        "results/{dataset}/submissions/{recipe}.csv",
    log:
        "results/logs/submission/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/submission/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        form=dataset("submission"),
    message:
        "{wildcards.dataset}: write the submission of {wildcards.recipe}"
    script:
        "../../scripts/submission.py"
