"""The list of changes that no test notices keeps in step with the code."""

import re

import pytest
from mutants import MODULES, REASONS, ROOT


@pytest.mark.parametrize("module", MODULES)
def test_a_module_and_its_tests_are_there_and_its_reasons_name_functions_that_it_has(module):
    code = (ROOT / "scripts" / "headstart" / f"{module}.py").read_text(encoding="utf-8")
    assert all((ROOT / "tests" / f"{name}.py").is_file() for name in MODULES[module])
    section = re.search(rf"^## {module}$(.*?)(?=^## |\Z)", REASONS.read_text(encoding="utf-8"), re.M | re.S)
    for line in (section[1] if section else "").strip().splitlines():
        function, change, reason = re.fullmatch(r"- `(\w+)`: `(.+)` — (.+)", line).groups()
        assert f"def {function}(" in code
        assert change not in code
        assert reason.endswith(".")
