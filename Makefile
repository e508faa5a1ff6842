# Every wish has one command. The first two need only Python 3.11, make and the package registries.
#   make demo         install, build the invented county, run the night, serve the office, print the log-ins
#   make test         lint, types, layers, then every test (browser tests need: make system-deps)

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PORT ?= 8000
SEED ?= 4199
AS_OF := 2026-11-20
# The demonstration keeps its city, lake and database here; `make demo-reset` throws it away.
DEMO_STATE ?= $(shell $(PYTHON) scripts/state_folder.py demo)

.PHONY: help setup assets demo demo-reset demo-night demo-check test check bench prove system-deps lock

help:
	@grep -E '^#   ' Makefile | sed 's/^#   //'
	@echo "also: setup assets demo-reset demo-night demo-check check bench prove system-deps lock"

# --- set-up -----------------------------------------------------------------------------------------------
.venv/.installed: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "Doudi needs Python 3.11; $(PYTHON) is another version. Set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: .venv/.installed

# Style sheet, scripts, fonts and message catalogues; does nothing when they are up to date.
assets: setup
	@$(BIN)/python scripts/build_assets.py

# --- the demonstration ------------------------------------------------------------------------------------
demo: assets
	@$(BIN)/python scripts/demo.py serve --state $(DEMO_STATE) --seed $(SEED) --as-of $(AS_OF) --port $(PORT)

# The next month's files arrive and the next night runs, while the office is open.
demo-night: assets
	@$(BIN)/python scripts/demo.py next-night --state $(DEMO_STATE) --seed $(SEED)

demo-reset: setup
	@$(BIN)/python scripts/demo.py reset --state $(DEMO_STATE)

# The same walk as a person's, over HTTP, in a state folder of its own; checks itself and ends.
demo-check: assets
	$(BIN)/python scripts/demo_check.py --seed $(SEED) --as-of $(AS_OF)

# --- checks -----------------------------------------------------------------------------------------------
check: assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest -m "not prove" -n 2

# Long proofs: races, kills, big state machines. At most an hour on two cores.
prove: assets
	$(BIN)/python -m pytest -m prove tests/prove tests/stories

bench: setup
	@for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

# Only the browser tests need packages of the system: Chromium and a Chinese font.
system-deps:
	@if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk'; then echo "Chromium and fonts are here."; \
	else apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium fonts-noto-cjk fontconfig poppler-utils; fi

# Renew the locked versions (needs `uv`); the lock holds hashes and no registry address.
lock:
	uv pip compile pyproject.toml --extra office --extra assets --extra dev --generate-hashes --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements/dev.lock
