# The commands of the house. `make run` and `make test` are the two a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup run test browsers lint verify soak clean

# The stamp is younger than everything that decides what is installed.
STAMP := $(VENV)/.installed
setup: $(STAMP)
$(STAMP): pyproject.toml $(wildcard hatch_build.py webapp/frontend/package.json webapp/frontend/package-lock.json)
	$(PYTHON) -c 'import sys; sys.exit("Baoxiu needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(STAMP)

run: setup
	$(BIN)/baoxiu serve --demo

test: setup
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not postgresql"

browsers: setup
	$(BIN)/python -m tests.browsers

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

verify: lint test
	$(BIN)/python -m pytest -q -m "slow or postgresql"

clean:
	rm -rf $(VENV) var dist build
