# make demo    the bot in its local world, in the browser; no account needed
# make env     write .env: asks for the token and the key, and checks them
# make test    every test, on a machine with nothing but Python
# make clients other clients than ours against the local world: hikari, discord.js (with npm), the provider's SDK
# make check   ruff, mypy --strict, import-linter
# make audit   known weaknesses of the dependencies; needs the internet
# make sbom    what the bot is made of: out/sbom.cdx.json (CycloneDX)
# A Python that is named has an environment of its own: make test PYTHON=python3.13
ifeq ($(origin PYTHON),command line)
VENV   ?= .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OTHERS := tests/sandbox/clients
TOOLS  := .venv-tools
# On a terminal, pip shows what it downloads: the first time takes minutes.
INSTALL = install $$([ -t 2 ] || echo --quiet) --disable-pip-version-check --require-hashes -r
# Tests wait more than they work: two a core.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(16, 2 * (os.cpu_count() or 1)))')

.PHONY: demo env run test clients check audit sbom bench bench-ledger siege crash texts look-alikes emoji screenshots format lock clean

demo: $(VENV)/.run
	@$(BIN)/python bot.py --sandbox $(if $(ONCE),--once '$(subst ','\'',$(ONCE))')

env: $(VENV)/.run
	@$(BIN)/python bot.py --init

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
audit: $(TOOLS)/.tools
	@$(TOOLS)/bin/pip-audit --requirement requirements.txt --require-hashes --disable-pip --strict --progress-spinner off \
		|| { echo 'audit: either the above has known weaknesses, or no advisory service could be reached from here:' \
			'then nothing was checked. Newer releases come with: make lock UPGRADE=1'; exit 1; }

# Read off an environment that holds what the bot needs to run and nothing else: components, licences, who needs whom.
sbom: $(TOOLS)/.tools
	@mkdir -p out && rm -rf out/sbom && $(PYTHON) -m venv --without-pip out/sbom
	@$(TOOLS)/bin/python -m pip --python out/sbom/bin/python $(INSTALL) requirements.txt
	@$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --short-PURLs \
		--output-file out/sbom.cdx.json out/sbom/bin/python
	@rm -r out/sbom && echo out/sbom.cdx.json

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

# Unicode's table of confusable characters, for blocked words: after a new version of Unicode.
CONFUSABLES = https://www.unicode.org/Public/security/latest/confusables.txt
look-alikes: $(VENV)/.dev
	@curl --fail --silent --show-error --location $(CONFUSABLES) | $(BIN)/python -m tests.support.look_alikes
	@$(BIN)/ruff format --quiet studio/guilds/look_alike_table.py

# The emoji of the page and of the local SeeDream's pictures: after the texts have new ones. npm brings the whole font.
TWEMOJI = twemoji-colr-font@15.0.3
emoji: $(VENV)/.dev
	@mkdir -p out && npm pack --silent --pack-destination out $(TWEMOJI) >/dev/null
	@tar -xzOf out/$(subst @,-,$(TWEMOJI)).tgz package/twemoji.woff2 | $(BIN)/python -m tests.support.emoji

screenshots: $(VENV)/.dev
	@$(BIN)/python -m tests.page.screenshots

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# For every platform at once; --no-emit-* keeps the pins free of any index's address.
lock: $(TOOLS)/.tools
	@for pair in pyproject.toml:requirements.txt $(foreach name,requirements-dev requirements-tools $(OTHERS)/requirements,$(name).in:$(name).txt); do \
		$(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) $${pair%:*} -o $${pair#*:} || exit 1; done

clean:
	rm -rf $(VENV) .venv-* $(OTHERS)/.venv $(OTHERS)/node_modules out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version.split()[0])'
	@echo 'Creating $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo 'Installing into $(VENV) ...'
	@$(BIN)/python -m pip $(INSTALL) requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo 'Installing into $(VENV) ...'
	@$(BIN)/python -m pip $(INSTALL) requirements-dev.txt
	@touch $@ $(VENV)/.run

$(TOOLS)/.tools: requirements-tools.txt | $(VENV)/bin/python
	@echo 'Installing into $(TOOLS) ...'
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip $(INSTALL) requirements-tools.txt
	@touch $@

# Their pins are not the bot's, so they have an environment of their own.
$(OTHERS)/.venv/.clients: $(OTHERS)/requirements.txt $(OTHERS)/package-lock.json | $(VENV)/bin/python
	@echo 'Installing into $(OTHERS) ...'
	@$(BIN)/python -m venv $(OTHERS)/.venv
	@$(OTHERS)/.venv/bin/python -m pip $(INSTALL) $(OTHERS)/requirements.txt
	@if command -v npm >/dev/null; then npm ci --silent --prefix $(OTHERS); else echo 'npm is missing: discord.js is left out'; fi
	@touch $@
