"""Wrong configs: the smallest that can work (`small_config`), changed in one place, and what is said of it.

Each is ``(path of the change, value, part of the line that refuses it)``.
"""

from small_config import LECTURE, MISSING

NEAR = {"postprocess": {"neighbours": [1, 5]}}
SOLVED = {"kind": "head", "network": {"l2": 0.1}, "schedule": {"solver": "lbfgs", "max_iter": 9}}

KEYS = [
    ("datasets/pets/lecture", {"head": {}}, "datasets.pets.lecture.head: got {}, expected 1 or more keys"),
    ("sed", 1, "unknown key sed. Did you mean seed? Expected one of backbone, classify_images,"),
    (
        "recipes/head/schedule/epoch",
        3,
        "unknown key recipes.head.schedule.epoch. Did you mean epochs? Expected one of",
    ),
    ("recipes/head/network/droput", 0.5, "unknown key recipes.head.network.droput. Did you mean dropout?"),
    ("datasets/pets/path_patterns/trian", [], "unknown key datasets.pets.path_patterns.trian. Did you mean train?"),
    (
        "datasets/pets/zzz",
        1,
        "unknown key datasets.pets.zzz. Expected one of background, classes, exclude, files,",
    ),
    ("seed", MISSING, "top level: the key seed is missing"),
    ("recipes/head/kind", MISSING, "recipes.head: the key kind is missing"),
    (
        "datasets/pets/path_patterns",
        {"test": [r"(?P<id>\d+)"]},
        "datasets.pets.path_patterns: the key train is missing",
    ),
    ("recipes/head/schedule", None, "recipes.head: the key schedule is missing"),
    ("recipes/head/pseudo_labels", {"ratio": 1}, "recipes.head.pseudo_labels: the key labels is missing"),
]
TYPES = [
    (
        "datasets/pets/path_patterns",
        {"train": "folders"},
        "pets.path_patterns.train: got 'folders', expected text that matches",
    ),
    ("datasets/pets/other_classes", "ignore", "other_classes: got 'ignore', expected one of error, leave_out"),
    ("datasets/pets/unlabelled", True, "datasets.pets.unlabelled: got True, expected one of error, leave_out"),
    ("recipes/head/network/pooling", "mean", "recipes.head.network.pooling: got 'mean', expected text that matches"),
    ("recipes/head/network/pooling", ["mean"], "network.pooling.0: got 'mean', expected one of max, strided, none"),
    ("mirror", [5], "mirror: got [5], expected string or null"),
    ("recipes/head/schedule/epochs", "ten", "recipes.head.schedule.epochs: got 'ten', expected integer"),
    ("recipes/head/schedule/epochs", True, "recipes.head.schedule.epochs: got True, expected integer"),
    ("recipes/head/augmentation/flip", 1, "recipes.head.augmentation.flip: got 1, expected boolean"),
    ("recipes/head/schedule/epochs", 2.0, "recipes.head.schedule.epochs: got 2.0, expected integer"),
    ("recipes/head/schedule/learning_rate", float("nan"), "schedule.learning_rate: got nan, expected number"),
    ("datasets/pets/classes", [True, False], "datasets.pets.classes.0: got True, expected string"),  # [yes, no] in YAML
    ("datasets/pets/max_unreadable", "few", "datasets.pets.max_unreadable: got 'few', expected number"),
    ("datasets/pets/recipes", "head", "datasets.pets.recipes: got 'head', expected array"),
    ("recipes/head", None, "recipes.head: got None, expected object"),
]
RANGES = [
    ("datasets/pets/max_unreadable", 1.1, "datasets.pets.max_unreadable: got 1.1, expected 1 or less"),
    ("seed", -1, "seed: got -1, expected 0 or more"),
    ("recipes/head/schedule/epochs", 0, "recipes.head.schedule.epochs: got 0, expected 1 or more"),
    (
        "recipes/head/schedule/learning_rate",
        -0.1,
        "head.schedule.learning_rate: got -0.1, expected more than 0",
    ),
    (
        "recipes/head/schedule/learning_rate",
        0,
        "recipes.head.schedule.learning_rate: got 0, expected more than 0",
    ),
    ("recipes/head/network/dropout", 1, "recipes.head.network.dropout: got 1, expected less than 1"),
    ("recipes/head/network/dense", [8, 0], "recipes.head.network.dense.1: got 0, expected 1 or more"),
    ("recipes/head/pixels", [28, 28], "recipes.head.pixels: expected 3 or more items, got 2"),
    ("recipes/head/members", 0, "recipes.head.members: got 0, expected 1 or more"),
    ("datasets/pets/classes", ["cat"], "datasets.pets.classes: expected 2 or more items, got 1"),
    ("datasets/pets/split/folds", 1, "datasets.pets.split.folds: got 1, expected 2 or more"),
    ("datasets/pets/limit/train", 0, "datasets.pets.limit.train: got 0, expected 1 or more"),
    ("datasets/pets/submission/clip", [0.5, 2], "datasets.pets.submission.clip.1: got 2, expected 1 or less"),
    ("backbone/size", 16, "backbone.size: got 16, expected 32 or more"),
    (
        "recipes/head/lecture_schedule",
        {"batch_size": 2, "piecewise": []},
        "lecture_schedule.piecewise: expected 1 or more items, got 0",
    ),
    (
        "recipes/head/lecture_schedule",
        {"batch_size": 2, "piecewise": [[0, 0.1]]},
        "piecewise.0.0: got 0, expected 1 or more",
    ),
    (
        "recipes/head/lecture_schedule",
        {"batch_size": 2, "piecewise": [[1, 0.0]]},
        "piecewise.0.1: got 0.0, expected more than 0",
    ),
    ("recipes/head/surgery/dropout", 1, "recipes.head.surgery.dropout: got 1, expected less than 1"),
    ("recipes/head/network", {"l2": 1e308}, "recipes.head.network.l2: got 1e+308, expected 1000 or less"),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head", "postprocess": {"neighbours": [0]}},
        "recipes.r.postprocess.neighbours.0: got 0, expected 1 or more",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": []},
        "recipes.r.predictions_from: expected 1 or more items, got 0",
    ),
]
NAMES = [
    ("recipes/head/kind", "haed", "recipes.head.kind: got 'haed', expected one of from-scratch, head, fine-tune"),
    (
        "recipes/head/schedule/decay",
        "linear",
        "schedule.decay: got 'linear', expected one of constant, cosine",
    ),
    (
        "recipes/head/feature_layer",
        "block6_pool",
        "recipes.head.feature_layer: got 'block6_pool', expected one of block1_pool,",
    ),
    (
        "recipes/tuned/init_from",
        "nobody",
        "recipes.tuned.init_from: not another recipe of kind head on block5_pool (got 'nobody'). Expected one of head.",
    ),
    (
        "recipes/head/feature_layer",
        "block4_pool",
        "recipes.tuned.init_from: not another recipe of kind head on block5_pool (got 'head'). There is none: add one.",
    ),
    (
        "datasets/pets/recipes",
        ["haed"],
        "datasets.pets.recipes: no such recipe (got 'haed'). Expected one of head, tuned.",
    ),
    (
        "datasets/pets/files",
        ["cats.zip"],
        "datasets.pets.files: not a file under downloads.pets (got 'cats.zip'). Expected one of pets.zip.",
    ),
    (
        "datasets/pets/submission/clip",
        "lecture",
        "submission.clip: got 'lecture', expected text that matches ^validation$",
    ),
    (
        "datasets/pets/submission/positive",
        "bird",
        "datasets.pets.submission.positive: not a class (got 'bird'). Choose from ['cat', 'dog'].",
    ),
    ("datasets/Pets!", {}, "datasets: got 'Pets!', expected text that matches"),
    ("downloads/pets/pets.zip/sha256", "abc", "downloads.pets.pets.zip.sha256: got 'abc', expected text that matches"),
    (
        "backbone/weights",
        "none.h5",
        "backbone.weights: no such file under downloads.vgg16 (got 'none.h5'). Add it there.",
    ),
    (
        "mirror",
        "no/such/folder",
        "mirror: neither an existing folder nor an http:// or https:// address (got 'no/such/folder'). Correct it.",
    ),
    ("datasets/pets/files", ["sub/pets.zip"], "datasets.pets.files.0: got 'sub/pets.zip', expected text that matches"),
    (
        "datasets/pets/synthetic",
        {"scene": "pets", "train": 10, "test": 1},
        "files: not a file that synthetic.scene pets draws (got 'pets.zip'). Expected one of train.zip, test.zip.",
    ),
    (
        "datasets/pets/table",
        {"file": "a.csv", "id": "id", "group": "who"},
        "datasets.pets.table.file: not in files (got 'a.csv'). Expected one of pets.zip.",
    ),
    (
        "datasets/pets/lecture",
        {"hed": {"member": 0.9}},
        "datasets.pets.lecture: no such recipe (got 'hed'). Expected one of head, tuned.",
    ),
    ("downloads/a(b", {}, "downloads: got 'a(b', expected text that matches"),
    ("downloads/vgg16/x.h5", {"sources": [], "sha256": "0" * 32}, "(64 lower-case hexadecimal digits)"),
    ("recipes/head/cross_validate", "driver", "recipes.head.cross_validate: got 'driver', expected boolean"),
    ("only", "dogs", "only: no such dataset (got 'dogs'). Expected one of pets."),
    ("only", ["pets", "dogs"], "only: no such dataset (got 'dogs'). Expected one of pets."),
    (
        "recipes/head/pseudo_labels",
        {"labels": "hed"},
        "recipes.head.pseudo_labels.labels: not another recipe that trains and holds out validation images "
        "(got 'hed'). Expected one of tuned.",
    ),
    (
        "recipes/tuned/network",
        {"feature_norm": "cubic"},
        "recipes.tuned.network.feature_norm: got 'cubic', expected one of None",
    ),
    (
        "datasets/pets/leakage_check",
        {"grouped": "head", "random": "hed"},
        "datasets.pets.leakage_check.random: no such recipe (got 'hed'). Expected one of head, tuned.",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head", "hed"]},
        "recipes.r.predictions_from: not another recipe that holds out validation images (got 'hed'). "
        "Expected one of head, tuned.",
    ),
    ("recipes/tuned/init_from", ["head"], "recipes.tuned.init_from: got ['head'], expected string or null"),
]
CIRCLES = [
    (
        "recipes/head/init_from",
        "head",
        "recipes.head.init_from: a recipe cannot build on itself (got 'head': head → head). Name another recipe.",
    ),
    (
        "recipes/tuned/init_from",
        "tuned",
        "recipes.tuned.init_from: a recipe cannot build on itself (got 'tuned': tuned → tuned). Name another recipe.",
    ),
    (
        "recipes/head/pseudo_labels",
        {"labels": "tuned"},
        "recipes.head.pseudo_labels.labels: a recipe cannot build on itself (got 'tuned': head → tuned → head).",
    ),
    (
        "recipes/head/pseudo_labels",
        {"labels": "head"},
        "recipes.head.pseudo_labels.labels: a recipe cannot build on itself (got 'head': head → head).",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "r", **NEAR},
        "recipes.r.predictions_from: a recipe cannot build on itself (got 'r': r → r). Name another recipe.",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head", "r"]},
        "recipes.r.predictions_from: a recipe cannot build on itself (got 'r': r → r). Name another recipe.",
    ),
]
CONTRADICTIONS = [
    (
        "datasets/pets/validation_folders",
        "train",
        "datasets.pets.validation_folders: path_patterns.train has patterns, which decide alone (got 'train'). "
        "Set it to leave_out.",
    ),
    (
        "datasets/pets/path_patterns",
        {"train": "pictures"},
        "datasets.pets.path_patterns.train: gives no labels (got 'pictures'). Set class-folders, patterns with a "
        "group label, or table.label.",
    ),
    (
        "recipes/tuned/members",
        3,
        "recipes.tuned.members: more than head, its init_from, has (got 3). Set it to at most 2.",
    ),
    (
        "recipes/tuned/feature_layer",
        "block3_pool",
        "recipes.tuned.feature_layer: kind fine-tune does not use feature_layer (got 'block3_pool'). "
        'Remove it, or set it to "block5_pool".',
    ),
    (
        "datasets/pets/idx",
        {"train": ["a", "b"]},
        "datasets.pets: needs either idx or path_patterns (got both). Set one.",
    ),
    (
        "datasets/pets/path_patterns",
        None,
        "datasets.pets: needs either idx or path_patterns (got neither). Set one.",
    ),
    (
        "datasets/pets/submission/clip",
        [0.9, 0.1],
        "datasets.pets.submission.clip: limits must increase (got [0.9, 0.1]). Write [lowest, highest].",
    ),
    (
        "datasets/pets/classes",
        ["cat", "Cat"],
        "datasets.pets.classes: a name is empty, or two differ only in case or spacing (got ['cat', 'Cat']).",
    ),
    (
        "datasets/pets/classes",
        ["cat", ""],
        "datasets.pets.classes: a name is empty, or two differ only in case or spacing (got ['cat', '']). Rename it.",
    ),
    (
        "datasets/pets/submission",
        {"id": "label"},
        "datasets.pets.submission.id: another column has this name (got 'label'). Choose another name.",
    ),
    ("recipes/tuned/network", {"dense": [4]}, "recipes.tuned.network: the head comes from head, its init_from"),
    (
        "recipes/head/schedule/warmup_epochs",
        9,
        "recipes.head.schedule.warmup_epochs: more than the schedule's epochs (got 9). Set it to at most 1.",
    ),
    (
        "recipes/head/hold_out",
        False,
        "recipes.head.hold_out: kind head does not use hold_out (got False). Remove it, or set it to true.",
    ),
    (
        "recipes/head/schedule/epochs",
        None,
        "recipes.head.schedule.epochs: missing. Set epochs and learning_rate, or piecewise.",
    ),
    (
        "recipes/head/schedule/piecewise",
        [[1, 0.1]],
        "recipes.head.schedule.epochs: cannot be combined with piecewise (got 1). Set one of the two.",
    ),
    (
        "recipes/head/lecture_schedule",
        {"batch_size": 2, "piecewise": [[1, 0.1]], "decay": "cosine"},
        "recipes.head.lecture_schedule.decay: cannot be combined with piecewise (got 'cosine'). Set one of the two.",
    ),
    (
        "recipes/head/surgery/rescale",
        True,
        "recipes.head.surgery.rescale: has no effect without surgery.dropout (got true). Set dropout too.",
    ),
    (
        "recipes/head/skip",
        "too big",
        "recipes.tuned.init_from: head does not run (got 'head', skip: too big). Name a recipe that runs.",
    ),
    ("recipes/head/surgery/dropout", 0, "recipes.head.surgery: needs a trained network to change"),
    ("recipes/tuned/surgery/dropout", 0, "recipes.tuned.surgery: kind fine-tune does not use surgery"),
    (
        "recipes/tuned/cross_validate",
        True,
        "recipes.tuned.cross_validate: differs from head, its init_from, so members would validate on images already "
        "trained on (got true). Set it to false.",
    ),
    (
        "recipes/head/network",
        {"dropout": [0.5, 0.5]},
        "recipes.head.network.dropout: wrong number of shares (got [0.5, 0.5]).",
    ),
    (
        "recipes/head/augmentation",
        {"flip": True},
        "recipes.head.augmented_copies: augmented_copies and augmentation need each other (got 0 and {'flip': True",
    ),
    (
        "recipes/head/augmented_copies",
        5,
        "recipes.head.augmented_copies: augmented_copies and augmentation need each other (got 5 and None).",
    ),
    (
        "recipes/tuned/augmented_copies",
        5,
        "recipes.tuned.augmented_copies: kind fine-tune does not use augmented_copies (got 5). "
        "Remove it, or set it to 0.",
    ),
    (
        "recipes/head",
        {
            "kind": "head",
            "members": 2,
            "network": {"dense": [4], "batch_norm": True},
            "schedule": {"epochs": 1, "batch_size": 1, "learning_rate": 0.1},
        },
        "recipes.head.schedule.batch_size: batch normalization needs the variance of a batch (got 1). Set 2 or more.",
    ),
    (
        "recipes/head/schedule/batch_size",
        None,
        "recipes.head.schedule.batch_size: missing. Set the number of images per step.",
    ),
    (
        "recipes/head/schedule/solver",
        "lbfgs",
        "recipes.head.schedule.batch_size: solver lbfgs does not use batch_size (got 2). Remove it, or set it to null.",
    ),
    (
        "recipes/head/schedule",
        {"solver": "lbfgs"},
        "recipes.head.schedule.max_iter: missing. Set the maximum number of iterations.",
    ),
    (
        "recipes/head/schedule",
        {"solver": "lbfgs", "max_iter": 9},
        "recipes.head.schedule.solver: cannot train this recipe (got 'lbfgs'). Use it for heads with network.l2 and "
        "without init_from, hidden layers,",
    ),
    (
        "recipes/s",
        {**SOLVED, "members": 5},
        "recipes.s.schedule.solver: lbfgs would train identical members (got 5 members).",
    ),
    (
        "recipes/s",
        {**SOLVED, "precision": "bfloat16"},
        "recipes.s.schedule.solver: lbfgs needs precision float32 (got bfloat16). Set precision: float32.",
    ),
    ("recipes/head/surgery", {"batch_norm": True}, "recipes.head.surgery: needs a trained network to change"),
    (
        "recipes/r",
        {"kind": "from-scratch", "network": {"feature_norm": "sqrt_l2"}, "schedule": LECTURE},
        "recipes.r.network.feature_norm: only kind head uses it (got 'sqrt_l2'). Set it to null.",
    ),
    (
        "recipes/head/schedule/recalibrate_batch_norm",
        True,
        "recipes.head.schedule.recalibrate_batch_norm: the network has no batch normalization (got true).",
    ),
    (
        "recipes/head/schedule/unaugmented_epochs",
        1,
        "recipes.head.schedule.unaugmented_epochs: only kind from-scratch with augmentation uses it (got 1).",
    ),
    (
        "recipes/r",
        {"kind": "from-scratch", "augmentation": {"zoom": 0.1}, "schedule": {**LECTURE, "unaugmented_epochs": 9}},
        "recipes.r.schedule.unaugmented_epochs: more than the schedule's epochs (got 9). Set it to at most 5.",
    ),
    (
        "recipes/head/split",
        "random",
        "recipes.tuned.split: differs from head, its init_from, so members would validate on images already trained on",
    ),
    (
        "datasets/pets/leakage_check",
        {"grouped": "head", "random": "tuned"},
        "datasets.pets.leakage_check.random: its split is not random (got 'tuned').",
    ),
    ("recipes/head/postprocess/temperature", [2], "recipes.head.postprocess: kind head does not use postprocess"),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head"},
        "recipes.r.postprocess: it would change nothing (got neighbours [1] and temperature [1]).",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head", "postprocess": {"metric": "euclidean"}},
        "recipes.r.postprocess: it would change nothing (got neighbours [1] and temperature [1]).",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", **NEAR},
        "recipes.r.predictions_from: not another recipe that holds out validation images (got None). "
        "Expected one of head, tuned.",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head", "members": 2, **NEAR},
        "recipes.r.members: kind postprocess does not use members (got 2). Remove it, or set it to 1.",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head"]},
        "recipes.r.postprocess: it would change nothing (got neighbours [1] and temperature [1]).",
    ),
]
RENAMED = [
    ("trunk", {}, "unknown key trunk: trunk is called backbone now"),
    ("images", "pictures", "unknown key images: images is called classify_images now"),
    ("datasets/pets/images", {}, "unknown key datasets.pets.images: images is called path_patterns now"),
    ("recipes/head/vary", "fold", "recipes.head.vary: vary is called cross_validate (true or false) now"),
    ("recipes/head/network/scale", "unit", "recipes.head.network.scale: scale is called feature_norm now"),
    ("recipes/head/schedule/batch", 2, "recipes.head.schedule.batch: batch is called batch_size now"),
    ("recipes/head/kind", "digits", "digits is called from-scratch now"),
    ("sweeps/try", {"dataset": "pets", "recipe": "head", "vary": {}}, "sweeps.try.vary: vary is called grid now"),
]
