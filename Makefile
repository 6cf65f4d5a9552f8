# A fresh machine needs Python 3.10+ and git; every target sets up the rest.
PYTHON ?= python3
VENV   := .venv
STAMP  := $(VENV)/.installed

.PHONY: demo test matrix bench lint screenshots vendor clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

demo: $(STAMP)
	$(VENV)/bin/govern-mirror demo --output demo-report

test: $(STAMP)
	$(VENV)/bin/python -m pytest -n auto $(PYTEST_ARGS)

# every client of the API that is supported; installs them from the package index
matrix: $(STAMP)
	$(VENV)/bin/python -m pytest -n 2 --dist loadgroup tests/matrix/clients.py $(PYTEST_ARGS)

bench: $(STAMP)
	$(VENV)/bin/python -m benchmarks

screenshots: $(STAMP)
	$(VENV)/bin/python docs/screenshots.py

vendor: $(STAMP)
	$(VENV)/bin/python -m govern_mirror_devkit.vendor.build

lint: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/govern-mirror plugin check

clean:
	rm -rf $(VENV) dist build demo-report
