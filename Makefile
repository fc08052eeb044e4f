# The commands of the house. `make run` and `make test` are the two a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup assets messages run test browsers lint verify soak clean

# The stamp is younger than everything that decides what is installed.
STAMP := $(VENV)/.installed
setup: $(STAMP) assets
$(STAMP): pyproject.toml hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit("Baoxiu needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(STAMP)

# The bundles and catalogues are younger than their sources; without a Node, installing again brings one.
ASSETS := webapp/static/dist/.built
SOURCES := $(wildcard webapp/frontend/*.* webapp/frontend/css/* webapp/frontend/js/* webapp/translations/*/LC_MESSAGES/*.po)
assets: $(ASSETS)
$(ASSETS): $(SOURCES) | $(STAMP)
	$(BIN)/python webapp/frontend/build.py || $(BIN)/python -m pip install --quiet --editable .
	touch $(ASSETS)

# Bring the message catalogues up to date with the texts in the code; what is new is then untranslated.
messages: setup
	$(BIN)/python -m webapp.messages

run: setup
	$(BIN)/baoxiu serve --demo

test: setup
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not postgresql and not soak"

browsers: setup
	$(BIN)/python -m tests.browsers

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

# Everything once more that touches a database, on PostgreSQL, and what takes too long for every day.
verify: lint test
	BAOXIU_TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n 2 -m "not slow and not soak and not browser" $(ON_BOTH)
	$(BIN)/python -m pytest -q -n 2 -m "(slow or postgresql) and not soak"
ON_BOTH := $(addprefix tests/unit/,archive backup commands demo handlers history linting queries runtime scenarios verification webapp) \
	tests/concurrency tests/crash tests/migration tests/security

# Hours: what only shows itself in the long run. It goes on where it stopped and prints the figures of the whole run;
# remove var/soak to begin again. BAOXIU_SOAK_MINUTES is how long the mixed load lasts (60).
soak: setup
	$(BIN)/python -m pytest -q -m soak; status=$$?; $(BIN)/python -m tests.soak.ledger; exit $$status

clean:
	rm -rf $(VENV) var dist build
