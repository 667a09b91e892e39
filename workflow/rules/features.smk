# images → pixels of one shape → shards of them → the trunk's activations at a cut, shard by shard → one HDF5 view of all

SHARDS = "results/{dataset}/shards/{part}.csv"
FEATURES = "results/{dataset}/features/{cut}/{part}/{shard}.h5"
AUGMENTED_FEATURES = "results/{dataset}/features/{cut}/{recipe}/copy-{number}/{shard}.h5"


rule pixels:
    input:
        images=images,
        manifest=rules.manifest.output[0],
        code=sources("pixels"),
    output:
        "results/{dataset}/pixels/{shape}/{part}.h5",
        provenance="results/{dataset}/pixels/{shape}/{part}.h5.provenance.json",
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
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        content=contents,
        own=dataset("folder"),
        background=dataset("background"),
    message:
        "{wildcards.dataset}: decode the {wildcards.part} images to {wildcards.shape}"
    script:
        "../../scripts/pixels.py"


checkpoint shards:
    input:
        pixels=TRUNK_PIXELS,
        code=sources("shards"),
    output:
        SHARDS,
        provenance=f"{SHARDS}.provenance.json",
    log:
        "results/logs/shards/{dataset}/{part}.log",
    benchmark:
        "results/benchmarks/shards/{dataset}/{part}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
    params:
        content=contents,
        size=TRUNK["shard"],
    message:
        "{wildcards.dataset}: cut the {wildcards.part} images into shards"
    script:
        "../../scripts/shards.py"


rule features:
    input:
        # Ancient: a shard's name is the digest of its pixels.
        pixels=ancient(TRUNK_PIXELS),
        table=ancient(SHARDS),
        weights=weights,
        code=sources("features"),
    output:
        FEATURES,
        provenance=f"{FEATURES}.provenance.json",
    log:
        "results/logs/features/{dataset}/{cut}/{part}/{shard}.log",
    benchmark:
        "results/benchmarks/features/{dataset}/{cut}/{part}/{shard}.tsv"
    priority: 2  # features, heads, fine-tuning: the longest chain goes first
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["features"]
    resources:
        gpu=1,
        mem_mb=growing(4000),
        runtime=growing(10 + TRUNK["shard"] // 100),  # 1.7 images a second, a third of one core's rate
    params:
        content=contents_but("pixels", "table"),
        batch=TRUNK["batch"],
        precision=TRUNK["precision"],
        size=TRUNK["size"],
        threads=config["threads"]["features"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.cut} over the {wildcards.part} images, shard {wildcards.shard}"
    script:
        "../../scripts/features.py"


use rule features as augmented_features with:
    input:
        pixels=ancient(TRUNK_PIXELS.replace("{part}", "train")),
        table=ancient(SHARDS.replace("{part}", "train")),
        weights=weights,
        code=sources("features"),
    output:
        AUGMENTED_FEATURES,
        provenance=f"{AUGMENTED_FEATURES}.provenance.json",
    log:
        "results/logs/features/{dataset}/{cut}/{recipe}/copy-{number}/{shard}.log",
    benchmark:
        "results/benchmarks/features/{dataset}/{cut}/{recipe}/copy-{number}/{shard}.tsv"
    params:
        augmentation=lambda wildcards: RECIPES[wildcards.recipe]["augmentation"],
        batch=TRUNK["batch"],
        precision=TRUNK["precision"],
        seed=config["seed"],
        size=TRUNK["size"],
        threads=config["threads"]["features"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.cut} over augmented copy {wildcards.number} for {wildcards.recipe}, shard {wildcards.shard}"


rule join:
    input:
        pixels=TRUNK_PIXELS,
        parts=in_shards(FEATURES),
        code=sources("join"),
    output:
        "results/{dataset}/features/{cut}/{part}.h5",
        provenance="results/{dataset}/features/{cut}/{part}.h5.provenance.json",
    log:
        "results/logs/join/{dataset}/{cut}/{part}.log",
    benchmark:
        "results/benchmarks/join/{dataset}/{cut}/{part}.tsv"
    priority: 2
    conda:
        "../envs/headstart.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
    params:
        content=contents,
        # From a bucket a job gets its own inputs alone, not what they are a view of.
        copied=workflow.storage_settings.default_storage_provider is not None,
    message:
        "{wildcards.dataset}: join the shards of the {wildcards.part} features at {wildcards.cut}"
    script:
        "../../scripts/join.py"


use rule join as augmented_join with:
    input:
        pixels=TRUNK_PIXELS.replace("{part}", "train"),
        parts=in_shards(AUGMENTED_FEATURES),
        code=sources("join"),
    output:
        "results/{dataset}/features/{cut}/{recipe}/copy-{number}.h5",
        provenance="results/{dataset}/features/{cut}/{recipe}/copy-{number}.h5.provenance.json",
    log:
        "results/logs/join/{dataset}/{cut}/{recipe}/copy-{number}.log",
    benchmark:
        "results/benchmarks/join/{dataset}/{cut}/{recipe}/copy-{number}.tsv"
    message:
        "{wildcards.dataset}: join the shards of augmented copy {wildcards.number} for {wildcards.recipe}"
