"""Summarise a dataset in three sentences: the best recipe, what to beware of, and what to compare with."""

NAMED = 3  # recipes that diverged are named, up to so many


def summarise(sets, curves, data, images, leakage):
    """Return the overview of a dataset: the number of the set it reports, its best recipe, sentences and cautions.

    ``sets`` are `ranking.sets`, ``curves`` lists recipes with their verdicts. ``data`` is the note on the dataset's
    data, ``images`` are the notes on its images. ``leakage`` is the result of the leakage check, or None. The three
    ``sentences`` are the best, the gravest caution and the majority accuracy; see `cautions`.
    """
    number, ranked = reported(sets)
    found = cautions(sets, ranked, curves, data, images, leakage)
    return {
        "set": number,
        "best": ranked["best"],
        "sentences": [
            _best(ranked),
            found[0] if found else "No check of this workflow warns about this figure.",
            f"Always predicting the commonest class of the training images gives accuracy {ranked['majority']:.4f}.",
        ],
        "cautions": found,
    }


def reported(sets):
    """Return (number, set) of the set to report: the first with a best recipe, by group before random, test first.

    Between equals the order of `ranking.sets` decides, so the set is the largest.
    """
    order = sorted(enumerate(sets), key=lambda one: (not one[1]["best"], one[1]["random"], one[1]["part"] != "test"))
    return order[0]


def cautions(sets, ranked, curves, data, images, leakage):
    """Return cautions about ``ranked``, one of ``sets``, as a list of sentences, the gravest first."""
    found = [
        f"The images are not the full, real data: {data}." if data else "",
        _random(ranked),
        _interval(ranked),
        _leak(leakage),
        # The notes on images begin with images left out and end with the gravest: images in both train and test.
        *(f"{note[0].upper()}{note[1:]}." for note in reversed(images)),
        _fit(ranked["best"], curves),
        _elsewhere(sets, ranked),
        _chosen(ranked),
        _diverged(sets),
    ]
    return [sentence for sentence in found if sentence]


def _best(ranked):
    row = _row(ranked)
    if row is None:
        return "Every recipe diverged, so there is no best one."
    interval = row["accuracy_95"]
    said = f"95 % interval {interval[0]:.4f} to {interval[1]:.4f}" if interval else "no interval"
    groups = f" of {_count(ranked['groups'], 'group')}" if ranked["groups"] else ""
    measured = _count(ranked["images"], f"{ranked['part']} image") + groups
    return f"{row['recipe']} is best, with accuracy {row['accuracy']:.4f} ({said}) on {measured}."


def _random(ranked):
    said = "The split is random, so images of one group are in training and in validation, which flatters the accuracy."
    return said * ranked["random"]


def _interval(ranked):
    row = _row(ranked)
    if row is None or not ranked["note"]:
        return ""
    if row["accuracy_95"]:
        return f"The interval rests on only {_count(ranked['groups'], 'group')}, so it is no more than a hint."
    return f"There is no interval, since all images are of one {'group' if ranked['groups'] else 'picture'}."


def _leak(leakage):
    if not leakage or "A random split flatters" not in leakage["sentence"]:
        return ""
    accuracy = leakage["accuracy"]
    return (
        f"A random split flatters: {leakage['recipe']} has accuracy {accuracy['random']:.3f} under it "
        f"and {accuracy['grouped']:.3f} on new groups."
    )


def _fit(best, curves):
    verdicts = (curve["verdict"].partition(":")[0] for curve in curves if curve["recipe"] == best)
    fit = next((verdict for verdict in verdicts if verdict in ("Overfitting", "Underfitting")), None)
    return f"The learning curves of {best} show {fit.lower()}." if fit else ""


def _elsewhere(sets, ranked):
    others = [row for other in sets if other is not ranked and not other["random"] for row in other["rows"]]
    if not others:
        return ""
    was, is_ = ("was", "is") if len(others) == 1 else ("were", "are")
    return f"{_count(len(others), 'recipe')} {was} measured on other images and {is_} not ranked with the best."


def _chosen(ranked):
    measured = sum(not row["diverged"] for row in ranked["rows"])
    return f"The best of {measured} recipes was chosen on these images, which favours it." if measured > 1 else ""


def _diverged(sets):
    names = [row["recipe"] for ranked in sets for row in ranked["rows"] if row["diverged"]]
    if not names:
        return ""
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return f"{_count(len(names), 'recipe')} diverged and {'has' if len(names) == 1 else 'have'} no figures: {listed}."


def _row(ranked):
    """Return the row of a set's best recipe, or None where all diverged."""
    return next((row for row in ranked["rows"] if row["recipe"] == ranked["best"]), None)


def _count(count, noun):
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
