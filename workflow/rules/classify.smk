# Classify new images: snakemake --cores all classify --config classify_images=FOLDER classify_recipe=NAME

if config["classify_images"]:
    NEW = Wildcards(fromdict=new_pictures())
    SCRATCH = RECIPES[NEW.recipe]["kind"] == "from-scratch"

    rule classify:
        input:
            folder=own_folder(config["classify_images"]),
            models=lambda wildcards: members("model.keras")(NEW),
            weights=lambda wildcards: [] if SCRATCH else weights(NEW),
            template=project_file("workflow/report/classify.html"),
            parts=project_file("workflow/report/style.css"),
            code=sources("classify"),
        output:
            csv=f"results/classified/{NEW.dataset}-{NEW.recipe}.csv",
            html=f"results/classified/{NEW.dataset}-{NEW.recipe}.html",
        log:
            "results/logs/classify.log",
        benchmark:
            "results/benchmarks/classify.tsv"
        conda:
            "../envs/headstart.yaml"
        threads: config["threads"]["features"]
        resources:
            **per_attempt(mem_mb=6000, runtime=240),
            gpu=1,
        params:
            content=contents,
            state=lambda wildcards: state(config["classify_images"]),
            feature_layer=None if SCRATCH else NEW.feature_layer,
            shape=lambda wildcards: shape_seen(NEW),
            background=DATASETS[NEW.dataset]["background"],
            classes=DATASETS[NEW.dataset]["classes"],
            mean=RECIPES[NEW.recipe]["mean"],
            precision=BACKBONE["precision"],
            engine=BACKBONE["engine"],
            threads=config["threads"]["features"],
            expected=lambda wildcards: weights_expected(NEW),
            folder=lambda wildcards: config["classify_images"],
            title=lambda wildcards: f"{escaped(config['classify_images'])} by {NEW.dataset} {NEW.recipe}",
        message:
            "classify the pictures in {params.title}"
        script:
            "../../scripts/classify.py"

else:

    rule classify:
        input:
            lambda wildcards: fail(
                "classify_images: no folder to classify (got null). Run snakemake classify --config "
                "classify_images=FOLDER classify_recipe=NAME."
            ),
