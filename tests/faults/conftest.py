"""The table of faults in docs/reliability.md, from what the tests here find.

A module is a kind of fault, named by the first line of its docstring; a test is a fault, named by its function; the
first line of the test's docstring says how it ends. A parametrised test is as many cases.
"""

import pytest
from running import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- made by make test-faults -->\n", "<!-- end of what is made -->\n"
FOLDER = ROOT / "tests" / "faults"


def pytest_collection_finish(session):
    """Give every test its place in the table."""
    session.stash[TABLE] = {item.nodeid: _row(item) for item in session.items if FOLDER in item.path.parents}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note how each case ended: by its own outcome, or that of what was made ready for it."""
    report = yield
    row = item.session.stash[TABLE].get(item.nodeid)
    if row is not None and (call.when == "call" or not report.passed):
        row["outcome"] = report.outcome
    return report


def pytest_sessionfinish(session):
    """Write the rows of the kinds that were tried in whole; those of others stay."""
    rows, option = session.stash.get(TABLE, {}).values(), session.config.option
    part = option.keyword or option.markexpr or any("::" in name for name in session.config.args)
    if not part and all(row["outcome"] in ("passed", "failed") for row in rows):
        head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        before, tail = rest.split(END)
        PAGE.write_text(head + BEGIN + _table(before, list(rows)) + END + tail, encoding="utf-8")


TABLE = pytest.StashKey()


def _row(item):
    said = (item.function.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    kind = item.module.__doc__.strip().partition("\n")[0].rstrip(".")
    name = item.originalname.removeprefix("test_").replace("_", " ")
    return {"module": item.module.__name__, "kind": kind, "fault": name, "said": said, "outcome": "not run"}


def _table(before, rows):
    """The table ``before`` with the lines of the kinds in ``rows`` made anew, and what it comes to."""
    kinds = {row["kind"] for row in rows}
    lines = [line for line in before.splitlines()[2:] if line.startswith("|") and _cells(line)[0] not in kinds]
    for kind, fault, said in dict.fromkeys((row["kind"], row["fault"], row["said"]) for row in rows):
        outcomes = [row["outcome"] for row in rows if (row["kind"], row["fault"]) == (kind, fault)]
        lines.append(f"| {kind} | {fault} | {said} | {len(outcomes)} | {outcomes.count('passed')} |")
    lines.sort(key=lambda line: _cells(line)[0])
    cases, survived = (sum(int(_cells(line)[place]) for line in lines) for place in (3, 4))
    title = ["| kind | fault | how it ends | cases | survived |", "|---|---|---|--:|--:|"]
    return "\n".join([*title, *lines, "", f"{survived} of {cases} survived.", ""])


def _cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]
