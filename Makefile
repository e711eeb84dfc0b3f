# Seodang's commands. Bare `make` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PORT ?= 8000
BIND ?= 127.0.0.1
T ?=
A ?=
export PORT BIND

# The first supported Python on PATH; PYTHON= selects another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$python && break; done)

# $(call need,demo test): install these sets of packages into .venv, unless they are installed.
need = @$(or $(PYTHON),python3) tools/install.py $(1)
# The same, and compile the translations.
need-app = @$(or $(PYTHON),python3) tools/install.py $(1) && $(RUN) tools/messages.py compile
RUN := .venv/bin/python
# $(call run-checks,code): run a group of checks with prek, then print how many passed, or which failed.
run-checks = @.venv/bin/prek run $(if $(MAKE_TERMOUT),--color always) --all-files --group $(1) $(A) | awk -F ':|\033|\\.\\.\\.' ' \
	{ print; fflush() } \
	/^[^ ].*\.(\033\[[0-9;]*m)*Passed/ { passed++ } \
	/^[^ ].*\.(\033\[[0-9;]*m)*Failed/ { failed++; names = names ", " $$1 } \
	END { if (failed) printf "%d of %d checks failed: %s\n", failed, passed + failed, substr(names, 3); \
	else if (passed) print passed (passed == 1 ? " check" : " checks") " passed" }'

##@ Run
.PHONY: demo demo-pr measure-demo
demo: ## The whole product at http://localhost:8000 (PORT=8001; BIND=0.0.0.0 for a phone; EMPTY=1: no data). Ctrl-C stops it
	$(call need-app,demo)
	@exec $(RUN) deploy/demo/run.py

demo-pr: ## Send the running demo a signed webhook of a member's pull request
	$(call need,demo)
	@exec $(RUN) deploy/demo/pull_request.py $(A)

measure-demo: ## Start the demo twice and measure start time, memory and remaining processes
	$(call need,demo)
	@$(RUN) deploy/demo/measure.py $(A)

##@ Run in containers
.PHONY: dev dev-seed dev-logs dev-shell dev-down dev-reset images prod backup restore
S ?=
VERSION := $(shell sed -n 's/^appVersion: "\(.*\)"/\1/p' deploy/helm/seodang/Chart.yaml)

dev: ## Run in containers with live reload at http://localhost:8000. Ctrl-C stops it
	@python3 deploy/operate/compose.py dev
	@trap 'docker compose stop --timeout 20' EXIT; docker compose logs --follow --tail 20 & docker compose watch --no-up

dev-seed: ## Fill the installation of `make dev` with sample data, and print the accounts
	@python3 deploy/operate/compose.py seed

dev-logs: ## Follow the logs (S=study for one service)
	@exec docker compose logs --follow --tail 50 $(if $(S),$(S)-web $(S)-worker $(S)-relay)

dev-shell: ## A Python shell in a service (S=users; default study)
	@exec docker compose exec $(or $(S),study)-web python -m django shell

dev-down: ## Remove the containers; keep the data
	@docker compose down --remove-orphans

dev-reset: ## Remove the containers and the data, after confirmation (A=--yes)
	@python3 deploy/operate/compose.py reset $(A)

images: ## Build the services' images, as compose, Skaffold and the chart use them
	@for service in users study notification; do docker build --quiet --build-arg VERSION=$(VERSION) \
		--build-arg REVISION=$$(git rev-parse HEAD) --file services/$$service/Dockerfile \
		--tag seodang-$$service:$(VERSION) . >/dev/null; done
	@docker build --quiet --file deploy/mail-sink/Dockerfile --tag seodang-mail-sink:$(VERSION) . >/dev/null
	@docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep '^seodang-.*:$(VERSION) '

prod: ## Run on one machine: read-only images behind TLS; .env has PUBLIC_URL and SMTP_URL
	@python3 deploy/operate/compose.py prod

backup: ## Back up the three databases and their keys into backups/ (A=FOLDER; INSTALL=prod, dev or embedded)
	@python3 deploy/operate/backup.py backup $(A)

