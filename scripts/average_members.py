"""Average the predictions of a recipe's members."""

from snakemake_adapter.records import recorded

from headstart.core.stage import stage
from headstart.evaluation import ensemble
from headstart.formats import predictions


def main(*, members, mean, target):
    """Write the mean of the members' predictions to ``target``; see `ensemble.average`."""
    found = [predictions.read(member) for member in members]
    predictions.write(target, ensemble.average([parts for parts, _ in found], mean), found[0][1])


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(members=snakemake.input.members, mean=snakemake.params.mean, target=snakemake.output.predictions)
