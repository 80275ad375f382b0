# Two commands do everything on a fresh machine with Python >= 3.11: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
CITY ?= demo
PORT ?= 8050
PEOPLE ?= 24000

.PHONY: run test check bench bundle clean help

help:
	@echo "make run     set up, build the demo city and serve it (CITY=demo PORT=8050 PEOPLE=24000)"
	@echo "make test    set up and run all tests"
	@echo "make check   lint, types and import contracts"
	@echo "make bench   speed and memory against peers and floors, one table per run"
	@echo "make bundle  everything needed to install on a machine without any network"

.venv/.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Cityhex needs Python 3.11 or later, and '$(PYTHON)' is not that. Install it, or name it: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python comes without its venv module. On Debian or Ubuntu: apt-get install python3-venv; then try again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing from requirements.lock (a minute or two, only when it has changed) ..."
	@if command -v uv >/dev/null 2>&1; then VIRTUAL_ENV=.venv uv pip sync -q --require-hashes requirements.lock; \
	  else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@if command -v uv >/dev/null 2>&1; then VIRTUAL_ENV=.venv uv pip install -q --no-deps --no-build-isolation -e .; \
	  else $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; fi
	@touch $@

# What only few need (the Spark engine, the peers of the benchmarks, differential privacy) comes on top; pyspark alone is 400 MB.
.venv/.all: .venv/.stamp requirements-all.lock
	@echo "Installing from requirements-all.lock ..."
	@if command -v uv >/dev/null 2>&1; then VIRTUAL_ENV=.venv uv pip install -q --require-hashes -r requirements-all.lock; \
	  else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-all.lock; fi
	@touch $@

run: .venv/.stamp
	@$(BIN)/cityhex demo --keep --people $(PEOPLE)
	@$(BIN)/cityhex build $(CITY)
	@$(BIN)/cityhex serve $(CITY) --port $(PORT)

# As many workers as processors, at most four; ARGS=-n0 runs in one process.
test: .venv/.stamp
	$(BIN)/python -m pytest -n logical --maxprocesses 4 $(ARGS)

check: .venv/.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.all
	$(BIN)/python -m benchmarks $(ARGS)

# A folder with the source, the lock, every wheel of it and their checksums; install there with
#   python3 -m venv .venv && .venv/bin/pip install --no-index --find-links wheelhouse --require-hashes -r requirements.lock
bundle: .venv/.stamp
	rm -rf dist/bundle && mkdir -p dist/bundle/wheelhouse
	git archive HEAD | tar -x -C dist/bundle
	$(BIN)/python -m pip download -q --disable-pip-version-check --require-hashes -r requirements.lock -d dist/bundle/wheelhouse
	cd dist/bundle && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS
	@echo "dist/bundle is complete"

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
