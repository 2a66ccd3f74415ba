# One word per chore; the same on a laptop and in CI. `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
MISSION ?= athena
# What `make campaign` adds, such as: make campaign ASK="--require 0.99"
ASK ?= --runs 1000
# How many processes the tests use; each compiles its own flights, or finds them in the cache. 0 runs
# them in the process of pytest itself, for debugging.
JOBS ?= 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RECIPE := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help fly campaign test test-avx2 check format bench docs figures fuzz clean

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

fly: $(VENV)/.ready  ## fly $(MISSION): set up what is needed, then from lunar orbit to the verdict
	$(BIN)/perilune fly $(MISSION)

campaign: $(VENV)/.ready  ## fly $(MISSION) 1,000 times: how likely is a clean touchdown, what breaks first
	$(BIN)/perilune campaign $(MISSION) $(ASK)

# The two processes share the cores: threads of linear algebra would only wait for one another.
test: export OPENBLAS_NUM_THREADS ?= 1
test: $(VENV)/.ready-test  ## run every test; PERILUNE_DATA names the folder of measured maps and fields
	$(BIN)/python -m pytest $(if $(filter-out 0,$(JOBS)),--numprocesses $(JOBS) --dist loadscope)

test-avx2: export XLA_FLAGS += --xla_cpu_max_isa=AVX2
test-avx2: test  ## run every test as a processor with AVX2 and no more rounds

check: $(VENV)/.ready-test  ## format, lint, import contracts and types, nothing changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

format: $(VENV)/.ready-test  ## let ruff write what `make check` asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.ready-test  ## how fast it is, beside its peers
	$(BIN)/python -m benchmarks

docs: $(VENV)/.ready-test  ## check every link, snippet and chore named in the pages
	$(BIN)/python -m pytest tests/test_docs.py

figures: $(VENV)/.ready-test  ## fly again what README and docs quote, and compare (PERILUNE_DATA must be set)
	$(BIN)/python tools/figures.py

fuzz: $(VENV)/.ready-test  ## 1,000 examples a property, over 10,000 mutated inputs: each is refused in a sentence or read rightly
	$(BIN)/python -m pytest tests/fuzz --hypothesis-profile=fuzz --timeout=7200

clean:  ## remove what these chores made, the environment included; flights in runs/ stay
	rm -rf $(VENV) build dist src/*.egg-info
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Perilune needs Python 3.11 or newer, but $(PYTHON) is older or missing; name another: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make an environment here; on Debian: apt install python3-venv"; exit 2; }

$(VENV)/.ready: $(RECIPE) | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.ready-test: $(RECIPE) | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.ready
