"""Average the predictions of a recipe's members."""

from adapter import recorded

from headstart import predictions
from headstart.stage import stage


def main(*, members, mean, target):
    """Write the mean of the members' predictions to ``target``; see `predictions.average`."""
    found = [predictions.read(member) for member in members]
    predictions.write(target, predictions.average([parts for parts, _ in found], mean), found[0][1])


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(members=snakemake.input.members, mean=snakemake.params.mean, target=snakemake.output.predictions)
