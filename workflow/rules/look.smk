# what there is to look at: copies before training, mistakes, layers, the lecture's small systems → one page

PREVIEW = "results/{dataset}/preview/{recipe}.png"


localrules:
    report,


rule previews:
    # A target of its own: look at the augmentation before anything trains on it.
    input:
        [PREVIEW.format(dataset=name, recipe=key) for name, key in WANTED if RECIPES[key]["augmentation"]],


rule preview:
    input:
        images=images,
        manifest=rules.manifest.output[0],
        code=sources("preview"),
    output:
        report(
            PREVIEW,
            category="{dataset}",
            subcategory="augmentation",
            labels={"recipe": "{recipe}"},
            caption="../report/preview.rst",
        ),
    log:
        "results/logs/preview/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/preview/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        content=contents,
        own=dataset("folder"),
        shape=seen_shape,
        background=dataset("background"),
        augmentation=lambda wildcards: RECIPES[wildcards.recipe]["augmentation"],
        seed=config["seed"],
    message:
        "{wildcards.dataset}: eight augmented copies of an image, as {wildcards.recipe} trains on them"
    script:
        "../../scripts/preview.py"


rule layers:
    input:
        unpack(pictures),
        unpack(seen),
        models=each_member("model.keras"),
        members=members("predictions.h5"),
        gallery="results/{dataset}/gallery/{recipe}.json",
        weights=seen_through,
        code=sources("layers"),
    output:
        "results/{dataset}/layers/{recipe}.json",
    log:
        "results/logs/layers/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/layers/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(6000),
        runtime=growing(60),
    params:
        content=contents,
        size=TRUNK["size"],
        seed=config["seed"],
        expected=expected("vgg16", TRUNK["weights"]),
    message:
        "{wildcards.dataset}: what the layers of {wildcards.recipe} see"
    script:
        "../../scripts/layers.py"


rule systems:
    input:
        images=lambda wildcards: images(SAMPLED),
        manifest=f"results/{SAMPLED.dataset}/manifest.csv",
        code=sources("systems"),
    output:
        **{
            name: report(f"results/systems/{name}.svg", category="the lecture", caption="../report/systems.rst")
            for name in ("descent", "edges", "matrix", "pooling", "softmax", "vgg16")
        },
        csv="results/systems/vgg16.csv",
    log:
        "results/logs/systems.log",
    benchmark:
        "results/benchmarks/systems.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(10),
    params:
        content=contents,
        own=lambda wildcards: dataset("folder")(SAMPLED),
        background=lambda wildcards: dataset("background")(SAMPLED),
        seed=config["seed"],
    message:
        "compute the lecture's small systems"
    script:
        "../../scripts/systems.py"


rule figures:
    input:
        curves=each_trained("results/{dataset}/curves/{recipe}.csv"),
        ensembles=each_recipe(f"{AVERAGED}/predictions.h5"),
        split=rules.split.output[0],
        manifest=rules.manifest.output[0],
        code=sources("figures"),
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
        "results/logs/figures/{dataset}.log",
    benchmark:
        "results/benchmarks/figures/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        content=contents,
        show=lambda wildcards: SHOWN[wildcards.dataset],
    message:
        "{wildcards.dataset}: draw curves, calibration, confusion and split"
    script:
        "../../scripts/figures.py"


rule gallery:
    input:
        unpack(pictures),
        predictions=f"{AVERAGED}/predictions.h5",
        code=sources("gallery"),
    output:
        "results/{dataset}/gallery/{recipe}.json",
    log:
        "results/logs/gallery/{dataset}/{recipe}.log",
    benchmark:
        "results/benchmarks/gallery/{dataset}/{recipe}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(20),
    params:
        content=contents,
        seed=config["seed"],
    message:
        "{wildcards.dataset}: pictures that {wildcards.recipe} gets right and wrong"
    script:
        "../../scripts/gallery.py"


