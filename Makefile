# `make` alone, or `make help`, lists what there is. Python 3.11 or newer; name another with PYTHON=python3.12.

PYTHON ?= python3
BIN := .venv/bin
CODE := gonka_core backends conformance mock_node benchmarks tests docs/tooling bootstrap.py
RESULTS := .benchmarks/results.json
BENCH := benchmarks -o python_files='bench_*.py' --benchmark-only --benchmark-quiet --benchmark-max-time=0.5 --benchmark-json=$(RESULTS)

.DEFAULT_GOAL := help
.PHONY: help demo test lint types mypy basedpyright completeness unit nightly bench bench-targets bench-instructions bench-peers docs test-all test-ecosystem million soak vectors sabotage mutation format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready ## start a mock node and send signed requests to it through every pair of backends
	@$(BIN)/gonka demo

test: lint types unit ## everything that must hold: ruff, mypy, basedpyright, pytest

lint: .venv/ready ## ruff: rules and format
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: mypy basedpyright completeness ## mypy --strict, basedpyright, and that every public name has its types

mypy: .venv/ready
	$(BIN)/mypy

basedpyright: .venv/ready
	$(BIN)/basedpyright

completeness: .venv/ready
	$(BIN)/python -m tests.completeness

unit: .venv/ready ## pytest, on every core; JOBS=0 for one process
	$(BIN)/python -m pytest --numprocesses $(or $(JOBS),auto)

bench: .venv/ready ## every benchmark beside its baseline, as ratios, and the chart of the docs (five minutes)
	@mkdir -p .benchmarks
	$(BIN)/python -m pytest $(BENCH)
	@$(BIN)/python -m benchmarks.ratios $(RESULTS)
	@$(BIN)/python -m benchmarks.chart $(RESULTS) docs/benchmarks.svg

bench-targets: .venv/ready ## each performance target with the figure of this machine; ROWS="clients node" for some, WRITE=1 for the README
	$(BIN)/python -m benchmarks.targets $(ROWS) $(if $(WRITE),--write)

bench-instructions: .venv/ready ## count the instructions of the hot path (valgrind), against those that are stored
	$(BIN)/python -m benchmarks.instructions $(if $(GONKA_TESTS_FORBID_SKIPS),--require)

bench-peers: .venv/ready .venv-peers/openai-2/ready .venv-peers/openai-3/ready ## against the official SDK and the OpenAI SDK, which it installs
	$(BIN)/python -m pytest tests/benchmarks/test_peers.py
	$(BIN)/python -m benchmarks.targets peers $(if $(WRITE),--write)

docs: .venv/ready ## the docs as a site, strictly, into site/; SERVE=1 to look at them while writing
	$(BIN)/python docs/tooling/build.py $(if $(SERVE),--serve)

test-all: .venv/ready ## the suite on every Python from 3.11 to 3.14 that is found, each in an environment of its own
	$(BIN)/python -m tests.interpreters --numprocesses $(or $(JOBS),auto)

test-ecosystem: .venv/ready ## the drop-ins with the real libraries, which it installs; GROUPS="langchain ray" for some
	$(BIN)/python -m tests.ecosystem $(GROUPS)

.venv-peers/%/ready: benchmarks/peers/%.txt
	$(BIN)/python -m venv .venv-peers/$*
	.venv-peers/$*/bin/python -m pip install --quiet --requirement $<
	@touch $@

million: .venv/ready ## sign a million digests in pure Python and with libsecp256k1, byte for byte; COUNT=n for fewer
	$(BIN)/python -m benchmarks.million --count $(or $(COUNT),1000000)

nightly: .venv/ready ## property tests of proofs, headers and commits with 10,000 examples each (ten minutes)
	$(BIN)/python -m pytest tests/proofs --numprocesses $(or $(JOBS),auto) --hypothesis-profile=nightly --timeout=3600

soak: .venv/ready ## 100,000 calls over three nodes with faults, a minute or more; CALLS=n for another number
	$(BIN)/python -m benchmarks.soak --calls $(or $(CALLS),100000)

vectors: .venv/ready ## write the vectors and schemas of the conformance kit
	$(BIN)/python -m vector_tool

sabotage: .venv/ready ## test the conformance kit with broken subjects: who is caught by which check
	$(BIN)/python -m sabotage

mutation: .venv/ready ## change every line that signs or verifies, and see a test fail (an hour); SUBJECTS="sse keys" for some
	$(BIN)/python -m pip install --quiet --editable '.[mutation]'
	$(BIN)/python -m tests.mutation $(SUBJECTS)

format: .venv/ready ## let ruff rewrite what it can
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean: ## remove .venv and caches
	rm -rf .venv .venv-peers .venv-ecosystem .venv-docs .venv-all site .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks dist

.venv/ready: pyproject.toml bootstrap.py
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "make: there is no '$(PYTHON)'; install Python 3.11 or newer, or name one: make PYTHON=python3.12 demo" >&2; \
		exit 2; }
	@$(PYTHON) bootstrap.py
	@touch $@
