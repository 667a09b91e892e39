# From members' predictions to numbers: average, postprocess, evaluate, compare, submit, one table.


localrules:
    write_summary,


rule average_members:
    input:
        members=members("predictions.h5"),
        code=sources("average_members"),
    output:
        predictions=f"{AVERAGED}/predictions.h5",
        provenance=f"{AVERAGED}/provenance.json",
    log:
        "results/logs/average_members/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/average_members/{dataset}/{recipe}.tsv"
    wildcard_constraints:
        recipe=of_kind("from-scratch", "head", "fine-tune"),
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=10),
    params:
        content=contents,
        mean=recipe("mean"),
    message:
        "{wildcards.dataset}: average the members of {wildcards.recipe}"
    script:
        "../../scripts/average_members.py"


rule postprocess:
    input:
        unpack(neighbour_features),
        predictions=base_predictions,
        split=split,
        manifest=rules.write_manifest.output[0],
        code=sources("postprocess"),
    output:
        predictions=f"{AVERAGED}/predictions.h5",
        tried=f"{AVERAGED}/tried.csv",
        provenance=f"{AVERAGED}/provenance.json",
    log:
        "results/logs/postprocess/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/postprocess/{dataset}/{recipe}.tsv"
    wildcard_constraints:
        recipe=of_kind("postprocess"),
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["neighbours"]
    resources:
        **per_attempt(mem_mb=3000, runtime=120),
    params:
        content=contents,
        settings=recipe("postprocess"),
        threads=config["threads"]["neighbours"],
    message:
        "{wildcards.dataset}: postprocess predictions to {wildcards.recipe}"
    script:
        "../../scripts/postprocess.py"


rule evaluate:
    input:
        members=members("predictions.h5"),
        ensemble=f"{AVERAGED}/predictions.h5",
        manifest=rules.write_manifest.output[0],
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
        **per_attempt(mem_mb=1000, runtime=10),
    params:
        content=contents,
        note=lambda wildcards: datasets.note(DATASETS[wildcards.dataset]),
    message:
        "{wildcards.dataset}: evaluate {wildcards.recipe}, {output.metrics}"
    script:
        "../../scripts/evaluate.py"


rule write_submission:
    input:
        predictions=f"{AVERAGED}/predictions.h5",
        code=sources("write_submission"),
    output:
        "results/{dataset}/submissions/{recipe}.csv",
        provenance="results/{dataset}/submissions/{recipe}.csv.provenance.json",
    log:
        "results/logs/write_submission/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/write_submission/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=10),
    params:
        content=contents,
        form=dataset("submission"),
    message:
        "{wildcards.dataset}: write the submission of {wildcards.recipe}, {output[0]}"
    script:
        "../../scripts/write_submission.py"


rule check_leakage:
    input:
        random=compared("random"),
        grouped=compared("grouped"),
        features="results/{dataset}/features/block5_pool/train.h5",
        manifest=rules.write_manifest.output[0],
        code=sources("check_leakage"),
    output:
        "results/{dataset}/leakage.json",
        provenance="results/{dataset}/leakage.provenance.json",
    log:
        "results/logs/check_leakage/{dataset}.log",
    benchmark:
        "results/benchmarks/check_leakage/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["neighbours"]
    resources:
        **per_attempt(mem_mb=3000, runtime=60),
    params:
        content=contents,
        folds=folds,
        recipe=dataset("leakage_check", "grouped"),
        seed=config["seed"],
        threads=config["threads"]["neighbours"],
    message:
        "{wildcards.dataset}: check what a random split hides, {output[0]}"
    script:
        "../../scripts/check_leakage.py"


rule compare_sweep:
    input:
        metrics=swept("metrics/{recipe}.json"),
        predictions=swept("ensembles/{recipe}/predictions.h5"),
        manifest=lambda wildcards: f"results/{config['sweeps'][wildcards.sweep]['dataset']}/manifest.csv",
        code=sources("compare_sweep"),
    output:
        csv="results/sweeps/{sweep}.csv",
        png="results/sweeps/{sweep}.png",
    log:
        "results/logs/compare_sweep/{sweep}.log",
    benchmark:
        "results/benchmarks/compare_sweep/{sweep}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=10),
    params:
        content=contents,
        points=lambda wildcards: points(config["sweeps"][wildcards.sweep]["grid"]),
        title=lambda wildcards: "{dataset} {recipe}".format(**config["sweeps"][wildcards.sweep]),
    message:
        "compare the points of the sweep {wildcards.sweep}, {output.csv}"
    script:
        "../../scripts/compare_sweep.py"


rule write_summary:
    input:
        metrics=[f"results/{dataset}/metrics/{recipe}.json" for dataset, recipe in WANTED],
        audits=leakage_checks,
        manifests=[f"results/{dataset}/manifest.csv" for dataset in dict(WANTED)],
        code=sources("write_summary"),
    output:
        csv=report("results/summary.csv", category="results", caption="../report/summary.rst"),
        html="results/summary.html",
    log:
        "results/logs/write_summary.log",
    benchmark:
        "results/benchmarks/write_summary.tsv"
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
        "write the results table, {output.html}"
    script:
        "../../scripts/write_summary.py"
