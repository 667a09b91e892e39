"""Check the schedules of a recipe."""

from headstart.config import recipes
from headstart.config.recipe_kinds import SOLVER_UNSET, UNSET


def schedule_problems(place, schedule, entry):
    """Yield one line for each problem in a schedule of a recipe; ``place`` is the schedule's key in the config."""
    if schedule["solver"] == "lbfgs":
        yield from _solver_problems(place, schedule, entry)
        return
    if schedule["max_iter"] is not None:
        yield f"{place}.max_iter: got {schedule['max_iter']}, expected none: max_iter means nothing to solver adam"
    if schedule["batch_size"] is None:
        yield f"{place}.batch_size: got none, expected images a step"
    if (schedule["epochs"] or schedule["piecewise"]) and schedule["unaugmented_epochs"] > recipes.epochs(schedule):
        yield f"{place}.unaugmented_epochs: got {schedule['unaugmented_epochs']}, expected at most its epochs"
    rate = {key: schedule[key] for key in ("epochs", "learning_rate")}
    if schedule["piecewise"]:
        idle = rate | {key: schedule[key] for key in ("warmup_epochs", "decay") if schedule[key] not in (0, "constant")}
        for key, value in idle.items():
            if value is not None:
                yield f"{place}.{key}: got {value!r}, expected none beside piecewise"
        return
    for key, value in rate.items():
        if value is None:
            yield f"{place}.{key}: got none, expected epochs and learning_rate, or piecewise"
    if schedule["epochs"] and schedule["warmup_epochs"] > schedule["epochs"]:
        yield f"{place}.warmup_epochs: got {schedule['warmup_epochs']}, expected at most its epochs"


def _solver_problems(place, schedule, entry):
    """Yield problems of a recipe that solver lbfgs solves instead of training by steps."""
    for key, unset in SOLVER_UNSET.items():
        if schedule[key] != unset:
            yield f"{place}.{key}: got {schedule[key]!r}, expected none: {key} means nothing to solver lbfgs"
    if schedule["max_iter"] is None:
        yield f"{place}.max_iter: got none, expected at most how many iterations"
    if entry["precision"] != "float32":
        yield f"{place}.solver: got 'lbfgs' with precision {entry['precision']}, expected float32"
    network = entry["network"]
    plain = {**UNSET["network"], "feature_norm": network["feature_norm"], "l2": network["l2"]}
    if entry["kind"] != "head" or entry["init_from"] or network != plain or not network["l2"]:
        yield (
            f"{place}.solver: got 'lbfgs', expected it for a head without init_from and hidden layers, dropout, "
            f"batch_norm and l1, but with network.l2"
        )
    if entry["members"] > 1 and not entry["cross_validate"] and not entry["pseudo_labels"]:
        said = "or cross_validate: all would be the same"
        yield f"{place}.solver: got 'lbfgs', {entry['members']} members, expected 1, {said}"
