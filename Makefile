# Two commands do everything: make demo, make test.
PYTHON ?= python3
BIN := .venv/bin
NEW_ENOUGH := 'import sys; sys.exit(sys.version_info < (3, 11) and "opsbook needs Python 3.11 or newer; try: make PYTHON=python3.13")'
.DEFAULT_GOAL := demo
.PHONY: demo test check format install reference clean

demo: install
	$(BIN)/opsbook run -j 2

test: check

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	test -x $(BIN)/pip || { $(PYTHON) -c $(NEW_ENOUGH) && $(PYTHON) -m venv .venv; }
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch .venv/installed

# The tests start the command a hundred times: let Python keep what it has compiled.
check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: install
	$(BIN)/python -m opsbook.project.reference params
	$(BIN)/python docs/make_method_pages.py

clean:
	rm -rf .venv outputs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
