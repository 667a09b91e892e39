"""How a number was made: ``python scripts/how.py results/mnist/metrics/tuned.json``. No stage: for people.

Prints the file's way back to the images, what of it was changed since, and the commands that make it again.
"""

import sys

from headstart.errors import InputError
from headstart.lineage import story


def main(arguments):
    """Print the story of each file; return the exit code."""
    if not arguments:
        print("error: no file named; name some, as results/mnist/metrics/tuned.json", file=sys.stderr)
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
