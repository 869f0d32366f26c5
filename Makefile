# Two commands on a fresh machine: `make run` does the main job once, `make test` checks everything.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

# What Python compiles is kept, whatever the caller's shell says: each test that starts the program would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test fast browser coverage bench bench-relevance bench-scale soak kills docs floors tables clean

help:  ## show these lines
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(BIN)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q monitor alerts  # an editable install is not compiled by pip
	@touch $@

$(BIN)/.test: $(BIN)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

run: $(BIN)/.run  ## install, then poll the shipped feeds once and write digests to files
	$(BIN)/newsbell -c config/newsbell.yaml -v run --backlog 20

demo: $(BIN)/.run  ## the same without the internet: sample feeds on loopback
	$(BIN)/newsbell demo

browser:  # what the tests of pages look at them with; says what it could not install
	@sh tests/browser.sh

test: $(BIN)/.test browser  ## the whole check: lint, types, layering, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=same

# Stores wait for the disk at each commit, thousands of times: in memory they need not. A folder goes with its test.
fast: export TMPDIR = $(firstword $(wildcard /dev/shm) /tmp)
fast: $(BIN)/.test  ## the tests that start no process, server or browser: for while you work
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-profile=quick -m "not e2e and not processes" \
	  -o tmp_path_retention_policy=failed

# What decides and computes, and touches nothing outside: every branch of it is taken by a fast test.
PURE = monitor/addresses.py,monitor/decide.py,monitor/digest.py,monitor/errors.py,monitor/excerpt.py,monitor/lanes.py,$\
  monitor/likeness.py,monitor/metrics.py,monitor/model.py,monitor/notices.py,monitor/stories.py,monitor/config/*,$\
  monitor/profiles/*,monitor/schedule/*,monitor/text/*,monitor/yamldoc/*,monitor/parse/dates.py,$\
  monitor/parse/documents.py,monitor/parse/encodings.py,monitor/parse/fast.py,monitor/parse/frames.py,$\
  monitor/parse/head.py,monitor/parse/identity.py,monitor/parse/inline.py,monitor/parse/jsonfeed.py,$\
  monitor/parse/orders.py,monitor/parse/pieces.py,monitor/parse/raw.py,monitor/parse/readers.py,$\
  monitor/parse/repair.py,monitor/parse/tolerant.py,monitor/parse/wellformed.py,monitor/fetch/body.py,$\
  monitor/fetch/failures.py,monitor/fetch/gates.py,monitor/fetch/guard.py,monitor/fetch/headers.py,$\
  monitor/fetch/redirects.py,monitor/fetch/statuses.py,alerts/amount.py,alerts/clean.py,alerts/errors.py,$\
  alerts/feeds.py,alerts/mail.py,alerts/model.py,alerts/payload.py,alerts/reasons.py,alerts/render.py,$\
  alerts/retry.py,alerts/sample.py,alerts/shrink.py,alerts/view.py,alerts/why.py,alerts/wrap.py

coverage: $(BIN)/.test  ## the branches that tests take in their own process: all of what is pure, 96 % of everything
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=same -m "not e2e and not processes" --cov --cov-report=
	$(BIN)/python -m coverage report --include='$(PURE)' --fail-under=100
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=same -m "processes" --cov --cov-append --cov-report=
	$(BIN)/python -m coverage report --fail-under=96

bench: $(BIN)/.test  ## what a pass costs, beside other programs: one table and bench-latest.json (OPTIONS="--feeds 2000")
	$(BIN)/python -m tests.bench $(OPTIONS)

bench-relevance: $(BIN)/.test  ## how well built profiles find their topic (NEWSBELL_EVAL_DIR names a folder with more data)
	$(BIN)/python -m tests.bench.relevance

bench-scale: $(BIN)/.test  ## what a PostgreSQL store takes in, two workers at once (OPTIONS="--feeds 20000")
	$(BIN)/python -m tests.bench.scale $(OPTIONS)

soak: $(BIN)/.test  ## ten minutes of workers that are killed again and again, and what became of every entry
	$(BIN)/python -m tests.bench.soak $(OPTIONS)

kills: $(BIN)/.test  ## kill a pass at each of its writes, then 200 at random times: nothing lost, nothing doubled (OPTIONS="--times 1000")
	$(BIN)/python -m tests.kills $(OPTIONS)

docs: $(BIN)/.test  ## write the reference from the code and build the pages into build/docs; warnings are errors
	$(BIN)/python docs/generate.py
	$(BIN)/python -m sphinx -W --keep-going -q -n -b html docs build/docs

floors: $(BIN)/.test  ## all tests but the whole runs, with the lowest version of each dependency that the project claims
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	sh tests/packaging/floors.sh build/floors

tables: $(BIN)/.test  ## write the tables of the profiles anew, after an update of babel or zxcvbn
	$(BIN)/python -m tests.tables

clean:  ## remove what the build made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* var
