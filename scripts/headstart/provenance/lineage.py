"""Trace a number back to the images, by the records (`provenance`) of a file and of all its sources."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from headstart.config.recipes import epochs
from headstart.core.errors import InputError
from headstart.core.files import read_json, sha256
from headstart.provenance import records
from headstart.provenance.stage_code import SCRIPTS


@dataclass(frozen=True)
class Step:
    """A file in a number's lineage, with its depth below the number, its record or None, and its state since."""

    path: str
    depth: int
    record: dict | None
    state: str  # "" if unchanged, else "changed since" or "missing"


def trace(path):
    """Return the `Step`s from a file down to its sources, each file once, where it first occurs.

    Raises `InputError` if the file has no record.
    """
    path = os.path.relpath(path)
    record = records.read(path)
    if record is None:
        raise InputError(
            f"{path}: no provenance record (expected {records.path_of(path)}). Name a file under results/ that has "
            f"one, such as metrics."
        )
    found, seen = [], set()

    def follow(path, digest, depth):
        if (path, digest) in seen:
            return
        seen.add((path, digest))
        record = records.read(path)
        found.append(Step(path, depth, record, _state(path, digest)))
        for source, expected in (record or {"inputs": {}})["inputs"].items():
            follow(source, expected, depth + 1)

    follow(path, record["outputs"][path], 0)
    return found


def _state(path, digest):
    if not Path(path).exists():
        return "missing"
    return "" if records.digest(path) == digest else "changed since"


def changed_code(steps):
    """Return the names of the project's modules that made one of the files and have changed since."""
    made = {(name, digest) for step in steps if step.record for name, digest in step.record["code"].items()}
    files = {name: SCRIPTS / name for name, _ in made}
    now = {name: sha256(path) if path.is_file() else None for name, path in files.items()}
    return sorted({name for name, digest in made if now[name] != digest})


def mixed_code(steps):
    """Return the names of the project's modules that differ between steps."""
    made = {(name, digest) for step in steps if step.record for name, digest in step.record["code"].items()}
    names = [name for name, _ in made]
    return sorted({name for name in names if names.count(name) > 1})


def story(path):
    """Return how a file was made, as lines for a reader, with the commands that make it again."""
    steps = trace(path)
    path, first = steps[0].path, steps[0].record
    lines = [path, *_numbers(path, first), ""]
    width = max(2 * step.depth + len(step.path) for step in steps)
    lines += [f"{'  ' * step.depth + step.path:<{width}}  {_told(step)}".rstrip() for step in steps]
    lines += ["", *_circumstances(steps)]
    spoilt, code = [step for step in steps if step.state], changed_code(steps)
    lines.append(
        f"{len(spoilt)} of {len(steps)} files have changed or are missing, for example {spoilt[0].path}."
        if spoilt
        else f"All {len(steps)} files are unchanged since it was made."
    )
    if code:
        lines.append(f"Code has changed since: {', '.join(code)}.")
    if mixed := mixed_code(steps):
        lines.append(f"Steps ran different versions of: {', '.join(mixed)}.")
    return [*lines, "", "To make it again:", *_commands(path, first)]


def _circumstances(steps):
    """Return lines on the steps' machines, package versions and commits; where these differ, lines name the rules."""
    kept = [step.record for step in steps if step.record]
    first, usual = kept[0]["versions"], set(kept[0]["cpu"]["instructions"])
    on = _by(kept, lambda record: _machine(record, usual))
    versions, commits = _by(kept, _versions), _by(kept, _commit)
    lines = [f"on    {machine}{_of(rules, on)}" for machine, rules in on.items()]
    lines.append(f"with  {', '.join(f'{name} {number}' for name, number in first.items())}")
    lines += [f"      {_against(dict(found), first)}{_of(rules, versions)}" for found, rules in [*versions.items()][1:]]
    return lines + [f"from  {commit}{_of(rules, commits)}" for commit, rules in commits.items()]


def _by(kept, key):
    """Group the rules of records by ``key(record)``, as ``{value: [rules]}``, in the order of the lineage."""
    found = {}
    for record in kept:
        rules = found.setdefault(key(record), [])
        if record["rule"] not in rules:
            rules.append(record["rule"])
    return found


def _of(rules, groups):
    return f" ({', '.join(rules)})" if len(groups) > 1 else ""


def _machine(record, usual):
    """Return processor, GPUs and how the instructions differ from the ``usual`` ones; all three affect the bits."""
    found = set(record["cpu"]["instructions"])
    more = [f"with {name}" for name in sorted(found - usual)] + [f"without {name}" for name in sorted(usual - found)]
    return ", ".join([record["cpu"]["model"], *record["run"]["gpus"], *more])


def _versions(record):
    return tuple(record["versions"].items())


def _against(versions, first):
    """Return the versions that differ from ``first``, in words."""
    names = [name for name in {**first, **versions} if versions.get(name) != first.get(name)]
    return ", ".join(f"{name} {versions.get(name, 'none')}" for name in names)


def _numbers(path, record):
    """Return the lines with a metrics file's numbers; none for other files.

    Raises `InputError` if the metrics file is damaged.
    """
    if record["rule"] != "evaluate" or not Path(path).is_file():
        return []
    found = read_json(path, ["parts", "diverged"])
    parts = found["parts"]
    if found["diverged"]:
        return [f"  no result: diverged, {found['diverged']}"]
    try:
        return [
            f"  {name}: accuracy {part['accuracy']:.4f}, log loss {part['log_loss']:.4f}, {part['images']:,} images"
            for name, part in parts.items()
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not a valid metrics file. Remove it and run again.") from error


def _told(step):
    """Return a step's record in a few words; of a download, the digest that `fetch` kept beside it."""
    if not step.record:
        kept = Path(step.path).with_name(f".{Path(step.path).name}.json")
        content = read_json(kept).get("content", "") if kept.is_file() else ""
        return ", ".join(filter(None, [step.state, content and f"fetch, content SHA-256 {content[:16]}…"]))
    record, words = step.record, [step.state] if step.state else []
    words += [record["rule"], f"{record['run']['seconds']:g} s"]
    recipe = record["params"].get("recipe")
    if recipe:
        count, seed = epochs(recipe["schedule"]), record["params"]["seed"]
        words += [f"{count} epochs", recipe["precision"], f"seed {record['seed']} (of {seed})"]
    return ", ".join(words)


def _commit(record):
    commit = record["run"]["commit"]
    if not commit:
        return "code outside any git repository"
    if commit.endswith("-dirty"):
        return f"commit {commit.removesuffix('-dirty')} with uncommitted changes"
    return f"commit {commit}"


def _commands(path, record):
    """Return the commands that make a file again. Only metrics keep the config of their run beside them."""
    commit = (record["run"]["commit"] or "").removesuffix("-dirty")
    config = Path(path).with_name(f"{Path(path).stem}.config.json")
    configfile = f" --configfile {shlex.quote(str(config))}" if config.is_file() else ""
    lines = [f"  git switch --detach {commit} && make .venv"] if commit else []
    if not configfile:
        lines.append("  (with the same --configfile or --config, if the run had one)")
    return [*lines, f"  snakemake --cores all{configfile} --forceall -- {shlex.quote(path)}"]
