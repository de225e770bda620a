# make run | test | check | bench: all that a fresh machine with python3 and make needs.
PYTHON ?= python3
PORT ?= 8000
PY = .venv/bin/python
export DJANGO_SETTINGS_MODULE ?= config.settings

.PHONY: run test check fix bench seed help clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: .venv/.ok node_modules/.ok ## start web, worker, beat and the Aligo sandbox, with demo data
	@exec env PORT=$(PORT) $(PY) tools/run.py

test: .venv/.dev node_modules/.ok ## the suite, on SQLite or on DATABASE_URL and REDIS_URL
	@exec $(PY) tools/test.py $(ARGS)

check: .venv/.dev ## lint, format, types, migrations, translations, deploy checks
	@exec $(PY) tools/check.py

fix: .venv/.dev ## format and repair what lint can repair
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

bench: .venv/.dev ## the benchmarks under bench/: floor, peer and us in one run
	@exec $(PY) tools/bench.py $(ARGS)

.venv/.ok: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "Installing requirements.txt"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: .venv/.ok requirements-dev.txt
	@echo "Installing requirements-dev.txt"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# A failed font download must not stop the product: it runs on system fonts then.
node_modules/.ok: .venv/.ok package.json package-lock.json
	-@$(PY) tools/assets.py

clean: ## forget the demo (database, files, secrets)
	rm -rf var
