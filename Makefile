# Everything here installs what it needs into .venv first; PYTHON=… chooses the Python.

.DEFAULT_GOAL := help
.PHONY: help chat run test fuzz check bench

help:
	@echo 'make chat    talk with Ellie                      (ARGS="--as alice" passes options)'
	@echo 'make run     connect her to the platforms that .env names'
	@echo 'make test    run every test                       (ARGS="-k recall" passes options)'
	@echo 'make fuzz    the tests over random examples, twenty times as many'
	@echo 'make check   ruff, mypy and the architecture test'
	@echo 'make bench   measure what is promised'
	@echo 'With PYTHON=/path/to/python3 each of them uses that Python, 3.11 or newer.'

chat:
	@scripts/venv && exec .venv/bin/ellie chat $(ARGS)

run:
	@scripts/venv && exec .venv/bin/ellie run $(ARGS)

# A worker more than there are cores: many tests wait for a process or a socket.
test:
	@scripts/venv --test && exec .venv/bin/python -m pytest --dist worksteal \
		-n "$$(.venv/bin/python -c 'import os; print(1 + (os.cpu_count() or 1))')" $(ARGS)

fuzz:
	@scripts/venv --test && FUZZ_TIMES=20 exec .venv/bin/python -m pytest -n auto \
		$$(grep -rl 'examples(' tests --include='test_*.py') $(ARGS)

check:
	@scripts/venv --test
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/python -m pytest -q tests/test_architecture.py

bench:
	@scripts/venv --test && exec .venv/bin/python -m tests.bench $(ARGS)
