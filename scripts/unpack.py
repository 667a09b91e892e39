"""Unpack a dataset's archives into one folder."""

from headstart import archives
from headstart.files import atomic
from headstart.stage import stage


def main(*, files, folder, limit):
    """Unpack ``files`` into ``folder``, which appears when it is whole; at most ``limit`` bytes an archive."""
    with atomic(folder) as temporary:
        for file in files:
            print(f"{file}: {archives.unpack(file, temporary, limit=limit)} files")


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(files=snakemake.input.archives, folder=snakemake.output[0], limit=snakemake.params.limit)
