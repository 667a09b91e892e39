"""What a training that was killed goes on from: all that it had after its last complete epoch.

One .npz beside the model, hidden, and gone when the member is whole. It holds every variable of the model
(weights, running means, the state of dropout's generators) and of the optimizer (moments, the step that learning rates
follow from) and the history; the order and the augmentation of an epoch follow from (seed, epoch) alone. So an epoch
after a restart is, to the bit, what it would have been.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.files import atomic


def beside(model):
    """Return where the state of a member is kept whose model is to stand at ``model``."""
    return Path(model).with_name(".checkpoint.npz")


@dataclass(frozen=True)
class Checkpoint:
    """Where the state of a training is kept, and the identity of what trains: another one's state is never taken."""

    path: Path
    identity: str

    def save(self, model, history):
        """Keep a compiled model's state and its history (a list of rows, one an epoch); replaces the last one whole."""
        values = {str(number): np.asarray(variable) for number, variable in enumerate(_variables(model))}
        with atomic(self.path) as temporary, open(temporary, "wb") as file:
            np.savez(file, identity=self.identity, history=json.dumps(history), **values)

    def restore(self, model):
        """Bring a compiled model to the state that was kept, in place; return the history, empty where none was."""
        try:
            with np.load(self.path) as file:
                if file["identity"] != self.identity:
                    print(f"{self.path} is of another training: begun anew", flush=True)
                    return []
                values = [file[str(number)] for number in range(len(_variables(model)))]
                history = json.loads(str(file["history"]))
        except FileNotFoundError:
            return []
        except Exception as error:  # what a damaged zip raises is of many kinds
            print(f"{self.path} cannot be read ({error}): begun anew", flush=True)
            return []
        for variable, value in zip(_variables(model), values, strict=True):
            variable.assign(value)
        print(f"going on after epoch {len(history)}", flush=True)
        return history


def _variables(model):
    model.optimizer.build(model.trainable_variables)  # once; a second time does nothing
    return [*model.variables, *model.optimizer.variables]
