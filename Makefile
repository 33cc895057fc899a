# Everything a developer or a first-time user needs; `make demo` and `make test` set up what they use.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
MODELS := $(VENV)/.models

.PHONY: setup demo test test-long check fix bench bench-model clean help

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

INSTALL := $(PIP) install --constraint constraints.txt --editable

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[dev]'
	@touch $(READY)

# what runs models, clusters and object stores, several GB: only the tests and the benchmark of models need it. SoccerNet's
# evaluator, which reads an export in a test, asks for much that it does not use.
$(MODELS): $(READY)
	$(INSTALL) '.[dev,models,server,storage,cluster]'
	$(PIP) install --no-deps SoccerNet==0.2.0
	@touch $(MODELS)

setup: $(READY) ## a virtual environment with everything in it

# made only if absent: it comes with the sources, and drawing it takes a minute
samples/soccer.mp4: | $(READY)
	$(BIN)/python samples/make_soccer.py

demo: $(READY) samples/soccer.mp4 ## find the goals of the sample match, cut the reel, say where it is
	$(BIN)/highlights run samples/soccer.mp4 --sport soccer --out out/demo

# a browser needs a core of its own to answer in time, so the tests with one come after the others, one by one
test: $(MODELS) samples/soccer.mp4 ## every test but the long ones
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal -m 'not browser and not long'
	$(BIN)/python -m pytest -m 'browser and not long' $$(grep --recursive --files-with-matches mark.browser tests)

test-long: $(MODELS) samples/soccer.mp4 ## the tests that take minutes: assembled matches, ten minutes of review, many matches
	$(BIN)/python -m pytest -m long

check: $(READY) ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(READY) ## what the style checker can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## speed, printed beside the targets and written into docs/benchmarks.md
	$(BIN)/python -m benchmarks.bench --write docs/benchmarks.md

bench-model: $(MODELS) ## speed of a model of Marlin's shape, printed beside the targets
	$(BIN)/python -m benchmarks.model

clean: ## all that was made here
	rm -rf $(VENV) out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
