# members' predictions → ensemble → refined ones → metrics, submission


rule ensemble:
    input:
        members=members("predictions.h5"),
        code=sources("ensemble"),
    output:
        predictions=f"{AVERAGED}/predictions.h5",
        provenance=f"{AVERAGED}/provenance.json",
    log:
        "results/logs/ensemble/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/ensemble/{dataset}/{recipe}.tsv"
    wildcard_constraints:
        recipe=of_kind("digits", "head", "fine-tune"),
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
        mean=lambda wildcards: RECIPES[wildcards.recipe]["mean"],
    message:
        "{wildcards.dataset}: average the members of {wildcards.recipe}"
    script:
        "../../scripts/ensemble.py"


rule refine:
    input:
        unpack(near),
        predictions=unrefined,
        split=split,
        manifest=rules.manifest.output[0],
        code=sources("refine"),
    output:
        predictions=f"{AVERAGED}/predictions.h5",
        tried=f"{AVERAGED}/tried.csv",
        provenance=f"{AVERAGED}/provenance.json",
    log:
        "results/logs/refine/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/refine/{dataset}/{recipe}.tsv"
    wildcard_constraints:
        recipe=of_kind("refine"),
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["neighbours"]
    resources:
        mem_mb=growing(12000),
        runtime=growing(120),
    params:
        content=contents,
        refine=lambda wildcards: RECIPES[wildcards.recipe]["refine"],
        threads=config["threads"]["neighbours"],
    message:
        "{wildcards.dataset}: refine predictions to {wildcards.recipe}"
    script:
        "../../scripts/refine.py"


rule evaluate:
    input:
        members=members("predictions.h5"),
        ensemble=f"{AVERAGED}/predictions.h5",
        manifest=rules.manifest.output[0],
        code=sources("evaluate"),
    output:
        metrics="results/{dataset}/metrics/{recipe}.json",
        provenance="results/{dataset}/metrics/{recipe}.provenance.json",
        config="results/{dataset}/metrics/{recipe}.config.json",
    log:
        "results/logs/evaluate/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/evaluate/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
        note=note,
    message:
        "{wildcards.dataset}: evaluate {wildcards.recipe}"
    script:
        "../../scripts/evaluate.py"


rule submission:
    input:
        predictions=f"{AVERAGED}/predictions.h5",
        code=sources("submission"),
    output:
        "results/{dataset}/submissions/{recipe}.csv",
        provenance="results/{dataset}/submissions/{recipe}.csv.provenance.json",
    log:
        "results/logs/submission/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/submission/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        content=contents,
        form=dataset("submission"),
    message:
        "{wildcards.dataset}: write the submission of {wildcards.recipe}"
    script:
        "../../scripts/submission.py"
