# Put the project's code on the path, and write one line per finished step on the terminal.
import sys
from pathlib import Path

from snakemake.logging import logger

ROOT = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from snakemake_adapter.terminal import attach

if workflow.is_main_process and not workflow.dryrun:
    attach(logger)
