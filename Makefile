# Everything a person or CI does here, by name. `make` alone prints this help.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test test-faults test-slurm how plan reference picture reproduce mutants bench check format lock clean

help:  ## print this help
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv: requirements.txt  ## make the environment (Python 3.11 to 3.13; about 2 GB)
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	  f"error: $(PYTHON) is Python {v[0]}.{v[1]}, expected 3.11 to 3.13 (as TensorFlow): name one, make PYTHON=python3.12 .venv")'
	@rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt \
	  || { rm -rf .venv; exit 1; }
	@touch .venv

run: .venv  ## run the default config: three datasets, to results/summary.html
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --cores $(CORES) $(ARGS)

test: .venv  ## run the tests
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest --ignore tests/faults --ignore tests/slurm

test-faults: .venv  ## kill it, break its input, fill its disk; the outcomes go to docs/reliability.md
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/faults

test-slurm: .venv  ## run on a cluster of two nodes that is started for it: wants root, slurm-wlm and munge
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/slurm

how: .venv  ## say how a number was made: make how FILE=results/mnist/metrics/tuned.json
	@$(BIN)/python scripts/tools/how.py $(FILE)

plan: .venv  ## say how long the backbone takes in shards: make plan ARGS='--rate 500 --workers 1 4' (images a second, jobs at once)
	@$(BIN)/python scripts/tools/plan.py $(ARGS)

reference: .venv  ## make docs/config.md, the reference of all keys, from the schema
	@$(BIN)/python scripts/tools/reference.py

picture: .venv  ## take docs/report.png, the picture in README, of the report of the last run: wants chromium
	@$(BIN)/python scripts/tools/picture.py

reproduce: .venv  ## run the default config twice in fresh folders and compare every file to the bit
	@$(BIN)/python tests/support/reproduce.py

mutants: .venv  ## change the code behind the numbers in small ways, and list what no test notices: make mutants MODULES='data/splits evaluation/leakage'
	@$(BIN)/python tests/support/mutants.py $(MODULES)

bench: .venv  ## time the backbone, heads and Snakemake (30 minutes): make bench WEIGHTS=resources/vgg16/….h5 FOLDER=pictures
	@$(BIN)/python benchmarks/backbone.py $(WEIGHTS) $(FOLDER)
	@$(BIN)/python benchmarks/heads.py
	@$(BIN)/python benchmarks/scheduler.py

check: .venv  ## lint and format checks, as CI runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: .venv  ## put every file into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

lock: .venv  ## pin requirements.in anew into requirements.txt, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --upgrade --custom-compile-command "make lock" requirements.in -o requirements.txt

clean:  ## remove results and Snakemake's own records; downloads and the environment stay
	find results -mindepth 1 ! -name README.md -delete
	rm -rf .snakemake
