"""What a page of docs tells its reader to write and to run: YAML files, commands, and the files that they make."""

import re
import shlex

from running import ROOT, snakemake
from snakemake.cli import get_argument_parser

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
PARSER = get_argument_parser()


def read(name):
    """Return the text of a page in docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def files(page):
    """Return ``{name: text}`` of the YAML files that a page has its reader save; the first line names the file."""
    texts = [text for language, text in FENCED.findall(page) if language == "yaml"]
    return {re.match(r"# ([a-z-]+\.yaml)\n", text)[1]: text for text in texts}


def commands(page, program):
    """Return the commands of a page that begin with ``program``, fenced or in a line, as lists of words."""
    fenced = [text.replace("\\\n", " ") for language, text in FENCED.findall(page) if language == "sh"]
    lines = [line for text in fenced for line in text.splitlines()] + INLINE.findall(FENCED.sub("", page))
    return [shlex.split(line) for line in lines if line.startswith(f"{program} ")]


def results(page):
    """Return the files below results/ that a page names in a line, but for patterns such as results/<d>/…."""
    return {text for text in INLINE.findall(FENCED.sub("", page)) if re.fullmatch(r"results/[\w./-]+\.\w+", text)}


def runs(page):
    """Return ``{(config files, settings): targets}`` of a page's Snakemake commands: one dry run tries each entry."""
    found = {}
    for words in commands(page, "snakemake"):
        said = PARSER.parse_args(words[1:])
        config = tuple(map(str, said.configfile or ())), tuple(said.config or ())
        found.setdefault(config, set()).update(said.targets or ["all"])
    return found


def dry_run(folder, config, targets):
    """Plan targets in ``folder`` under the default config, with config files from there or the project on top."""
    paths = [next(root / name for root in (folder, ROOT) if (root / name).is_file()) for name in config[0]]
    options = [["--configfile", *paths], ["--config", *config[1]]]
    said = [word for option in options if len(option) > 1 for word in option]
    return snakemake(folder, "--cores", "2", "--dry-run", *said, "--", *sorted(targets))
