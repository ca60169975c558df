# make run    from a fresh clone to a judged plan for Yunnan
# make test   the checks and the whole test suite
# make reference  run all shipped scenarios and keep what later runs are compared with
# make backtest  run the nation and all shipped scenarios and hold them against what came
# make bench  how long each stage takes, and how much work it does

SCENARIO ?= scenarios/yunnan-2017.yaml
UV ?= uv
PY = .venv/bin/python
LOCKS = pyproject.toml sim/version.py requirements/install.sh requirements/run.txt requirements/china.txt

.PHONY: reference backtest run test lint bench venv lock clean help

run: .venv/.run
	$(PY) -m sim run $(SCENARIO)

test: lint
	$(PY) -m pytest -n 2 --dist loadfile

lint: .venv/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache

bench: .venv/.dev
	$(PY) -m benchmarks

# Run every shipped scenario, whole and as a sample of counties, and keep what tests compare with.
SHIPPED = shandong-2015 yunnan-2017 sichuan-2020 hunan-2015 hunan-2020
reference: .venv/.run
	$(PY) -m sim run scenarios/china-2020.yaml --quiet
	$(PY) -m sim keep reports/china-2020 reports/reference/china-2020
	for name in $(SHIPPED); do \
	  $(PY) -m sim run scenarios/$$name.yaml --quiet && \
	  $(PY) -m sim keep reports/$$name reports/reference/$$name && \
	  $(PY) -m sim run scenarios/$$name.yaml --variant sample --quiet && \
	  $(PY) -m sim keep reports/$$name-sample reports/reference/$$name-sample || exit 1; \
	done

# Run the nation and every province, whole, and write what they forecast beside what came into docs/validation.md.
backtest: .venv/.dev
	for name in china-2020 $(SHIPPED); do \
	  $(PY) -m sim run scenarios/$$name.yaml --quiet || exit 1; \
	done
	$(PY) docs/backtest.py $(addprefix reports/,china-2020 $(SHIPPED))

venv: .venv/.dev

# A stamp is newer than the locks it was made from, so a second `make run` installs nothing.
.venv/.run: $(LOCKS)
	requirements/install.sh run
	@touch $@

.venv/.dev: $(LOCKS) requirements/dev.txt
	requirements/install.sh dev
	@touch .venv/.run $@

# Resolve again for Python 3.11 to 3.14, wheels only, with hashes and without any index address.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --upgrade

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/run.txt >/dev/null
	$(COMPILE) --extra dev -c requirements/run.txt pyproject.toml requirements/build.in -o requirements/dev.txt >/dev/null
	$(COMPILE) --no-deps requirements/china.in -o requirements/china.txt >/dev/null

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks build dist *.egg-info
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
