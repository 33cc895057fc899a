# Everything a developer or a first-time user needs; `make demo` and `make test` set up what they use.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: setup demo test check fix bench clean help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

# rapidocr asks for the desktop build of OpenCV, which needs X and GL libraries that servers lack; the headless build has
# the same Python module without them, so it replaces it.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip uninstall --quiet --yes opencv-python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --force-reinstall --no-deps opencv-python-headless
	@touch $(READY)

setup: $(READY) ## a virtual environment with everything in it

# made only if absent: it comes with the sources, and drawing it takes a minute
samples/soccer.mp4: | $(READY)
	$(BIN)/python samples/make_soccer.py

demo: $(READY) samples/soccer.mp4 ## find the goals of the sample match, cut the reel, say where it is
	$(BIN)/highlights run samples/soccer.mp4 --sport soccer --out out/demo

test: $(READY) samples/soccer.mp4 ## every test
	$(BIN)/python -m pytest

check: $(READY) ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(READY) ## what the style checker can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## speed and quality, printed beside the targets
	$(BIN)/python benchmarks/bench.py

clean: ## all that was made here
	rm -rf $(VENV) out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
