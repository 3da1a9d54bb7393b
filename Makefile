# streamproc: `make help` lists what there is. Needs Python >= 3.11 and make; everything else is set up below .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n auto --dist loadscope
# A test with Kafka waits about as long as it computes: so there is a process more than there are cores, each with a
# Kafka of its own. Those tests begin, in their order, and the short ones fill what is left.
OVERLAPPED := -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist loadscope --no-loadscope-reorder
# Some containers forbid Python to keep what it has compiled: then each of hundreds of processes would do so again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-fast test-faults soak check format generate bench clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## the virtual environment, with pinned and hashed packages

$(READY): requirements.txt pyproject.toml
	@echo "setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit("streamproc needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup  ## a year of a real shop, live: starts everything, shows triggers, offers and KPIs, ends by itself
	@$(BIN)/python -m streamproc demo

up: setup  ## Kafka and all stages, waiting for events, until Ctrl-C
	@$(BIN)/python -m streamproc up --embedded

test: check  ## every check and test but the long fault runs
	@$(PYTEST) -m "not faults" $(OVERLAPPED) --durations=15

test-fast: setup  ## the tests that need no Kafka and less than a second, with a fifth of the examples for each law
	@$(PYTEST) -m "not faults and not kafka and not slow" -q $(PARALLEL) --hypothesis-profile fast --durations=5

test-faults: setup  ## the long runs; SEED=n or SEEDS=k: mixed faults by this seed or k random ones; FAULTS=kill,…: alone
	@$(if $(SEED)$(SEEDS),$(BIN)/python -m tests.faults --seed $(SEED) --random $(or $(SEEDS),0) --faults "$(FAULTS)",$(PYTEST) -m faults)

soak: setup  ## half load and a fault a minute for MINUTES=30; measured into build/soak/soak.html
	@$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),30)

check: setup  ## types, style, import rules, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m streamproc.export --check

format: setup  ## mend what ruff can mend
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check --fix .

generate: setup  ## regenerate schemas, AsyncAPI, the dashboard and the runbook page
	@$(BIN)/python -m streamproc.export

bench: setup  ## benchmarks; one of them: make bench ONLY=peers
	@$(BIN)/python -m benchmarks $(ONLY)

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
