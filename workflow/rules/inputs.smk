# What a job is made from, worked out from its wildcards: inputs and params


def fold(wildcards):
    """Param: the fold that a member validates on; None, it trains on all."""
    return recipes.fold(RECIPES[wildcards.recipe], int(wildcards.member), folds(wildcards))


def held_out(kind):
    """Param: the folds of a split, grouped or random, that members of the dataset's recipes validate on.

    A function of threads, so that Snakemake does not compare it (see `non_derived_params`): it decides what is checked
    and not what is made, and one recipe more must not train all others again.
    """

    def found(wildcards, threads):
        sweeps = [entry for entry in config["sweeps"].values() if entry["dataset"] == wildcards.dataset]
        names = [variant(entry["recipe"], point) for entry in sweeps for point in points(entry["vary"])]
        names += DATASETS[wildcards.dataset]["recipes"]
        return recipes.held_out(RECIPES, names, kind, folds(wildcards))

    return found


def folds(wildcards):
    """Param: how many folds the labelled train images are dealt into."""
    return DATASETS[wildcards.dataset]["split"]["folds"]


def split(wildcards):
    """Input: the split that a recipe trains and validates by."""
    kind = {"grouped": "split", "random": "split-random"}[recipes.split(RECIPES, wildcards.recipe)]
    return f"results/{wildcards.dataset}/{kind}.csv"


def identity(origin, file):
    """Param: what makes a download the file that it is."""
    return identity_of(config["downloads"][origin][file], config["mirror"], f"{origin}/{file}")


def identities(wildcards):
    """Param: what the downloads are that a dataset is unpacked from."""
    entry = DATASETS[wildcards.dataset]
    return [] if entry["rendered"] else [identity(wildcards.dataset, file) for file in entry["files"]]


def expected(origin, file):
    """Param: what a download must hold, compared by the stages that read it."""
    return digests.expected(config["downloads"][origin][file])


def archives_expected(wildcards):
    """Param: what the downloads must hold that a dataset is unpacked from; nothing is known of rendered ones."""
    entry = DATASETS[wildcards.dataset]
    return [] if entry["rendered"] else [expected(wildcards.dataset, file) for file in entry["files"]]


def archives(wildcards):
    """Inputs: the files that a dataset is unpacked from, rendered ones where the config says so, else downloads.

    Not ancient, though their age says little: before a job that has to run, Snakemake 9 leaves everything out that hangs
    on it by ancient inputs alone, even what is missing, and ends well.
    """
    entry = DATASETS[wildcards.dataset]
    if entry["rendered"]:
        return [f"results/{wildcards.dataset}/rendered/{file}" for file in entry["files"]]
    return [f"resources/{wildcards.dataset}/{file}" for file in entry["files"]]


def images(wildcards):
    """Input: the folder that a dataset's images are in; none for a user's own, which is a param (`dataset("folder")`).

    Its name may have braces and its time lie ahead, and neither does an input any good. What is in it is compared as
    `folder_state`. Where results are kept in a bucket it is an input, so that the jobs that read it stay here.
    """
    folder = DATASETS[wildcards.dataset]["folder"]
    return own(folder) if folder else f"results/{wildcards.dataset}/images"


def own(folder):
    """Input: a user's own folder, where it has to be one; see `images`."""
    if workflow.storage_settings.default_storage_provider is None:
        return []
    if set("{}") & set(folder):
        fail(f"{folder}: got braces, which Snakemake fills in where results are in a bucket; rename the folder")
    return local(folder)


def folder_state(wildcards):
    """Param: what a user's own folder looks like, so that what is made of it follows when it changes."""
    folder = DATASETS[wildcards.dataset]["folder"]
    return state(folder) if folder else ""


def weights(wildcards):
    """Input: the trunk's weights; VGG16's dense layers are in a file of their own."""
    trained = RECIPES[wildcards.recipe]["depth"] == "dense" if "recipe" in wildcards.keys() else False
    return f"resources/vgg16/{TRUNK['weights_dense' if trained or wildcards.get('cut') in DENSE else 'weights']}"


def weights_identity(wildcards):
    """Param: what the trunk's weights are."""
    return identity("vgg16", Path(weights(wildcards)).name)


def weights_expected(wildcards):
    """Param: what the file of the trunk's weights must hold."""
    return expected("vgg16", Path(weights(wildcards)).name)


def in_shards(pattern):
    """Inputs: the files of a pattern for all shards of a part, or of the train part where the pattern names none."""

    def files(wildcards):
        part = wildcards.get("part", "train")
        with checkpoints.shards.get(dataset=wildcards.dataset, part=part).output[0].open() as table:
            return [pattern.format(**wildcards, shard=shard) for shard in shards.read(table)["shard"]]

    return files


def rows(wildcards):
    """Inputs: the HDF5 files that a recipe trains on, ``{published part: path}``: pixels for digits, else features."""
    entry = RECIPES[wildcards.recipe]
    shape = "x".join(map(str, entry["pixels"]))
    folder = f"pixels/{shape}" if entry["kind"] == "digits" else f"features/{entry['cut']}"
    return {
        part: f"results/{wildcards.dataset}/{folder}/{part}.h5" for part in datasets.parts(DATASETS[wildcards.dataset])
    }


def near(wildcards):
    """Inputs: the features that say which images are neighbours, ``{published part: path}``, where a recipe asks."""
    return rows(wildcards) if max(RECIPES[wildcards.recipe]["refine"]["neighbours"]) > 1 else {}


def unrefined(wildcards):
    """Inputs: the predictions that a recipe refines; of several, their mean."""
    names = recipes.starts(RECIPES[wildcards.recipe])
    return [f"{AVERAGED}/predictions.h5".format(**{**wildcards, "recipe": name}) for name in names]