rule chapter:
    input:
        **rules.figures.output,
        metrics=each_recipe("results/{dataset}/metrics/{recipe}.json"),
        ensembles=each_recipe(f"{AVERAGED}/predictions.h5"),
        records=each_recipe("results/{dataset}/metrics/{recipe}.provenance.json"),
        models=each_trained(f"{MEMBER}/model.keras", member=1),
        verdicts=each_trained("results/{dataset}/curves/{recipe}.txt"),
        gallery=looked_into("results/{dataset}/gallery/{recipe}.json"),
        layers=looked_into("results/{dataset}/layers/{recipe}.json"),
        previews=previewed,
        manifest=rules.manifest.output[0],
        audit=lambda wildcards: [path for path in audits() if path.split("/")[1] == wildcards.dataset],
        code=sources("chapter"),
    output:
        "results/{dataset}/chapter.json",
    log:
        "results/logs/chapter/{dataset}.log",
    benchmark:
        "results/benchmarks/chapter/{dataset}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(20),
    params:
        content=contents,
        show=lambda wildcards: SHOWN[wildcards.dataset],
        recipes=lambda wildcards: {key: RECIPES[key] for name, key in WANTED if name == wildcards.dataset},
        random=lambda wildcards: [
            key for name, key in WANTED if name == wildcards.dataset and recipes.split(RECIPES, key) == "random"
        ],
        lecture=lambda wildcards: {key: figures for name, key, figures in lecture() if name == wildcards.dataset},
    message:
        "{wildcards.dataset}: gather what the report says of it"
    script:
        "../../scripts/chapter.py"


rule report:
    input:
        **rules.systems.output,
        chapters=[f"results/{dataset}/chapter.json" for dataset in dict(WANTED)],
        # Ancient: where the same was made again, other seconds are no reason to write the page anew.
        records=[
            ancient(f"{MEMBER}/provenance.json".format(dataset=name, recipe=key, member=member))
            for name, key in WANTED
            if RECIPES[key]["schedule"]
            for member in range(1, RECIPES[key]["members"] + 1)
        ],
        template=project_file("workflow/report/index.html"),
        parts=[project_file(f"workflow/report/{name}") for name in ("style.css", "sort.js", "frames.js")],
        code=sources("report"),
    output:
        report("results/report/index.html", category="results", caption="../report/report.rst"),
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
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
        "../../scripts/report.py"


if config["images"]:
    NEW = Wildcards(fromdict=new_wildcards())

    rule classify:
        # snakemake --cores all classify --config images=FOLDER recipe=NAME
        input:
            folder=own(config["images"]),
            models=lambda wildcards: members("model.keras")(NEW),
            weights=lambda wildcards: [] if RECIPES[NEW.recipe]["kind"] == "digits" else weights(NEW),
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
            gpu=1,
            mem_mb=growing(8000),
            runtime=growing(240),
        params:
            content=contents,
            state=lambda wildcards: state(config["images"]),
            cut=lambda wildcards: None if RECIPES[NEW.recipe]["kind"] == "digits" else RECIPES[NEW.recipe]["cut"],
            shape=lambda wildcards: seen_shape(NEW),
            background=lambda wildcards: dataset("background")(NEW),
            classes=lambda wildcards: DATASETS[NEW.dataset]["classes"],
            mean=lambda wildcards: RECIPES[NEW.recipe]["mean"],
            precision=TRUNK["precision"],
            threads=config["threads"]["features"],
            expected=lambda wildcards: weights_expected(NEW),
            folder=lambda wildcards: config["images"],
            title=lambda wildcards: f"{escaped(config['images'])} by {NEW.dataset} {NEW.recipe}",
        message:
            "classify the pictures in {params.title}"
        script:
            "../../scripts/classify.py"

else:

    rule classify:
        input:
            refused("images: got null, expected a folder: snakemake classify --config images=FOLDER recipe=NAME"),
