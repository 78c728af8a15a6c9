# Everything works from a fresh clone with Python >= 3.11 and a package index; `make` alone lists the targets.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin
READY := .venv/.ready
# Where the environment forbids bytecode, every verb and every daemon would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
CODE := alerts crawler rules spiders state
N ?= 300
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url

.PHONY: help demo run test lint crash soak bench bench-reading bench-stories bench-rules bench-alerts bench-backfill bench-sources lock clean

help:
	@echo "make demo    the whole thing on a made-up newsroom, in under a minute"
	@echo "make test    everything that must hold"
	@echo "make run     the daemon, with ./yuewatch.yaml"
	@echo "make lint    format, lint, types, import order"
	@echo "make crash   kill -9 at N random moments (N=300)"
	@echo "make soak    500 rounds over a small site: memory and descriptors"
	@echo "make bench   all benchmarks (also bench-reading, -stories, -rules, -alerts, -backfill, -sources)"
	@echo "make lock    resolve the dependencies anew"
	@echo "make clean   remove everything that was made"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "yuewatch needs Python 3.11 or later; none was found"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@# --no-deps: the lock is complete, and the pip of Python 3.11 trips over extras in hashed locks.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	$(BIN)/yuewatch demo

run: $(READY)
	$(BIN)/yuewatch run

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n 3 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

crash: $(READY)
	$(BIN)/python -m pytest tests/crash -q -s --crash-kills $(N)

soak: $(READY)
	$(BIN)/python tests/bench/soak.py

bench: bench-reading bench-stories bench-rules bench-alerts bench-backfill bench-sources

bench-reading bench-stories bench-rules bench-alerts bench-backfill bench-sources: bench-%: $(READY)
	$(BIN)/python tests/bench/$*.py

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --all-extras pyproject.toml --output-file requirements.lock
	@# What a container needs: no tools of ours, and no browser, which its base lacks; setuptools builds the package.
	echo setuptools | $(LOCK) --extra backfill --extra dictionary --constraint requirements.lock \
		pyproject.toml - --output-file deploy/requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis demo-state
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
