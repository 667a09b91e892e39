# The page: a dataset's figures and data, and the report made from them.


localrules:
    write_report,


rule plot_figures:
    input:
        curves=each_trained("results/{dataset}/curves/{recipe}.csv"),
        ensembles=each_recipe(f"{AVERAGED}/predictions.h5"),
        split=rules.split.output[0],
        manifest=rules.write_manifest.output[0],
        code=sources("plot_figures"),
    output:
        **{
            name: report(
                f"results/{{dataset}}/figures/{name}.svg",
                category="{dataset}",
                subcategory="all recipes",
                labels={"figure": name},
                caption=f"../report/{name}.rst",
            )
            for name in ("calibration", "confusion", "learning", "split")
        },
    log:
        "results/logs/plot_figures/{dataset}.log",
    benchmark:
        "results/benchmarks/plot_figures/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=2000, runtime=20),
    params:
        content=contents,
        inspected=lambda wildcards: INSPECTED[wildcards.dataset],
    message:
        "{wildcards.dataset}: plot curves, calibration, confusion and split"
    script:
        "../../scripts/plot_figures.py"


rule collect_report_data:
    input:
        **rules.plot_figures.output,
        metrics=each_recipe("results/{dataset}/metrics/{recipe}.json"),
        ensembles=each_recipe(f"{AVERAGED}/predictions.h5"),
        records=each_recipe("results/{dataset}/metrics/{recipe}.provenance.json"),
        models=each_trained(f"{MEMBER}/model.keras", member=1),
        verdicts=each_trained("results/{dataset}/curves/{recipe}.txt"),
        examples=inspected(EXAMPLES),
        layers=inspected(LAYERS),
        previews=previews,
        manifest=rules.write_manifest.output[0],
        leakage=leakage_checks,
        code=sources("collect_report_data"),
    output:
        "results/{dataset}/report.json",
    log:
        "results/logs/collect_report_data/{dataset}.log",
    benchmark:
        "results/benchmarks/collect_report_data/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=20),
    params:
        content=contents,
        inspected=lambda wildcards: INSPECTED[wildcards.dataset],
        recipes=lambda wildcards: {key: RECIPES[key] for name, key in WANTED if name == wildcards.dataset},
        random=lambda wildcards: [
            key for name, key in WANTED if name == wildcards.dataset and recipes.split(RECIPES, key) == "random"
        ],
        lecture=lambda wildcards: {key: figures for name, key, figures in lecture() if name == wildcards.dataset},
    message:
        "{wildcards.dataset}: collect what the report says of it"
    script:
        "../../scripts/collect_report_data.py"


rule write_report:
    input:
        **rules.lecture_figures.output,
        chapters=[f"results/{dataset}/report.json" for dataset in dict(WANTED)],
        # Ancient: if a rerun changes only the seconds, the page need not be written again.
        records=[
            ancient(f"{MEMBER}/provenance.json".format(dataset=name, recipe=key, member=member))
            for name, key in WANTED
            if RECIPES[key]["schedule"]
            for member in range(1, RECIPES[key]["members"] + 1)
        ],
        template=project_file("workflow/report/index.html"),
        parts=[
            project_file(f"workflow/report/{name}")
            for name in (
                "dataset.html",
                "systems.html",
                "macros.html",
                "style.css",
                "sort.js",
                "frames.js",
                "fold.js",
            )
        ],
        code=sources("write_report"),
    output:
        report("results/report/index.html", category="results", caption="../report/report.rst"),
    log:
        "results/logs/write_report.log",
    benchmark:
        "results/benchmarks/write_report.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        content=contents_but("records"),
    message:
        "write the report, results/report/index.html"
    script:
        "../../scripts/write_report.py"
