# Each target does everything it needs on a machine with only Python 3.11 or newer, make and apt: the virtual
# environment, the packages, the system libraries of the window. The second call finds a stamp and is quick.
#
#   make run ARGS="--home /some/workspace"    passes arguments on
#   make setup-run PYTHON=python3.12          chooses the interpreter of a new environment

SHELL := bash
PYTHON ?=
ARGS ?=
export PYTHON

.PHONY: help run test lint format bench learn kills proof clean setup-run setup-test

help:
	@echo "make run     open the window (without a display: train the default preset in the terminal)"
	@echo "make test    every check: lint, types, import contracts, three rings of tests"
	@echo "make lint    ruff, mypy and the import contracts alone"
	@echo "make format  let ruff lay out the code"
	@echo "make bench   measure and print the table of targets (ROWS=\"paint memory\" for some)"
	@echo "make learn   what the shipped presets learn, in about an hour and a half (PICTURES=folder PARTS=\"digits masks\")"
	@echo "make kills   a hundred kills of a real engine, and whether each run ended as if nothing had happened; a hundred stops, and how soon; an hour"
	@echo "make proof   every proof in full; the table goes to out/proof.md"
	@echo "make clean   delete the environment, caches and out/"

setup-run setup-test:
	@bash .ci/setup $(@:setup-%=%)

run: setup-run
	@.venv/bin/python -m workbench $(ARGS)

test: setup-test
	@bash .ci/check all

lint: setup-test
	@bash .ci/check lint

format: setup-test
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format .

bench: setup-test
	@.venv/bin/python -m tests.bench $(ROWS)

learn: setup-test
	@PICTURES="$(PICTURES)" .venv/bin/python -m tests.bench.learning $(PARTS)

kills: setup-test
	@.venv/bin/python -m tests.kills $(ARGS)

proof: setup-test
	@bash .ci/proof

clean:
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find workbench tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
