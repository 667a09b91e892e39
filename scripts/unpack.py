"""Unpack a dataset's archives into one folder."""

from snakemake_adapter.records import recorded

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.data import archives
from headstart.formats import digests


def main(*, files, known, folder, limit):
    """Unpack ``files`` into ``folder``, which appears when it is whole; at most ``limit`` bytes an archive.

    ``known`` lists for each file its expected content (`digests.expected`); it is empty for stand-in files. Raises
    `InputError` where a file is another.
    """
    for file, what in zip(files, known, strict=True) if known else ():
        digests.verify(file, what)
    with atomic(folder) as temporary:
        for file in files:
            print(f"{file}: unpacked {archives.unpack(file, temporary, limit=limit)} files")


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            files=snakemake.input.archives,
            known=snakemake.params.expected,
            folder=snakemake.output[0],
            limit=snakemake.params.limit,
        )