restore: ## Restore a backup (FROM=backups/….tar; A=--yes does not ask)
	@python3 deploy/operate/backup.py restore $(or $(FROM),$(error Which? FROM=backups/….tar)) $(A)

##@ Prove
.PHONY: test test-mysql test-api test-browser test-journeys test-slow test-kill test-processes test-faults test-images test-compose bench bench-mysql bench-outage bench-pages replay nightly check check-deploy
test: ## Every package's tests on SQLite (T=study for one)
	$(call need-app,demo test)
	@$(RUN) tools/run_tests.py $(T)

test-mysql: ## The same on MySQL (DATABASE_HOST, DATABASE_USER, DATABASE_PASSWORD)
	$(call need-app,demo test mysql)
	@$(RUN) tools/run_tests.py --mysql $(T)

test-api: ## schemathesis against each service's OpenAPI document
	$(call need-app,demo test api)
	@failed=; for service in $(or $(T),study users notification); do \
		env -u DATABASE_HOST DJANGO_SETTINGS_MODULE=$$service.settings BROKER_URL=memory:// GITHUB_API_URL=http://127.0.0.1:1 \
		$(RUN) -m pytest -p chassis.testing.plugin -p no:logging -p no:cacheprovider --show-capture=no services/e2e/documents \
		|| failed=1; done; [ -z "$$failed" ]

test-browser: ## End-to-end tests of the demo in Chromium, at phone and desktop width, with axe
	$(call need-app,demo test browser)
	@cd services/e2e && ../../$(RUN) -m pytest browser --numprocesses 2 --dist loadfile $(A)

