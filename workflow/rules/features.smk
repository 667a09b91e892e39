# images → pixels of one shape → the trunk's activations at a cut, each one HDF5 file per dataset and published part


rule pixels:
    input:
        images=images,
        manifest=rules.manifest.output[0],
        code=sources("pixels"),
    output:
        "results/{dataset}/pixels/{shape}/{part}.h5",
    log:
        "results/logs/pixels/{dataset}/{shape}/{part}.log",
    benchmark:
        "results/benchmarks/pixels/{dataset}/{shape}/{part}.tsv"
    wildcard_constraints:
        shape=r"\d+x\d+x[13]",
    priority: 4  # on two threads: before longer jobs of one thread take a core each
    conda:
        "../envs/headstart.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=120,
    message:
        "{wildcards.dataset}: decode the {wildcards.part} images to {wildcards.shape}"
    script:
        "../../scripts/pixels.py"


rule features:
    input:
        pixels=f"results/{{dataset}}/pixels/{TRUNK['size']}x{TRUNK['size']}x3/{{part}}.h5",
        weights=weights,
        code=sources("features"),
    output:
        "results/{dataset}/features/{cut}/{part}.h5",
    log:
        "results/logs/features/{dataset}/{cut}/{part}.log",
    benchmark:
        "results/benchmarks/features/{dataset}/{cut}/{part}.tsv"
    priority: 2  # features, heads, fine-tuning: the longest chain goes first
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["features"]
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=720,
    params:
        batch=TRUNK["batch"],
        precision=TRUNK["precision"],
        size=TRUNK["size"],
        threads=config["threads"]["features"],
        weights=weights_identity,
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.cut} over the {wildcards.part} images"
    script:
        "../../scripts/features.py"


use rule features as augmented_features with:
    input:
        pixels=f"results/{{dataset}}/pixels/{TRUNK['size']}x{TRUNK['size']}x3/train.h5",
        weights=weights,
        code=sources("features"),
    output:
        "results/{dataset}/features/{cut}/{recipe}/copy-{number}.h5",
    log:
        "results/logs/features/{dataset}/{cut}/{recipe}/copy-{number}.log",
    benchmark:
        "results/benchmarks/features/{dataset}/{cut}/{recipe}/copy-{number}.tsv"
    wildcard_constraints:
        number=r"\d+",
    params:
        augmentation=lambda wildcards: RECIPES[wildcards.recipe]["augmentation"],
        batch=TRUNK["batch"],
        precision=TRUNK["precision"],
        seed=config["seed"],
        size=TRUNK["size"],
        threads=config["threads"]["features"],
        weights=weights_identity,
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.cut} over augmented copy {wildcards.number} for {wildcards.recipe}"
