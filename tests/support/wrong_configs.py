"""Wrong configs: the smallest that can work (`small_config`), changed in one place, and what is said of it.

Each is ``(path of the change, value, part of the line that refuses it)``.
"""

from small_config import LECTURE, MISSING

NEAR = {"postprocess": {"neighbours": [1, 5]}}
SOLVED = {"kind": "head", "network": {"l2": 0.1}, "schedule": {"solver": "lbfgs", "max_iter": 9}}

KEYS = [
    ("datasets/pets/lecture", {"head": {}}, "datasets.pets.lecture.head: got {}, expected 1 or more keys"),
    ("sed", 1, "unknown key sed; did you mean seed? expected one of backbone, classify_images,"),
    (
        "recipes/head/schedule/epoch",
        3,
        "unknown key recipes.head.schedule.epoch; did you mean epochs? expected one of",
    ),
    ("recipes/head/network/droput", 0.5, "unknown key recipes.head.network.droput; did you mean dropout?"),
    ("datasets/pets/path_patterns/trian", [], "unknown key datasets.pets.path_patterns.trian; did you mean train?"),
    (
        "datasets/pets/zzz",
        1,
        "unknown key datasets.pets.zzz; expected one of background, classes, exclude, files,",
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
        "pets.path_patterns.train: got 'folders', expected text like",
    ),
    ("datasets/pets/other_classes", "ignore", "other_classes: got 'ignore', expected one of error, leave_out"),
    ("datasets/pets/unlabelled", True, "datasets.pets.unlabelled: got True, expected one of error, leave_out"),
    ("recipes/head/network/pooling", "mean", "recipes.head.network.pooling: got 'mean', expected text like"),
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
        "recipes.tuned.init_from: got 'nobody', expected a head on block5_pool: head",
    ),
    (
        "recipes/head/feature_layer",
        "block4_pool",
        "tuned.init_from: got 'head', expected a head on block5_pool: there is none",
    ),
    ("datasets/pets/recipes", ["haed"], "datasets.pets.recipes: got 'haed', expected names of recipes: head, tuned"),
    ("datasets/pets/files", ["cats.zip"], "files: got 'cats.zip', expected one under downloads.pets: pets.zip"),
    ("datasets/pets/submission/clip", "lecture", "submission.clip: got 'lecture', expected text like ^validation$"),
    ("datasets/pets/submission/positive", "bird", "submission.positive: got 'bird', expected one of ['cat', 'dog']"),
    ("datasets/Pets!", {}, "datasets: got 'Pets!', expected text like"),
    ("downloads/pets/pets.zip/sha256", "abc", "downloads.pets.pets.zip.sha256: got 'abc', expected text like"),
    ("backbone/weights", "none.h5", "backbone.weights: got 'none.h5', expected a file under downloads.vgg16"),
    ("mirror", "no/such/folder", "mirror: got 'no/such/folder', expected a folder that is there"),
    ("datasets/pets/files", ["sub/pets.zip"], "datasets.pets.files.0: got 'sub/pets.zip', expected text like"),
    (
        "datasets/pets/synthetic",
        {"scene": "pets", "train": 10, "test": 1},
        "expected one that synthetic.scene pets draws",
    ),
    (
        "datasets/pets/table",
        {"file": "a.csv", "id": "id", "group": "who"},
        "table.file: got 'a.csv', expected one of files",
    ),
    (
        "datasets/pets/lecture",
        {"hed": {"member": 0.9}},
        "datasets.pets.lecture: got 'hed', expected names of recipes: head, tuned",
    ),
    ("downloads/a(b", {}, "downloads: got 'a(b', expected text like"),
    ("downloads/vgg16/x.h5", {"sources": [], "sha256": "0" * 32}, "(64 small hexadecimal digits)"),
    ("recipes/head/cross_validate", "driver", "recipes.head.cross_validate: got 'driver', expected boolean"),
    ("only", "dogs", "only: got 'dogs', expected names of datasets: pets"),
    ("only", ["pets", "dogs"], "only: got 'dogs', expected names of datasets: pets"),
    (
        "recipes/head/pseudo_labels",
        {"labels": "hed"},
        "recipes.head.pseudo_labels.labels: got 'hed', expected a recipe that trains: tuned",
    ),
    (
        "recipes/tuned/network",
        {"feature_norm": "cubic"},
        "recipes.tuned.network.feature_norm: got 'cubic', expected one of None",
    ),
    (
        "datasets/pets/leakage_check",
        {"grouped": "head", "random": "hed"},
        "datasets.pets.leakage_check.random: got 'hed', expected names of recipes: head, tuned",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head", "hed"]},
        "recipes.r.predictions_from: got 'hed', expected one that holds out validation images: head, tuned",
    ),
    ("recipes/tuned/init_from", ["head"], "recipes.tuned.init_from: got ['head'], expected string or null"),
]
CIRCLES = [
    ("recipes/head/init_from", "head", "recipes.head.init_from: got 'head', expected no circle: head → head"),
    ("recipes/tuned/init_from", "tuned", "recipes.tuned.init_from: got 'tuned', expected no circle: tuned → tuned"),
    (
        "recipes/head/pseudo_labels",
        {"labels": "tuned"},
        "recipes.head.pseudo_labels.labels: got 'tuned', expected no circle: head → tuned → head",
    ),
    (
        "recipes/head/pseudo_labels",
        {"labels": "head"},
        "recipes.head.pseudo_labels.labels: got 'head', expected no circle: head → head",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "r", **NEAR},
        "recipes.r.predictions_from: got 'r', expected no circle: r → r",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head", "r"]},
        "predictions_from: got 'r', expected no circle: r → r",
    ),
]
CONTRADICTIONS = [
    (
        "datasets/pets/validation_folders",
        "train",
        "pets.validation_folders: got 'train', expected leave_out, since path_patterns.train has patterns",
    ),
    (
        "datasets/pets/path_patterns",
        {"train": "pictures"},
        "pets.path_patterns.train: got 'pictures', expected class-folders or patterns with a label, or table.label",
    ),
    ("recipes/tuned/members", 3, "recipes.tuned.members: got 3, expected at most 2"),
    (
        "recipes/tuned/feature_layer",
        "block3_pool",
        "recipes.tuned.feature_layer: got 'block3_pool', expected none: feature_layer means nothing to kind fine-tune",
    ),
    ("datasets/pets/idx", {"train": ["a", "b"]}, "datasets.pets: expected either idx or path_patterns, got both"),
    ("datasets/pets/path_patterns", None, "datasets.pets: expected either idx or path_patterns, got neither"),
    ("datasets/pets/submission/clip", [0.9, 0.1], "submission.clip: got [0.9, 0.1], expected the lower limit first"),
    ("datasets/pets/classes", ["cat", "Cat"], "datasets.pets.classes: got ['cat', 'Cat'], expected names that differ"),
    ("datasets/pets/classes", ["cat", ""], "none empty"),
    (
        "datasets/pets/submission",
        {"id": "label"},
        "submission.id: got 'label', expected a name that no other column has",
    ),
    ("recipes/tuned/network", {"dense": [4]}, "expected none: head, from which it starts, brings the head"),
    (
        "recipes/head/schedule/warmup_epochs",
        9,
        "recipes.head.schedule.warmup_epochs: got 9, expected at most its epochs",
    ),
    ("recipes/head/hold_out", False, "recipes.head.hold_out: got False, expected none: hold_out means nothing to"),
    (
        "recipes/head/schedule/epochs",
        None,
        "schedule.epochs: got none, expected epochs and learning_rate, or piecewise",
    ),
    ("recipes/head/schedule/piecewise", [[1, 0.1]], "schedule.epochs: got 1, expected none beside piecewise"),
    (
        "recipes/head/lecture_schedule",
        {"batch_size": 2, "piecewise": [[1, 0.1]], "decay": "cosine"},
        "lecture_schedule.decay: got 'cosine', expected none beside piecewise",
    ),
    ("recipes/head/surgery/rescale", True, "recipes.head.surgery.rescale: got true, expected dropout beside it"),
    ("recipes/head/skip", "too big", "recipes.tuned.init_from: got 'head', expected a recipe that runs: head has skip"),
    ("recipes/head/surgery/dropout", 0, "expected none: it is done on what a recipe starts from"),
    ("recipes/tuned/surgery/dropout", 0, "expected none: surgery means nothing to kind fine-tune"),
    ("recipes/tuned/cross_validate", True, "cross_validate: got True, expected False, as head, its init_from, has"),
    ("recipes/head/network", {"dropout": [0.5, 0.5]}, "expected 1 shares: dense layers and output"),
    (
        "recipes/head/augmentation",
        {"flip": True},
        "recipes.head.augmented_copies: got 0 and augmentation {'flip': True",
    ),
    (
        "recipes/head/augmented_copies",
        5,
        "recipes.head.augmented_copies: got 5 and augmentation None, expected both or neither",
    ),
    (
        "recipes/tuned/augmented_copies",
        5,
        "recipes.tuned.augmented_copies: got 5, expected none: augmented_copies means nothing to kind fine-tune",
    ),
    (
        "recipes/head",
        {
            "kind": "head",
            "members": 2,
            "network": {"dense": [4], "batch_norm": True},
            "schedule": {"epochs": 1, "batch_size": 1, "learning_rate": 0.1},
        },
        "recipes.head.schedule.batch_size: got 1, expected 2 or more",
    ),
    ("recipes/head/schedule/batch_size", None, "recipes.head.schedule.batch_size: got none, expected images a step"),
    (
        "recipes/head/schedule/solver",
        "lbfgs",
        "recipes.head.schedule.batch_size: got 2, expected none: batch_size means nothing to solver lbfgs",
    ),
    ("recipes/head/schedule", {"solver": "lbfgs"}, "schedule.max_iter: got none, expected at most how many iterations"),
    (
        "recipes/head/schedule",
        {"solver": "lbfgs", "max_iter": 9},
        "recipes.head.schedule.solver: got 'lbfgs', expected it for a head without init_from and hidden layers",
    ),
    ("recipes/s", {**SOLVED, "members": 5}, "s.schedule.solver: got 'lbfgs', 5 members, expected 1, or cross_validate"),
    ("recipes/s", {**SOLVED, "precision": "bfloat16"}, "got 'lbfgs' with precision bfloat16, expected float32"),
    ("recipes/head/surgery", {"batch_norm": True}, "recipes.head.surgery: got"),
    (
        "recipes/r",
        {"kind": "from-scratch", "network": {"feature_norm": "sqrt_l2"}, "schedule": LECTURE},
        "recipes.r.network.feature_norm: got 'sqrt_l2', expected it for kind head alone",
    ),
    (
        "recipes/head/schedule/recalibrate_batch_norm",
        True,
        "recalibrate_batch_norm: got true, expected it for a network with batch_norm alone",
    ),
    (
        "recipes/head/schedule/unaugmented_epochs",
        1,
        "unaugmented_epochs: got 1, expected it for kind from-scratch with augmentation alone",
    ),
    (
        "recipes/r",
        {"kind": "from-scratch", "augmentation": {"zoom": 0.1}, "schedule": {**LECTURE, "unaugmented_epochs": 9}},
        "recipes.r.schedule.unaugmented_epochs: got 9, expected at most its epochs",
    ),
    (
        "recipes/head/split",
        "random",
        "recipes.tuned.split: got 'grouped', expected 'random', as head, its init_from, has",
    ),
    (
        "datasets/pets/leakage_check",
        {"grouped": "head", "random": "tuned"},
        "datasets.pets.leakage_check.random: got 'tuned', expected a recipe with split random",
    ),
    ("recipes/head/postprocess/temperature", [2], "expected none: postprocess means nothing to kind head"),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head"},
        "recipes.r.postprocess: got nothing to try, expected more than",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head", "postprocess": {"metric": "euclidean"}},
        "postprocess: got nothing to try",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", **NEAR},
        "recipes.r.predictions_from: got None, expected one that holds out validation",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": "head", "members": 2, **NEAR},
        "recipes.r.members: got 2, expected none: members means nothing to kind postprocess",
    ),
    (
        "recipes/r",
        {"kind": "postprocess", "predictions_from": ["head"]},
        "recipes.r.postprocess: got nothing to try, expected more than",
    ),
]
RENAMED = [
    ("trunk", {}, "unknown key trunk: trunk is called backbone now"),
    ("images", "pictures", "unknown key images: images is called classify_images now"),
    ("datasets/pets/images", {}, "unknown key datasets.pets.images: images is called path_patterns now"),
    ("recipes/head/vary", "fold", "recipes.head.vary: vary is called cross_validate, true or false, now"),
    ("recipes/head/network/scale", "unit", "recipes.head.network.scale: scale is called feature_norm now"),
    ("recipes/head/schedule/batch", 2, "recipes.head.schedule.batch: batch is called batch_size now"),
    ("recipes/head/kind", "digits", "digits is called from-scratch now"),
    ("sweeps/try", {"dataset": "pets", "recipe": "head", "vary": {}}, "sweeps.try.vary: vary is called grid now"),
]
