"""Downloads are compared with the config whenever a stage reads them, not only when they come in."""

import gzip
import hashlib
import inspect

import classify
import extract_features
import fine_tune
import numpy as np
import pytest
import unpack
import visualize_layers

from headstart.core.errors import InputError
from headstart.formats import digests, weights

LABELS = bytes(range(200))
RIGHT = hashlib.sha256(LABELS).hexdigest()
STAGES = {"features": (extract_features, "weights_file"), "fine_tune": (fine_tune, "weights")}
STAGES |= {"layers": (visualize_layers, "weights"), "classify": (classify, "weights")}


def entry(**values):
    """What the config says of a download."""
    return {"sha256": None, "md5": None, "sources": []} | values


def unpacked(folder, content, *, file="labels.gz", **said):
    """Unpack one file of which the config says something; return what came of it."""
    (folder / file).write_bytes(gzip.compress(content) if file.endswith(".gz") else content)
    known = [digests.expected(entry(**said))]
    unpack.main(files=[folder / file], known=known, folder=folder / "images", limit=9**9)
    return (folder / "images" / file.removesuffix(".gz")).read_bytes()


@pytest.mark.parametrize("said", [{"sha256": RIGHT}, {"md5": hashlib.md5(LABELS).hexdigest()}, {}])
def test_what_the_config_names_is_unpacked(tmp_path, said):
    assert unpacked(tmp_path, LABELS, file="labels.bin", **said) == LABELS


def test_the_digest_of_a_source_will_do(tmp_path):
    other = [{"url": "https://example.org/a", "sha256": RIGHT}, {"pip": "a==1"}]
    assert unpacked(tmp_path, LABELS, sha256="0" * 64, sources=other) == LABELS


@pytest.mark.parametrize("said", [{"sha256": RIGHT}, {"md5": "0" * 32}])
def test_a_file_that_was_falsified_after_it_came_is_not_unpacked(tmp_path, said):
    with pytest.raises(
        InputError, match=r"labels\.gz: .* does not match \(expected .*, got .*\)\. Remove it and run again to fetch"
    ):
        unpacked(tmp_path, LABELS[:-1] + b"\0", **said)
    assert not (tmp_path / "images").exists()


def test_no_file_is_unpacked_where_one_is_another(tmp_path):
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        file.write_bytes(LABELS)
    known = [digests.expected(entry(sha256=digest)) for digest in (RIGHT, "0" * 64)]
    with pytest.raises(InputError, match=r"b\.csv: SHA-256 of the content does not match"):
        unpack.main(files=files, known=known, folder=tmp_path / "images", limit=9**9)
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_takes_other_weights_than_the_config_names(tmp_path, stage):
    path = tmp_path / "w.h5"
    arrays = {name: [np.ones((1, 1, 1, 1), np.float32), np.zeros(1, np.float32)] for name in weights.CONVOLUTIONS}
    weights.write(path, arrays)
    known = digests.expected(entry(sha256=weights.digest(path)))
    arrays["block3_conv2"][1][0] = 1
    weights.write(path, arrays)
    module, name = STAGES[stage]
    others = dict.fromkeys(inspect.signature(module.main).parameters)
    with pytest.raises(
        InputError, match=r"w\.h5: SHA-256 of the content does not match .*\. Remove it and run again to fetch it anew"
    ):
        module.main(**{**others, name: path, "expected": known})


def test_weights_that_cannot_be_read_are_named_once_with_one_remedy(tmp_path):
    path = tmp_path / "w.h5"
    path.write_bytes(b"no HDF5")
    with pytest.raises(InputError) as caught:
        weights.verify(path, digests.expected(entry(sha256="0" * 64)))
    line = str(caught.value)
    assert line.startswith(f"{path}: cannot read layer block1_conv1 of VGG16")
    assert line.endswith("). Remove it and run again to fetch it anew.")
    assert line.count(str(path)) == line.count("gain") == 1
