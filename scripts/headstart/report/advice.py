"""Advise on over- and underfitting: the lecture's steps, in its order, without the steps already taken."""


def steps(recipe):
    """Return the lecture's five steps against overfitting as ``[(step, whether the recipe has taken it)]``."""
    network, surgery = recipe["network"], recipe["surgery"]
    dropout = network["dropout"] if isinstance(network["dropout"], list) else [network["dropout"]]
    regularised = any(dropout) or network["l1"] or network["l2"] or surgery["dropout"]
    return [
        ("more data", False),
        ("augmentation", bool(recipe["augmentation"])),
        ("an architecture that generalises (batch norm)", bool(network["batch_norm"] or surgery["batch_norm"])),
        ("regularisation (dropout, L2, L1)", bool(regularised)),
        ("a smaller architecture", False),
    ]


def following(verdict, recipe):
    """Return the lecture's next steps in words, or "" where there is nothing to say."""
    if verdict.startswith("Overfitting"):
        open_steps = [step for step, taken in steps(recipe) if not taken]
        taken = [step for step, done in steps(recipe) if done]
        done = f" The recipe has already taken: {', '.join(taken)}." if taken else ""
        return f"The lecture's next steps, in order: {', '.join(open_steps)}.{done}"
    if verdict.startswith("Underfitting"):
        return "The lecture advises a larger network, more epochs, or less dropout and augmentation."
    return ""
