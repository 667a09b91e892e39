# everything measured → one table


localrules:
    summary,


rule summary:
    input:
        metrics=[f"results/{dataset}/metrics/{recipe}.json" for dataset, recipe in WANTED],
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
        lecture={name: entry["lecture"] for name, entry in DATASETS.items()},
        off=[[name, key, RECIPES[key]["skip"]] for name, key in PAIRS if RECIPES[key]["skip"]],
    message:
        "write the results table"
    script:
        "../../scripts/summary.py"
