# From results to figures: curves, augmented copies, mistakes, layers, the lecture's figures.

PREVIEW = "results/{dataset}/preview/{recipe}.png"
EXAMPLES = "results/{dataset}/examples/{recipe}.json"
LAYERS = "results/{dataset}/layers/{recipe}.json"


rule plot_curves:
    input:
        histories=members("history.csv"),
        members=members("predictions.h5"),
        manifest=rules.write_manifest.output[0],
        code=sources("plot_curves"),
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
        "results/logs/plot_curves/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/plot_curves/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=10),
    params:
        content=contents,
    message:
        "{wildcards.dataset}: plot the training curves of {wildcards.recipe}, {output.png}"
    script:
        "../../scripts/plot_curves.py"


rule previews:
    # A target of its own: look at the augmentation before anything trains on it.
    input:
        [PREVIEW.format(dataset=name, recipe=key) for name, key in WANTED if RECIPES[key]["augmentation"]],


rule preview_augmentation:
    input:
        images=images,
        manifest=rules.write_manifest.output[0],
        code=sources("preview_augmentation"),
    output:
        report(
            PREVIEW,
            category="{dataset}",
            subcategory="augmentation",
            labels={"recipe": "{recipe}"},
            caption="../report/preview.rst",
        ),
    log:
        "results/logs/preview_augmentation/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/preview_augmentation/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=2000, runtime=10),
    params:
        content=contents,
        own=dataset("folder"),
        shape=shape_seen,
        background=dataset("background"),
        augmentation=recipe("augmentation"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: draw an image as {wildcards.recipe} trains on it, {output[0]}"
    script:
        "../../scripts/preview_augmentation.py"


rule select_examples:
    input:
        unpack(pixels),
        predictions=f"{AVERAGED}/predictions.h5",
        code=sources("select_examples"),
    output:
        EXAMPLES,
    log:
        "results/logs/select_examples/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/select_examples/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=20),
    params:
        content=contents,
        seed=config["seed"],
    message:
        "{wildcards.dataset}: select pictures that {wildcards.recipe} gets right and wrong"
    script:
        "../../scripts/select_examples.py"


rule visualize_layers:
    input:
        unpack(pixels),
        unpack(network_inputs),
        models=each_member("model.keras"),
        members=members("predictions.h5"),
        examples=rules.select_examples.output[0],
        weights=backbone_weights,
        code=sources("visualize_layers"),
    output:
        LAYERS,
    log:
        "results/logs/visualize_layers/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/visualize_layers/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=4000, runtime=60),
    params:
        content=contents,
        size=BACKBONE["size"],
        seed=config["seed"],
        expected=expected("vgg16", BACKBONE["weights"]),
    message:
        "{wildcards.dataset}: visualize what the layers of {wildcards.recipe} see"
    script:
        "../../scripts/visualize_layers.py"


rule lecture_figures:
    input:
        images=lambda wildcards: images(SAMPLED),
        manifest=f"results/{SAMPLED.dataset}/manifest.csv",
        code=sources("lecture_figures"),
    output:
        **{
            name: report(
                f"results/lecture_figures/{name}.svg", category="the lecture", caption="../report/lecture.rst"
            )
            for name in ("descent", "edges", "matrix", "pooling", "softmax", "vgg16")
        },
        csv="results/lecture_figures/vgg16.csv",
    log:
        "results/logs/lecture_figures.log",
    benchmark:
        "results/benchmarks/lecture_figures.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=3000, runtime=10),
    params:
        content=contents,
        own=lambda wildcards: dataset("folder")(SAMPLED),
        background=lambda wildcards: dataset("background")(SAMPLED),
        seed=config["seed"],
    message:
        "compute and draw the lecture's small systems, results/lecture_figures"
    script:
        "../../scripts/lecture_figures.py"
