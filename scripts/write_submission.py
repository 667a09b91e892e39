"""Write a recipe's predictions for the test part as a competition takes them."""

from snakemake_adapter.records import recorded

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.evaluation import submissions
from headstart.formats import predictions


def main(*, source, target, form):
    """Write the submission of the predictions ``source`` to ``target``; ``form`` is the dataset's submission entry.

    Its clip may be "validation": then the limits follow from the validation images. See `submissions.limits`.
    """
    parts, classes = predictions.read(source)
    if parts["test"].diverged:
        print(
            f"Diverged: {parts['test'].diverged}. Every class has the same probability, so the submission is no result."
        )
    if form["clip"] == "validation":
        clip, loss = submissions.limits(parts["validation"])
        print(f"Probabilities are clipped to {clip}. With these limits, the log loss on validation is {loss}.")
        form = {**form, "clip": clip}
    frame = submissions.submission(parts["test"], classes, **form)
    with atomic(target) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.9g", lineterminator="\n")


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(source=snakemake.input.predictions, target=snakemake.output[0], form=snakemake.params.form)
