# Functions that derive inputs and params from a job's wildcards.


def folds(wildcards):
    """Return as param the number of folds that the labelled train images are dealt into."""
    return DATASETS[wildcards.dataset]["split"]["folds"]


def split(wildcards):
    """Return as input the split that a recipe trains and validates by."""
    kind = {"grouped": "split", "random": "split-random"}[recipes.split(RECIPES, wildcards.recipe)]
    return f"results/{wildcards.dataset}/{kind}.csv"


def identity(origin, file):
    """Return as param the identity of a download."""
    return identity_of(config["downloads"][origin][file], config["mirror"], f"{origin}/{file}")


def expected(origin, file):
    """Return as param the expected digests of a download; the stages that read it compare them."""
    return digests.expected(config["downloads"][origin][file])


def images(wildcards):
    """Return as input the folder of a dataset's images; none for a user's own folder.

    A user's folder is a param (`dataset("folder")`). Its name may have braces and its time may be in the future, and
    neither suits an input. Snakemake compares its content as `folder_state`. With results in a bucket it is an input,
    so that the jobs that read it stay on this machine.
    """
    folder = DATASETS[wildcards.dataset]["folder"]
    return own_folder(folder) if folder else f"results/{wildcards.dataset}/images"


def own_folder(folder):
    """Return as input a user's own folder if results are in a bucket, else none; see `images`."""
    if workflow.storage_settings.default_storage_provider is None:
        return []
    if set("{}") & set(folder):
        fail(f"{folder}: its name has braces, which Snakemake fills in if results are in a bucket. Rename the folder.")
    return local(folder)


def weights(wildcards):
    """Return as input the backbone's weights; VGG16's dense layers have a file of their own."""
    trained = RECIPES[wildcards.recipe]["unfreeze_from"] == "dense" if "recipe" in wildcards.keys() else False
    dense = trained or wildcards.get("feature_layer") in DENSE
    return f"resources/vgg16/{BACKBONE['weights_dense' if dense else 'weights']}"


def weights_identity(wildcards):
    """Return as param the identity of the file of the backbone's weights."""
    return identity("vgg16", Path(weights(wildcards)).name)


def weights_expected(wildcards):
    """Return as param the expected digests of the file of the backbone's weights."""
    return expected("vgg16", Path(weights(wildcards)).name)


def training_inputs(wildcards):
    """Return as inputs the HDF5 files that a recipe trains on, ``{published part: path}``.

    Kind from-scratch trains on pixels, other kinds on features.
    """
    entry = RECIPES[wildcards.recipe]
    if entry["kind"] == "from-scratch":
        return pixels(wildcards)
    folder = f"results/{wildcards.dataset}/features/{entry['feature_layer']}"
    return {part: f"{folder}/{part}.h5" for part in datasets.parts(DATASETS[wildcards.dataset])}


def pixels(wildcards):
    """Return as inputs the pixels of the images that a recipe sees, ``{published part: path}``."""
    folder = f"results/{wildcards.dataset}/pixels/{'x'.join(map(str, shape_seen(wildcards)))}"
    return {part: f"{folder}/{part}.h5" for part in datasets.parts(DATASETS[wildcards.dataset])}


def shape_seen(wildcards):
    """Return as param height, width and channels of the images that a recipe sees, itself or through the backbone."""
    entry = RECIPES[wildcards.recipe]
    return entry["pixels"] if entry["kind"] == "from-scratch" else [BACKBONE["size"], BACKBONE["size"], 3]


def members(file):
    """Return an input function for one file of each member of a recipe.

    A recipe that does not train has one file, at the path of the averaged members.
    """

    def files(wildcards):
        if not RECIPES[wildcards.recipe]["schedule"]:
            return [f"{AVERAGED}/{file}".format(**wildcards)]
        return expand(f"{MEMBER}/{file}", **wildcards, member=range(1, RECIPES[wildcards.recipe]["members"] + 1))

    return files


def each_recipe(pattern):
    """Return an input function for the file of a pattern for each recipe that runs on a dataset."""
    return lambda wildcards: [
        pattern.format(dataset=name, recipe=key) for name, key in WANTED if name == wildcards.dataset
    ]


def each_trained(pattern, **fixed):
    """Return an input function like `each_recipe`, for the recipes that train."""
    return lambda wildcards: [
        pattern.format(dataset=name, recipe=key, **fixed)
        for name, key in WANTED
        if name == wildcards.dataset and RECIPES[key]["schedule"]
    ]
