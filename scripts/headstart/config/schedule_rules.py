"""Check the schedules of a recipe."""

from headstart.config import recipes
from headstart.config.recipe_kinds import SOLVER_UNSET, UNSET, remedy


def schedule_problems(place, schedule, entry):
    """Yield one line for each problem in a schedule of a recipe; ``place`` is the schedule's key in the config."""
    if schedule["solver"] == "lbfgs":
        yield from _solver_problems(place, schedule, entry)
        return
    if schedule["max_iter"] is not None:
        yield f"{place}.max_iter: solver adam does not use max_iter (got {schedule['max_iter']}). {remedy(None)}"
    if schedule["batch_size"] is None:
        yield f"{place}.batch_size: missing. Set the number of images per step."
    if (schedule["epochs"] or schedule["piecewise"]) and schedule["unaugmented_epochs"] > recipes.epochs(schedule):
        yield (
            f"{place}.unaugmented_epochs: more than the schedule's epochs (got {schedule['unaugmented_epochs']}). "
            f"Set it to at most {recipes.epochs(schedule)}."
        )
    rate = {key: schedule[key] for key in ("epochs", "learning_rate")}
    if schedule["piecewise"]:
        idle = rate | {key: schedule[key] for key in ("warmup_epochs", "decay") if schedule[key] not in (0, "constant")}
        for key, value in idle.items():
            if value is not None:
                yield f"{place}.{key}: cannot be combined with piecewise (got {value!r}). Set one of the two."
        return
    for key, value in rate.items():
        if value is None:
            yield f"{place}.{key}: missing. Set epochs and learning_rate, or piecewise."
    if schedule["epochs"] and schedule["warmup_epochs"] > schedule["epochs"]:
        yield (
            f"{place}.warmup_epochs: more than the schedule's epochs (got {schedule['warmup_epochs']}). "
            f"Set it to at most {schedule['epochs']}."
        )


def _solver_problems(place, schedule, entry):
    """Yield problems of a recipe that solver lbfgs solves instead of training by steps."""
    for key, unset in SOLVER_UNSET.items():
        if schedule[key] != unset:
            yield f"{place}.{key}: solver lbfgs does not use {key} (got {schedule[key]!r}). {remedy(unset)}"
    if schedule["max_iter"] is None:
        yield f"{place}.max_iter: missing. Set the maximum number of iterations."
    if entry["precision"] != "float32":
        yield f"{place}.solver: lbfgs needs precision float32 (got {entry['precision']}). Set precision: float32."
    network = entry["network"]
    plain = {**UNSET["network"], "feature_norm": network["feature_norm"], "l2": network["l2"]}
    if entry["kind"] != "head" or entry["init_from"] or network != plain or not network["l2"]:
        yield (
            f"{place}.solver: cannot train this recipe (got 'lbfgs'). Use it for heads with network.l2 and without "
            f"init_from, hidden layers, dropout, batch_norm and l1."
        )
    if entry["members"] > 1 and not entry["cross_validate"] and not entry["pseudo_labels"]:
        yield (
            f"{place}.solver: lbfgs would train identical members (got {entry['members']} members). "
            f"Set members to 1, or cross_validate to true."
        )
