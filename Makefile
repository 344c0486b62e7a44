# `make` alone lists what there is. Set-up is scripts/setup.sh; once it is done it costs nothing.
PYTHON := .venv/bin/python
ARGS ?=
PROGRAM := peer.py cli call core doctor media net ui

.DEFAULT_GOAL := help
.PHONY: help setup setup-test bench-setup demo test quick check types lock wheels bench plots pictures \
	clean

help:  ## list these lines
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /	/' | while IFS='	' read -r name text; do \
		printf '  make %-11s %s\n' "$$name" "$$text"; done

setup:  ## make .venv and install all that a call needs
	@sh scripts/setup.sh run

setup-test:
	@sh scripts/setup.sh test

bench-setup: setup-test  ## install what draws plots, and GStreamer to compare with
	@sh scripts/bench-packages.sh
	@$(PYTHON) -m pip install --quiet --require-hashes --requirement requirements-bench.txt

demo: setup  ## both ends of a call on this machine; options in ARGS="..."
	@$(PYTHON) peer.py demo $(ARGS)

# Four at once even on two processors, because the tests of whole calls mostly wait.
test: setup-test  ## run the tests; options for pytest in ARGS="..."
	@$(PYTHON) -m pytest --numprocesses 4 --dist worksteal $(ARGS)

quick: setup-test  ## the tests without device, window and second process, in under a minute
	@$(PYTHON) -m pytest -m "not slow" --numprocesses auto --maxprocesses 4 $(ARGS)

check: setup-test  ## all that CI runs: format, lint, types, tests
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory test

# What a system's branch leaves unreachable is no error on the others.
types: setup-test  ## check types, also of the branches for Windows and macOS
	$(PYTHON) -m mypy
	$(PYTHON) -m mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/win32 $(PROGRAM)
	$(PYTHON) -m mypy --platform darwin --no-warn-unreachable --cache-dir .mypy_cache/darwin $(PROGRAM)

lock: setup-test  ## write requirements*.txt from the versions in pyproject.toml
	@sh scripts/lock.sh

wheels: setup-test  ## ask whether every pinned package has a wheel for Windows and macOS
	@$(PYTHON) scripts/wheels.py $(ARGS)

bench: setup-test  ## measure the latency of a call on this machine
	@$(PYTHON) bench/latency.py $(ARGS)

plots: bench-setup  ## draw the plots of docs/rate-control.md again
	@$(PYTHON) bench/rate_plots.py $(ARGS)

pictures: setup  ## draw the pictures of README and docs again
	@$(PYTHON) scripts/pictures.py $(ARGS)
	@$(PYTHON) scripts/report_picture.py

clean:  ## remove .venv and what tools left behind
	rm -rf .venv .venv-old
	find . -type d \( -name __pycache__ -o -name '.*_cache' -o -name .hypothesis \) \
		-prune -exec rm -rf {} +
