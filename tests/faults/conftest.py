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
    """Write the table, where all faults were tried."""
    rows = session.stash.get(TABLE, {}).values()
    whole = {row["module"] for row in rows} == {path.stem for path in FOLDER.glob("test_*.py")}
    chosen = session.config.option.keyword or session.config.option.markexpr or session.testscollected > len(rows)
    if whole and not chosen and all(row["outcome"] in ("passed", "failed") for row in rows):
        text = PAGE.read_text(encoding="utf-8")
        head, rest = text.split(BEGIN)
        PAGE.write_text(head + BEGIN + _table(list(rows)) + END + rest.split(END)[1], encoding="utf-8")


TABLE = pytest.StashKey()


def _row(item):
    said = (item.function.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    kind = item.module.__doc__.strip().partition("\n")[0].rstrip(".")
    name = item.originalname.removeprefix("test_").replace("_", " ")
    return {"module": item.module.__name__, "kind": kind, "fault": name, "said": said, "outcome": "not run"}


def _table(rows):
    lines = ["| kind | fault | how it ends | cases | survived |", "|---|---|---|---|---|"]
    faults = dict.fromkeys((row["kind"], row["fault"], row["said"]) for row in rows)
    for kind, fault, said in faults:
        outcomes = [row["outcome"] for row in rows if (row["kind"], row["fault"]) == (kind, fault)]
        lines.append(f"| {kind} | {fault} | {said} | {len(outcomes)} | {outcomes.count('passed')} |")
    survived = sum(row["outcome"] == "passed" for row in rows)
    return "\n".join([*lines, "", f"{survived} of {len(rows)} survived.", ""])
