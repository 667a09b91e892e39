"""The pages are short of breath: no sentence has more than 30 words, no table cell more than 300 characters."""

import subprocess

import prose
import pytest
from running import ROOT

PAGES = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_sentences_and_cells_are_short(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert prose.long_sentences(text) == []
    assert prose.long_cells(text) == []


def test_long_ones_are_found():
    text = f"Short. {'word ' * 31}end.\n\n| a | {'b' * 301} |\n\n- {'item ' * 31}here\n\n```\n{'code ' * 40}\n```\n"
    assert [len(said.split()) for said in prose.long_sentences(text)] == [32, 32]
    assert [len(cell) for cell in prose.long_cells(text)] == [301]


def test_the_readme_is_one_screen_after_another():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 120] == []
