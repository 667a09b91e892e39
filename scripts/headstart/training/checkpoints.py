"""Save a training's state after every complete epoch, so that a killed training can continue.

The checkpoint is one hidden .npz file beside the model. It is removed once the member is complete. It holds every
variable of the model (weights, running means, the state of dropout's generators). It also holds the history and every
variable of the optimizer (moments, the step that sets the learning rate). The order and the augmentation of an epoch
follow from (seed, epoch) alone. So an epoch after a restart equals the uninterrupted one to the bit.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.core.files import atomic


def beside(model):
    """Return the path of a member's checkpoint, beside its ``model``."""
    return Path(model).with_name(".checkpoint.npz")


@dataclass(frozen=True)
class Checkpoint:
    """The file of a training's state, and the identity of what trains. Another training's state is never restored."""

    path: Path
    identity: str

    def save(self, model, history):
        """Save the state of a compiled model and its history, a list with a row an epoch.

        The last checkpoint is replaced only once the new one is whole.
        """
        values = {str(number): np.asarray(variable) for number, variable in enumerate(_variables(model))}
        with atomic(self.path) as temporary, open(temporary, "wb") as file:
            np.savez(file, identity=self.identity, history=json.dumps(history), **values)

    def restore(self, model):
        """Restore a compiled model to the saved state, in place, and return the history.

        The history is empty where there is no checkpoint, or none of this training that can be read.
        """
        try:
            with np.load(self.path) as file:
                if file["identity"] != self.identity:
                    print(f"{self.path}: checkpoint of another training. Training starts at epoch 1.", flush=True)
                    return []
                values = [file[str(number)] for number in range(len(_variables(model)))]
                history = json.loads(str(file["history"]))
        except FileNotFoundError:
            return []
        except Exception as error:  # a damaged zip raises many kinds of errors
            print(f"{self.path}: checkpoint cannot be read ({error}). Training starts at epoch 1.", flush=True)
            return []
        for variable, value in zip(_variables(model), values, strict=True):
            variable.assign(value)
        print(f"Training continues after epoch {len(history)}.", flush=True)
        return history


def _variables(model):
    model.optimizer.build(model.trainable_variables)  # a second call does nothing
    return [*model.variables, *model.optimizer.variables]