test-journeys: ## The main scenario in a browser at BASE=http://…, with the accounts of var/dev or DEMO_FOLDER
	$(call need,demo test browser)
	@cd services/e2e && BASE=$(or $(BASE),$(error Where? BASE=http://localhost:8000)) \
		DEMO_FOLDER=$(or $(DEMO_FOLDER),$(CURDIR)/var/dev) ../../$(RUN) -m pytest browser/test_main_job.py $(A)

test-slow: ## Slow clients against the demo: other requests are answered
	$(call need-app,demo test browser)
	@cd services/e2e && ../../$(RUN) -m pytest slow -s $(A)

test-images: ## The images: size, hardening, every role, and an incremental build
	$(call need,demo test mysql)
	@cd services/e2e && ../../$(RUN) -m pytest images -s $(A)

test-compose: ## make dev and make prod from bare clones: start, use, change, kill, back up, restore
	$(call need,demo test)
	@cd services/e2e && ../../$(RUN) -m pytest compose -s $(A)

test-kill: ## Events, check runs and template runs survive kills (on MySQL if DATABASE_HOST is set, else SQLite)
	$(call need-app,demo test $(if $(DATABASE_HOST),mysql))
	@cd services/e2e && ../../$(RUN) -m pytest kill processes/test_github_app.py -s $(A)

test-processes: ## Every role by its real command: queue, jobs, and a paused Redis
	$(call need-app,demo test)
	@cd services/e2e && ../../$(RUN) -m pytest processes --numprocesses 2 --dist loadgroup $(A)

test-faults: ## Pauses, network faults, latency and a full disk under writes (MySQL in a container)
	$(call need-app,demo test mysql)
	@cd services/e2e && ../../$(RUN) -m pytest faults -s $(A)

bench: ## Print what a request costs beside rivals, on SQLite (QUICK=1; A='--members 1000', A='--compare FILE')
	$(call need-app,demo test bench)
	@env -u DATABASE_HOST $(RUN) bench/endpoints.py $(A)

bench-mysql: ## The same on MySQL, with the work of the database (DATABASE_HOST, DATABASE_USER, DATABASE_PASSWORD)
	$(call need-app,demo test bench mysql)
	@: $${DATABASE_HOST:?Where is MySQL?} && $(RUN) bench/endpoints.py $(A)

bench-outage: ## Print speeds of mail, probes and writes around faults (on the same MySQL; A='--recipients 2000')
	$(call need,demo test mysql)
	@$(RUN) bench/outage.py $(A)

bench-pages: ## Print what each page takes on a phone with a slow network, beside a blank page; fails beyond limits
	$(call need-app,demo test browser)
	@$(RUN) bench/pages.py $(A)

check: ## Run the checks of the code (A=types for one check)
	$(call need,demo test check browser api)
	$(call run-checks,code)

check-deploy: ## Run the checks of the packaging that need no Docker (A=workflows for one check)
	$(call need,demo test deploy)
	$(call run-checks,deploy)

replay: ## Replay a history of pull requests in a scratch database (FILE=….json; MODE=markers or times)
	$(call need,demo test)
	@PYTHONPATH=services/e2e $(RUN) -m replay $(FILE) $(or $(MODE),markers)

nightly: ## Long tests: jobs in every environment, overload, slow clients, five upgrades, long names
	$(call need-app,demo test browser cluster)
	@cd services/e2e && ../../$(RUN) -m pytest faults/test_demo.py browser compose cluster -m nightly -s $(A)

##@ Cluster
.PHONY: manifests kind-up kind-down helm-install helm-test test-cluster
manifests: ## Generate deploy/k8s and the chart's copies (A=--check only compares)
	$(call need,deploy)
	@$(RUN) tools/manifests.py $(A)

kind-up: ## Create a kind cluster, unless it exists (NODES=3 for two workers)
	$(call need,deploy)
	@$(RUN) deploy/operate/cluster.py up

kind-down: ## Delete the kind cluster
	$(call need,deploy)
	@$(RUN) deploy/operate/cluster.py down

helm-install: ## Install or upgrade the chart, with MySQL, Redis and a mail sink (CONTEXT=, NAMESPACE=)
	$(call need,deploy)
	@$(RUN) deploy/operate/cluster.py install

helm-test: ## Run the chart's test inside the cluster
	$(call need,deploy)
	@$(RUN) deploy/operate/cluster.py test

test-cluster: ## Install, upgrade, kill, drain and scale on a cluster, under load (A='-k upgrade' for a part)
	$(call need,demo test browser cluster)
	@cd services/e2e && ../../$(RUN) -m pytest cluster -s $(A)

##@ Work
.PHONY: fmt css fonts messages contracts migrations docs docs-pictures lock install clean
fmt: ## Format Python and apply ruff's fixes
	$(call need,check)
	@.venv/bin/ruff check --quiet --fix-only . && .venv/bin/ruff format .

css: ## Join the stylesheet and the script from services/look/look/css and js
	$(call need,check)
	@$(RUN) tools/styles.py

fonts: ## Build the fonts and their part of the stylesheet; needs npm
	$(call need,test)
	@$(RUN) tools/fonts.py && $(RUN) tools/styles.py

messages: ## Collect the texts to translate into each django.po (T=study for one service), and compile them
	$(call need,demo)
	@$(RUN) tools/messages.py update $(T)

contracts: ## Generate OpenAPI, event schemas and consumers in services/contracts, and docs/events.md
	$(call need,demo test)
	@$(RUN) tools/contracts.py write

migrations: ## Write missing migrations (T=study for one)
	$(call need,demo)
	@for package in $(or $(T),chassis users study notification); do $(RUN) tools/migrations.py write $$package; done

docs: ## Build the documentation site in Korean and English into var/docs; a broken link fails
	$(call need,docs)
	@$(RUN) tools/docs.py

docs-pictures: ## Take screenshots of 16 pages into var/pictures, and twelve into docs/pictures (BASE= a running demo)
	$(call need-app,demo test browser)
	@$(RUN) services/e2e/docs_pictures.py

lock: ## Pin the dependencies (A='--upgrade', A='--upgrade-package django')
	$(call need,uv)
	@$(RUN) tools/lock.py $(A)

install: ## Create .venv with all packages, for an editor
	$(call need,demo test check browser api)

clean: ## Remove .venv, the demo's data and every cache
	@rm -rf .venv .venv.lock var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find services deploy tools -name __pycache__ -prune -exec rm -rf {} +

##@
.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } /^##@ ./ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
