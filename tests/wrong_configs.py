"""Wrong configs: the smallest that can work (`small_config`), changed in one place, and what is said of it.

Each is ``(path of the change, value, part of the line that refuses it)``.
"""

from small_config import LECTURE, MISSING

NEAR = {"refine": {"neighbours": [1, 5]}}
SOLVED = {"kind": "head", "network": {"l2": 0.1}, "schedules": {"fast": {"solver": "lbfgs", "epochs": 9}}}

KEYS = [
    ("datasets/pets/lecture", {"head": {}}, "datasets.pets.lecture.head: got {}, expected 1 or more keys"),
    ("sed", 1, "unknown key sed; did you mean seed? expected one of container, datasets,"),
    (
        "recipes/head/schedules/fast/epoch",
        3,
        "unknown key recipes.head.schedules.fast.epoch; did you mean epochs? expected one of",
    ),
    ("recipes/head/network/droput", 0.5, "unknown key recipes.head.network.droput; did you mean dropout?"),
    ("datasets/pets/images/trian", [], "unknown key datasets.pets.images.trian; did you mean train?"),
    ("datasets/pets/zzz", 1, "unknown key datasets.pets.zzz; expected one of audit, classes, files,"),
    ("seed", MISSING, "top level: the key seed is missing"),
    ("recipes/head/kind", MISSING, "recipes.head: the key kind is missing"),
    ("recipes/head/schedules", {"lecture": {"batch": 1}}, "recipes.head.schedules: the key fast is missing"),
    ("datasets/pets/images", {"test": [r"(?P<id>\d+)"]}, "datasets.pets.images: the key train is missing"),
    ("recipes/head/schedules", None, "recipes.head: the key schedules is missing"),
    ("recipes/head/pseudo", {"ratio": 1}, "recipes.head.pseudo: the key labels is missing"),
]
TYPES = [
    ("recipes/head/network/pooling", "mean", "recipes.head.network.pooling: got 'mean', expected text like"),
    ("recipes/head/network/pooling", ["mean"], "network.pooling.0: got 'mean', expected one of max, strided, none"),
    ("mirror", 5, "mirror: got 5, expected string or null"),
    ("recipes/head/schedules/fast/epochs", "ten", "recipes.head.schedules.fast.epochs: got 'ten', expected integer"),
    ("recipes/head/schedules/fast/epochs", True, "recipes.head.schedules.fast.epochs: got True, expected integer"),
    ("recipes/head/augmentation/flip", 1, "recipes.head.augmentation.flip: got 1, expected boolean"),
    ("recipes/head/schedules/fast/epochs", 2.0, "recipes.head.schedules.fast.epochs: got 2.0, expected integer"),
    ("recipes/head/schedules/fast/learning_rate", float("nan"), "fast.learning_rate: got nan, expected number"),
    ("datasets/pets/classes", [True, False], "datasets.pets.classes.0: got True, expected string"),  # [yes, no] in YAML
    ("datasets/pets/unreadable", "few", "datasets.pets.unreadable: got 'few', expected number"),
    ("datasets/pets/recipes", "head", "datasets.pets.recipes: got 'head', expected array"),
    ("recipes/head", None, "recipes.head: got None, expected object"),
]
RANGES = [
    ("datasets/pets/unreadable", 1.1, "datasets.pets.unreadable: got 1.1, expected 1 or less"),
    ("seed", -1, "seed: got -1, expected 0 or more"),
    ("recipes/head/schedules/fast/epochs", 0, "recipes.head.schedules.fast.epochs: got 0, expected 1 or more"),
    (
        "recipes/head/schedules/fast/learning_rate",
        -0.1,
        "head.schedules.fast.learning_rate: got -0.1, expected more than 0",
    ),
    (
        "recipes/head/schedules/fast/learning_rate",
        0,
        "recipes.head.schedules.fast.learning_rate: got 0, expected more than 0",
    ),
    ("recipes/head/network/dropout", 1, "recipes.head.network.dropout: got 1, expected less than 1"),
    ("recipes/head/network/dense", [8, 0], "recipes.head.network.dense.1: got 0, expected 1 or more"),
    ("recipes/head/pixels", [28, 28], "recipes.head.pixels: expected 3 or more items, got 2"),
    ("recipes/head/members", 0, "recipes.head.members: got 0, expected 1 or more"),
    ("datasets/pets/classes", ["cat"], "datasets.pets.classes: expected 2 or more items, got 1"),
    ("datasets/pets/split/folds", 1, "datasets.pets.split.folds: got 1, expected 2 or more"),
    ("datasets/pets/limit/train", 0, "datasets.pets.limit.train: got 0, expected 1 or more"),
    ("datasets/pets/submission/clip", [0.5, 2], "datasets.pets.submission.clip.1: got 2, expected 1 or less"),
    ("trunk/size", 16, "trunk.size: got 16, expected 32 or more"),
    ("recipes/head/schedules/lecture", {"batch": 2, "steps": []}, "lecture.steps: expected 1 or more items, got 0"),
    ("recipes/head/schedules/lecture", {"batch": 2, "steps": [[0, 0.1]]}, "steps.0.0: got 0, expected 1 or more"),
    ("recipes/head/schedules/lecture", {"batch": 2, "steps": [[1, 0.0]]}, "steps.0.1: got 0.0, expected more than 0"),
    ("recipes/head/surgery/dropout", 1, "recipes.head.surgery.dropout: got 1, expected less than 1"),
    ("recipes/head/network", {"l2": 1e308}, "recipes.head.network.l2: got 1e+308, expected 1000 or less"),
    (
        "recipes/r",
        {"kind": "refine", "start": "head", "refine": {"neighbours": [0]}},
        "recipes.r.refine.neighbours.0: got 0, expected 1 or more",
    ),
    ("recipes/r", {"kind": "refine", "start": []}, "recipes.r.start: expected 1 or more items, got 0"),
]
NAMES = [
    ("recipes/head/kind", "haed", "recipes.head.kind: got 'haed', expected one of digits, head, fine-tune"),
    (
        "recipes/head/schedules/fast/decay",
        "linear",
        "schedules.fast.decay: got 'linear', expected one of constant, cosine",
    ),
    ("recipes/head/cut", "block6_pool", "recipes.head.cut: got 'block6_pool', expected one of block1_pool,"),
    ("recipes/tuned/start", "nobody", "recipes.tuned.start: got 'nobody', expected a head on block5_pool: head"),
    ("recipes/head/cut", "block4_pool", "tuned.start: got 'head', expected a head on block5_pool: there is none"),
    ("datasets/pets/recipes", ["haed"], "datasets.pets.recipes: got 'haed', expected names of recipes: head, tuned"),
    ("datasets/pets/files", ["cats.zip"], "files: got 'cats.zip', expected one under downloads.pets: pets.zip"),
    ("datasets/pets/submission/clip", "lecture", "submission.clip: got 'lecture', expected text like ^validation$"),
    ("datasets/pets/submission/positive", "bird", "submission.positive: got 'bird', expected one of ['cat', 'dog']"),
    ("datasets/Pets!", {}, "datasets: got 'Pets!', expected text like"),
    ("downloads/pets/pets.zip/sha256", "abc", "downloads.pets.pets.zip.sha256: got 'abc', expected text like"),
    ("trunk/weights", "none.h5", "trunk.weights: got 'none.h5', expected a file under downloads.vgg16"),
    ("mirror", "no/such/folder", "mirror: got 'no/such/folder', expected a folder that is there"),
    ("datasets/pets/files", ["sub/pets.zip"], "datasets.pets.files.0: got 'sub/pets.zip', expected text like"),
    (
        "datasets/pets/rendered",
        {"scene": "pets", "train": 10, "test": 1},
        "expected one that rendered.scene pets draws",
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
    ("recipes/head/vary", "driver", "recipes.head.vary: got 'driver', expected one of seed, fold"),
    ("only", "dogs", "only: got 'dogs', expected names of datasets: pets"),
    ("only", ["pets", "dogs"], "only: got 'dogs', expected names of datasets: pets"),
    (
        "recipes/head/pseudo",
        {"labels": "hed"},
        "recipes.head.pseudo.labels: got 'hed', expected a recipe that trains: tuned",
    ),
    ("recipes/tuned/network", {"scale": "cubic"}, "recipes.tuned.network.scale: got 'cubic', expected one of None"),
    (
        "datasets/pets/audit",
        {"grouped": "head", "random": "hed"},
        "datasets.pets.audit.random: got 'hed', expected names of recipes: head, tuned",
    ),
    (
        "recipes/r",
        {"kind": "refine", "start": ["head", "hed"]},
        "recipes.r.start: got 'hed', expected a recipe that holds validation images out: head, tuned",
    ),
    ("recipes/tuned/start", ["head"], "recipes.tuned.start: got ['head'], expected a head on block5_pool: head"),
]
CIRCLES = [
    ("recipes/head/start", "head", "recipes.head.start: got 'head', expected no circle: head → head"),
    ("recipes/tuned/start", "tuned", "recipes.tuned.start: got 'tuned', expected no circle: tuned → tuned"),
    (
        "recipes/head/pseudo",
        {"labels": "tuned"},
        "recipes.head.pseudo.labels: got 'tuned', expected no circle: head → tuned → head",
    ),
    (
        "recipes/head/pseudo",
        {"labels": "head"},
        "recipes.head.pseudo.labels: got 'head', expected no circle: head → head",
    ),
    ("recipes/r", {"kind": "refine", "start": "r", **NEAR}, "recipes.r.start: got 'r', expected no circle: r → r"),
    ("recipes/r", {"kind": "refine", "start": ["head", "r"]}, "start: got 'r', expected no circle: r → r"),
]
CONTRADICTIONS = [
    ("recipes/tuned/members", 3, "recipes.tuned.members: got 3, expected at most 2"),
    (
        "recipes/tuned/cut",
        "block3_pool",
        "recipes.tuned.cut: got 'block3_pool', expected none: cut means nothing to kind fine-tune",
    ),
    ("datasets/pets/idx", {"train": ["a", "b"]}, "datasets.pets: expected either idx or images, got both"),
    ("datasets/pets/images", None, "datasets.pets: expected either idx or images, got neither"),
    ("datasets/pets/submission/clip", [0.9, 0.1], "submission.clip: got [0.9, 0.1], expected the lower limit first"),
    ("datasets/pets/classes", ["cat", "Cat"], "datasets.pets.classes: got ['cat', 'Cat'], expected names that differ"),
    ("datasets/pets/classes", ["cat", ""], "none empty"),
    (
        "datasets/pets/submission",
        {"id": "label"},
        "submission.id: got 'label', expected a name that no other column has",
    ),
    ("recipes/tuned/network", {"dense": [4]}, "expected none: head, from which it starts, brings the head"),
    ("recipes/head/schedules/fast/warmup", 9, "recipes.head.schedules.fast.warmup: got 9, expected at most its epochs"),
    ("recipes/head/hold_out", False, "recipes.head.hold_out: got False, expected none: hold_out means nothing to"),
    ("recipes/head/schedules/fast/epochs", None, "fast.epochs: got none, expected epochs and learning_rate, or steps"),
    ("recipes/head/schedules/fast/steps", [[1, 0.1]], "fast.epochs: got 1, expected none beside steps"),
    (
        "recipes/head/schedules/lecture",
        {"batch": 2, "steps": [[1, 0.1]], "decay": "cosine"},
        "lecture.decay: got 'cosine', expected none beside steps",
    ),
    ("recipes/head/surgery/rescale", True, "recipes.head.surgery.rescale: got true, expected dropout beside it"),
    ("recipes/head/skip", "too big", "recipes.tuned.start: got 'head', expected a recipe that runs: head has skip"),
    ("recipes/head/surgery/dropout", 0, "expected none: it is done on what a recipe starts from"),
    ("recipes/tuned/surgery/dropout", 0, "expected none: surgery means nothing to kind fine-tune"),
    ("recipes/tuned/vary", "fold", "recipes.tuned.vary: got 'fold', expected 'seed', as head, its start, has"),
    ("recipes/head/network", {"dropout": [0.5, 0.5]}, "expected 1 shares: dense layers and output"),
    ("recipes/head/augmentation", {"flip": True}, "recipes.head.copies: got 0 and augmentation {'flip': True"),
    ("recipes/head/copies", 5, "recipes.head.copies: got 5 and augmentation None, expected both or neither"),
    ("recipes/tuned/copies", 5, "recipes.tuned.copies: got 5, expected none: copies means nothing to kind fine-tune"),
    (
        "recipes/head",
        {
            "kind": "head",
            "members": 2,
            "network": {"dense": [4], "batch_norm": True},
            "schedules": {"fast": {"epochs": 1, "batch": 1, "learning_rate": 0.1}},
        },
        "recipes.head.schedules.fast.batch: got 1, expected 2 or more",
    ),
    ("recipes/head/schedules/fast/batch", None, "recipes.head.schedules.fast.batch: got none, expected images a step"),
    (
        "recipes/head/schedules/fast/solver",
        "lbfgs",
        "recipes.head.schedules.fast.batch: got 2, expected none: batch means nothing to solver lbfgs",
    ),
    ("recipes/head/schedules/fast", {"solver": "lbfgs"}, "fast.epochs: got none, expected at most how many iterations"),
    (
        "recipes/head/schedules/fast",
        {"solver": "lbfgs", "epochs": 9},
        "recipes.head.schedules.fast.solver: got 'lbfgs', expected it for a head without start and hidden layers",
    ),
    ("recipes/s", {**SOLVED, "members": 5}, "s.schedules.fast.solver: got 'lbfgs', 5 members, expected 1, or vary"),
    ("recipes/s", {**SOLVED, "precision": "bfloat16"}, "got 'lbfgs' with precision bfloat16, expected float32"),
    ("recipes/head/surgery", {"batch_norm": True}, "recipes.head.surgery: got"),
    (
        "recipes/r",
        {"kind": "digits", "network": {"scale": "root"}, "schedules": {"fast": LECTURE}},
        "recipes.r.network.scale: got 'root', expected it for kind head alone",
    ),
    (
        "recipes/head/schedules/fast/recalibrate",
        True,
        "recalibrate: got true, expected it for a network with batch_norm alone",
    ),
    (
        "recipes/head/schedules/fast/unaugmented",
        1,
        "unaugmented: got 1, expected it for digits with augmentation alone",
    ),
    (
        "recipes/r",
        {"kind": "digits", "augmentation": {"zoom": 0.1}, "schedules": {"fast": {**LECTURE, "unaugmented": 9}}},
        "recipes.r.schedules.fast.unaugmented: got 9, expected at most its epochs",
    ),
    ("recipes/head/split", "random", "recipes.tuned.split: got 'grouped', expected 'random', as head, its start, has"),
    (
        "datasets/pets/audit",
        {"grouped": "head", "random": "tuned"},
        "datasets.pets.audit.random: got 'tuned', expected a recipe with split random",
    ),
    ("recipes/head/refine/temperature", [2], "expected none: refine means nothing to kind head"),
    ("recipes/r", {"kind": "refine", "start": "head"}, "recipes.r.refine: got nothing to try, expected more than"),
    ("recipes/r", {"kind": "refine", "start": "head", "refine": {"metric": "euclidean"}}, "refine: got nothing to try"),
    ("recipes/r", {"kind": "refine", **NEAR}, "recipes.r.start: got None, expected a recipe that holds validation"),
    (
        "recipes/r",
        {"kind": "refine", "start": "head", "members": 2, **NEAR},
        "recipes.r.members: got 2, expected none: members means nothing to kind refine",
    ),
    ("recipes/r", {"kind": "refine", "start": ["head"]}, "recipes.r.refine: got nothing to try, expected more than"),
]
