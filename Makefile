# A fresh machine needs Python 3.10+ with venv, and git; every target sets up the rest.
PYTHON ?= python3
VENV   := .venv
# what the demo needs, and what tests and checks need besides
DEMO   := $(VENV)/.demo-installed
STAMP  := $(VENV)/.installed
PIP    := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test coverage matrix pythons random reliability bench docs lint screenshots page page-check clean

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.10 or newer is needed, such as: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(DEMO): pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(STAMP): pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable ".[dev]"
	@touch $@ $(DEMO)

demo: $(DEMO)
	$(VENV)/bin/govern-mirror demo --output demo-report

# each process takes a stretch of the files, so that what a file shares is made once
PARALLEL := -n auto --dist worksteal

# what `make test` leaves out unless REQUIRE_ALL=1 or PYTEST_ARGS says what to run
SLOW := browser or engine or soak or environment
CHOSEN = $(if $(filter 1,$(REQUIRE_ALL))$(PYTEST_ARGS),$(PYTEST_ARGS),-m "not ($(SLOW))")

test: $(STAMP)
	@$(if $(filter 1,$(REQUIRE_ALL))$(PYTEST_ARGS),:,echo "Left out: tests marked $(SLOW); REQUIRE_ALL=1 make test runs them")
	$(VENV)/bin/python -m pytest $(PARALLEL) $(CHOSEN)

# the tests with branch coverage of the library; fails below the share in pyproject.toml
coverage: $(STAMP)
	$(VENV)/bin/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

# the properties of what is pure and of the gate, with cases that no run before has tried; and what is drawn at random
# of the reliability suites, from a seed that is printed: to try it again, make random RELIABILITY_SEED=that
random: $(STAMP)
	RANDOM_SEEDS=1 $(VENV)/bin/python -m pytest $(PARALLEL) tests/core tests/gate/test_gate.py $(PYTEST_ARGS)
	@seed=$${RELIABILITY_SEED:-$$(date +%s)}; echo "RELIABILITY_SEED=$$seed"; \
	RELIABILITY_SEED=$$seed RELIABILITY_SOAK=$${RELIABILITY_SOAK:-60} \
	$(VENV)/bin/python -m pytest -n 2 tests/reliability -k "test_soak or random" $(PYTEST_ARGS)

# the pure and command-line suites under every other Python that is installed
pythons: $(STAMP)
	$(VENV)/bin/python tests/matrix/pythons.py

# every client of the API that is supported; installs them from the package index
matrix: $(STAMP)
	$(VENV)/bin/python -m pytest -n 2 --dist loadgroup tests/matrix/clients.py $(PYTEST_ARGS)

# the suites of tests/reliability whole, an hour of one core; their counts go into docs/reliability.md
reliability: $(STAMP)
	RELIABILITY=full $(VENV)/bin/python tests/reliability $(SUITES)

bench: $(STAMP)
	$(VENV)/bin/python -m benchmarks $(BENCH_ARGS)

# the generated parts of docs/: names of the Python API, options of the commands
docs: $(STAMP)
	$(VENV)/bin/python -m govern_mirror_devkit.documents

screenshots: $(STAMP)
	$(VENV)/bin/python docs/screenshots.py

# the page's script and style, from frontend/; what comes out is committed
page: frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent build

# types, style and tests of the page's source; and that what is committed is what it builds
page-check: frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent check
	cd frontend && node build.mjs --outdir ../build/page
	for file in page.js page.css LICENSES.txt; do \
	  cmp build/page/$$file python-lib/govern_mirror/page/$$file || { echo "make page builds something else than what is committed"; exit 1; }; \
	done

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed for the page: https://nodejs.org"; exit 1; }
	cd frontend && npm ci --silent --no-audit --no-fund
	@touch $@

lint: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/govern-mirror plugin check

clean:
	rm -rf $(VENV) dist build demo-report
