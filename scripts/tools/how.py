"""Print how a number was made: ``python scripts/tools/how.py results/mnist/metrics/tuned.json``.

The output has the file's lineage back to the images, the changes since, and the commands that make it again.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from headstart.core.errors import InputError  # noqa: E402
from headstart.provenance.lineage import story  # noqa: E402


def main(arguments):
    """Print how each file was made; return the exit code."""
    if not arguments:
        print("error: no file named. Name one, such as results/mnist/metrics/tuned.json.", file=sys.stderr)
        return 1
    try:
        for path in arguments:
            print("\n".join(story(path)))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
