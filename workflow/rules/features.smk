# From images to features: decode, cut into shards, run the backbone over each shard, join.

SHARDS = "results/{dataset}/shards/{part}.csv"
FEATURES = "results/{dataset}/features/{feature_layer}/{part}/{shard}.h5"
AUGMENTED_FEATURES = "results/{dataset}/features/{feature_layer}/{recipe}/copy-{number}/{shard}.h5"


rule decode_images:
    input:
        images=images,
        manifest=rules.write_manifest.output[0],
        code=sources("decode_images"),
    output:
        "results/{dataset}/pixels/{shape}/{part}.h5",
        provenance="results/{dataset}/pixels/{shape}/{part}.h5.provenance.json",
    log:
        "results/logs/decode_images/{dataset}/{shape}/{part}.log",
    benchmark:
        "results/benchmarks/decode_images/{dataset}/{shape}/{part}.tsv"
    wildcard_constraints:
        shape=r"\d+x\d+x[13]",
    priority: 4  # it needs two threads: run it before longer jobs take one core each
    conda:
        "../envs/headstart.yaml"
    threads: 2
    resources:
        **per_attempt(mem_mb=2000, runtime=120),
    params:
        content=contents,
        own=dataset("folder"),
        background=dataset("background"),
    message:
        "{wildcards.dataset}: decode the {wildcards.part} images to {wildcards.shape}"
    script:
        "../../scripts/decode_images.py"


checkpoint cut_shards:
    input:
        pixels=BACKBONE_PIXELS,
        code=sources("cut_shards"),
    output:
        SHARDS,
        provenance=f"{SHARDS}.provenance.json",
    log:
        "results/logs/cut_shards/{dataset}/{part}.log",
    benchmark:
        "results/benchmarks/cut_shards/{dataset}/{part}.tsv"
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=60),
    params:
        content=contents,
        size=BACKBONE["shard"],
    message:
        "{wildcards.dataset}: cut the {wildcards.part} images into shards"
    script:
        "../../scripts/cut_shards.py"


rule extract_features:
    input:
        # Ancient: a shard's name is the digest of its pixels.
        pixels=ancient(BACKBONE_PIXELS),
        table=ancient(SHARDS),
        weights=weights,
        code=sources("extract_features"),
    output:
        FEATURES,
        provenance=f"{FEATURES}.provenance.json",
    log:
        "results/logs/extract_features/{dataset}/{feature_layer}/{part}/{shard}.log",
    benchmark:
        "results/benchmarks/extract_features/{dataset}/{feature_layer}/{part}/{shard}.tsv"
    priority: 2  # features, heads, fine-tuning: the longest chain goes first
    conda:
        "../envs/headstart.yaml"
    threads: config["threads"]["features"]
    resources:
        **per_attempt(mem_mb=2500, runtime=10 + BACKBONE["shard"] // 100),  # 1.7 images a second, a third of a core's rate
        gpu=1,
    params:
        content=contents_but("pixels", "table"),
        batch=BACKBONE["batch_size"],
        precision=BACKBONE["precision"],
        engine=BACKBONE["engine"],
        size=BACKBONE["size"],
        threads=config["threads"]["features"],
        weights=weights_identity,
        expected=weights_expected,
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.feature_layer} over the {wildcards.part} images, shard {wildcards.shard}"
    script:
        "../../scripts/extract_features.py"


use rule extract_features as extract_augmented_features with:
    input:
        pixels=ancient(BACKBONE_PIXELS.replace("{part}", "train")),
        table=ancient(SHARDS.replace("{part}", "train")),
        weights=weights,
        code=sources("extract_features"),
    output:
        AUGMENTED_FEATURES,
        provenance=f"{AUGMENTED_FEATURES}.provenance.json",
    log:
        "results/logs/extract_features/{dataset}/{feature_layer}/{recipe}/copy-{number}/{shard}.log",
    benchmark:
        "results/benchmarks/extract_features/{dataset}/{feature_layer}/{recipe}/copy-{number}/{shard}.tsv"
    params:
        augmentation=recipe("augmentation"),
        seed=config["seed"],
    message:
        "{wildcards.dataset}: run VGG16 to {wildcards.feature_layer} over augmented copy {wildcards.number} for {wildcards.recipe}, shard {wildcards.shard}"


rule join_features:
    input:
        pixels=BACKBONE_PIXELS,
        parts=in_shards(FEATURES),
        code=sources("join_features"),
    output:
        "results/{dataset}/features/{feature_layer}/{part}.h5",
        provenance="results/{dataset}/features/{feature_layer}/{part}.h5.provenance.json",
    log:
        "results/logs/join_features/{dataset}/{feature_layer}/{part}.log",
    benchmark:
        "results/benchmarks/join_features/{dataset}/{feature_layer}/{part}.tsv"
    priority: 2
    conda:
        "../envs/headstart.yaml"
    resources:
        **per_attempt(mem_mb=1000, runtime=60),
    params:
        content=contents,
        # From a bucket, a job gets its own inputs alone, not the parts that a joined file refers to.
        copied=workflow.storage_settings.default_storage_provider is not None,
    message:
        "{wildcards.dataset}: join the shards of the {wildcards.part} features at {wildcards.feature_layer}"
    script:
        "../../scripts/join_features.py"


use rule join_features as join_augmented_features with:
    input:
        pixels=BACKBONE_PIXELS.replace("{part}", "train"),
        parts=in_shards(AUGMENTED_FEATURES),
        code=sources("join_features"),
    output:
        "results/{dataset}/features/{feature_layer}/{recipe}/copy-{number}.h5",
        provenance="results/{dataset}/features/{feature_layer}/{recipe}/copy-{number}.h5.provenance.json",
    log:
        "results/logs/join_features/{dataset}/{feature_layer}/{recipe}/copy-{number}.log",
    benchmark:
        "results/benchmarks/join_features/{dataset}/{feature_layer}/{recipe}/copy-{number}.tsv"
    message:
        "{wildcards.dataset}: join the shards of augmented copy {wildcards.number} for {wildcards.recipe}"
