# make demo    the bot in its local world, in the browser; no account needed
# make test    every test, on a machine with nothing but Python
# make clients other clients than ours against the local world: hikari, discord.js (with npm), the provider's SDK
# make check   ruff, mypy --strict, import-linter
# make audit   known weaknesses of the dependencies; needs the internet
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OTHERS := tests/sandbox/clients
# Tests wait more than they work: two a core.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(16, 2 * (os.cpu_count() or 1)))')

.PHONY: demo run test clients check audit bench bench-ledger siege crash texts screenshots format lock clean

demo: $(VENV)/.run
	@$(BIN)/python bot.py --sandbox $(if $(ONCE),--once '$(subst ','\'',$(ONCE))')

run: $(VENV)/.run
	@$(BIN)/python bot.py

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

clients: $(VENV)/.dev $(OTHERS)/.venv/.clients
	@$(BIN)/python -m pytest $(OTHERS) $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Known weaknesses of what the bot runs on. It asks an advisory service on the internet, so it is no part of check.
audit: $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-audit~=2.10'
	@$(BIN)/python -m pip_audit --requirement requirements.txt --no-deps --disable-pip --strict --progress-spinner off \
		|| { echo 'audit: either the above has known weaknesses, or no advisory service could be reached from here:' \
			'then nothing was checked. Newer releases come with: make lock UPGRADE=1'; exit 1; }

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-ledger: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.ledger $(ARGS)

siege: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.siege --minutes $(or $(MINUTES),10) $(ARGS)

crash: $(VENV)/.dev
	@$(BIN)/python -m tests.crash $(or $(N),200) $(ARGS)

# Brings the catalogs of cogs/i18n/languages up to date with the texts in the code. What is new there is empty: then translate it.
texts: $(VENV)/.dev
	@$(BIN)/pybabel --quiet extract -k N_ -k Phrase -k counted:1,2 -c 'Translators:' --add-location=file --sort-by-file \
		--project=SeeDream --copyright-holder= --msgid-bugs-address= -w 116 -o .texts.pot cogs seedream infra studio
	@for file in cogs/i18n/languages/*.po; do $(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 116 \
		-i .texts.pot -o $$file -l $$(basename $$file .po | tr - _) || exit 1; done
	@rm .texts.pot

screenshots: $(VENV)/.dev
	@$(BIN)/python -m tests.page.screenshots

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# uv resolves for every platform at once; --no-emit-* keeps the pins free of any index's address.
lock: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet uv
	@for name in requirements requirements-dev $(OTHERS)/requirements; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
			--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) $$name.in -o $$name.txt || exit 1; done

clean:
	rm -rf $(VENV) $(OTHERS)/.venv $(OTHERS)/node_modules out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo 'Installing into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo 'Installing into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

# Their pins are not the bot's, so they have an environment of their own.
$(OTHERS)/.venv/.clients: $(OTHERS)/requirements.txt $(OTHERS)/package-lock.json | $(VENV)/bin/python
	@echo 'Installing into $(OTHERS) ...'
	@$(BIN)/python -m venv $(OTHERS)/.venv
	@$(OTHERS)/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $(OTHERS)/requirements.txt
	@if command -v npm >/dev/null; then npm ci --silent --prefix $(OTHERS); else echo 'npm is missing: discord.js is left out'; fi
	@touch $@
