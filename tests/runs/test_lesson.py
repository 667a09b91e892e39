"""The lesson's commands do what docs/lesson.md says."""

import pages
from running import ROOT

PAGE = pages.read("lesson.md")
RUNS = pages.runs(PAGE)
DEFAULT = ((), ())


def test_every_command_and_file_of_the_lesson_is_known_to_the_tiny_config(tiny):
    targets = RUNS[DEFAULT] | pages.results(PAGE)
    assert len(targets) > 50
    run = tiny.snakemake("--dry-run", "--", *sorted(targets))
    assert run.returncode == 0, run.stdout[-3000:]


def test_every_command_of_the_lesson_with_a_config_of_its_own_is_accepted(tmp_path):
    others = {config: targets for config, targets in RUNS.items() if config != DEFAULT}
    assert len(others) == 2
    for name, text in pages.files(PAGE).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for config, targets in others.items():
        run = pages.dry_run(tmp_path, config, targets)
        assert run.returncode == 0, run.stdout[-3000:]


def test_every_target_of_make_in_the_lesson_is_in_the_makefile():
    known = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {words[1] for words in pages.commands(PAGE, "make")}
    assert asked == {".venv", "how"}
    assert [target for target in asked if f"\n{target}:" not in known] == []