def augmented_pixels(wildcards):
    """Input: the train pixels, where a fine-tuning recipe augments them."""
    augmented = RECIPES[wildcards.recipe]["augmentation"]
    return TRUNK_PIXELS.format(dataset=wildcards.dataset, part="train") if augmented else []


def start(wildcards):
    """Input: the trained model that a member starts from, that of the same number, if it starts from any."""
    begin = RECIPES[wildcards.recipe]["start"]
    return f"{MEMBER}/model.keras".format(**{**wildcards, "recipe": begin}) if begin else []


def copies(wildcards):
    """Inputs: the features of augmented copies of the training images, where a recipe trains on some."""
    entry = RECIPES[wildcards.recipe]
    folder = f"results/{wildcards.dataset}/features/{entry['cut']}/{wildcards.recipe}"
    return [f"{folder}/copy-{number}.h5" for number in range(1, entry["copies"] + 1)]


def head_memory(wildcards, attempt):
    """Resource: megabytes for a head on all of State Farm; what is solved holds its features a second time, scaled."""
    entry = RECIPES[wildcards.recipe]
    return (8000 + 2500 * entry["copies"]) * (2 if entry["schedule"]["solver"] == "lbfgs" else 1) * attempt


def labels(wildcards):
    """Input: the predictions that give a member's pseudo-labels, those of the member of the same number, if any do."""
    source = (RECIPES[wildcards.recipe]["pseudo"] or {}).get("labels")
    return f"{MEMBER}/predictions.h5".format(**{**wildcards, "recipe": source}) if source else []


def each_member(file):
    """Inputs: one file of each member of a recipe; none of what is not trained."""
    return lambda wildcards: members(file)(wildcards) if RECIPES[wildcards.recipe]["schedule"] else []


def members(file):
    """Inputs: one file of each member of a recipe; what is not trained has one, as if it were averaged."""

    def files(wildcards):
        if not RECIPES[wildcards.recipe]["schedule"]:
            return [f"{AVERAGED}/{file}".format(**wildcards)]
        count = RECIPES[wildcards.recipe]["members"]
        return [f"{MEMBER}/{file}".format(**wildcards, member=member) for member in range(1, count + 1)]

    return files


def each_recipe(pattern):
    """Inputs: the file of a pattern for each recipe that runs on a dataset."""
    return lambda wildcards: [
        pattern.format(dataset=name, recipe=key) for name, key in WANTED if name == wildcards.dataset
    ]


def each_trained(pattern, **fixed):
    """Inputs: the same for those that are trained."""
    return lambda wildcards: [
        pattern.format(dataset=name, recipe=key, **fixed)
        for name, key in WANTED
        if name == wildcards.dataset and RECIPES[key]["schedule"]
    ]


def seen_shape(wildcards):
    """Param: height, width and channels of the pictures that a recipe sees, its own or through the trunk."""
    entry = RECIPES[wildcards.recipe]
    return entry["pixels"] if entry["kind"] == "digits" else [TRUNK["size"], TRUNK["size"], 3]


def seen_through(wildcards):
    """Input: the trunk's weights, where a recipe sees its pictures through it."""
    digits = RECIPES[wildcards.recipe]["kind"] == "digits"
    return [] if digits else f"resources/vgg16/{TRUNK['weights']}"


def seen(wildcards):
    """Inputs: what a recipe's own network sees, as in rows, ``{seen_<published part>: path}``."""
    return {f"seen_{part}": path for part, path in rows(wildcards).items()}


def looked_into(pattern):
    """Input: the file of a pattern for the recipe of a dataset that the report looks into."""
    return lambda wildcards: pattern.format(dataset=wildcards.dataset, recipe=SHOWN[wildcards.dataset])


def previewed(wildcards):
    """Inputs: the previews of augmentations, one for each that recipes of a dataset have on pictures of a shape."""
    found = {}
    for name, key in WANTED:
        if name == wildcards.dataset and RECIPES[key]["augmentation"]:
            kind = (str(RECIPES[key]["augmentation"]), str(seen_shape(SimpleNamespace(recipe=key))))
            found.setdefault(kind, f"results/{name}/preview/{key}.png")
    return list(found.values())


def pictures(wildcards):
    """Inputs: the pixels of the pictures that a recipe sees, ``{published part: path}``."""
    shape = "x".join(map(str, seen_shape(wildcards)))
    return {
        part: f"results/{wildcards.dataset}/pixels/{shape}/{part}.h5"
        for part in datasets.parts(DATASETS[wildcards.dataset])
    }


def new_wildcards():
    """Return the dataset and the recipe that new pictures are classified with, ``{dataset, recipe, cut}``."""
    dataset = next(name for name, key in recipes.usable(DATASETS, RECIPES, config["only"]) if key == config["recipe"])
    return {"dataset": dataset, "recipe": config["recipe"], "cut": RECIPES[config["recipe"]]["cut"]}


def refused(line):
    """Input: none; where it is asked for, the run ends with one line."""
    return lambda wildcards: fail(line)


def audited(name):
    """Input: the averaged predictions of one of the two recipes that an audit compares."""
    return lambda wildcards: (
        f"{AVERAGED}/predictions.h5".format(**wildcards, recipe=DATASETS[wildcards.dataset]["audit"][name])
    )


def swept(pattern):
    """Inputs: the file of a pattern for all points of a sweep."""

    def files(wildcards):
        entry, space = config["sweeps"][wildcards.sweep], SPACES[wildcards.sweep]
        names = [f"{entry['recipe']}-{instance}" for instance in space.instance_patterns]
        return [f"results/{entry['dataset']}/{pattern}".format(recipe=name) for name in names]

    return files
