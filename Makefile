# The course's commands; `make` alone lists them. The first one that needs the
# environment makes it (tools/bootstrap.py), later ones find it ready.

PYTHON ?= python3
VENV := .venv/bin
WORKERS ?= 2
HANDED_IN ?= handed-in
LABS ?= solutions
GRADEBOOK ?= grades.csv
FEEDBACK ?= feedback

.DEFAULT_GOAL := help
.PHONY: help env book serve lab tangle release test lint types grade bench lock clean distclean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

env:  ## make or update the environment in .venv
	@$(PYTHON) tools/bootstrap.py

book: env  ## run the pages and build the site
	@$(VENV)/harness book

serve: env  ## show the built site in a browser at a local address
	@$(VENV)/harness serve

lab: env  ## do the labs in JupyterLab; your own copies lie in work/
	@exec $(VENV)/harness lab $(if $(PORT),--port $(PORT))

tangle: env  ## write book/twin anew from the pages
	@$(VENV)/harness tangle

release: env  ## make labs/, which learners get, from solutions/
	@$(VENV)/harness release

lint: env  ## formatting and lint
	@echo '== ruff: formatting and lint'
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .

types: env  ## strict types of the harness
	@echo '== mypy: strict types of the harness'
	@$(VENV)/mypy

test: lint types  ## everything: lint, types, the book and all tests
	@echo '== the book, whose results the tests take over'
	@$(VENV)/harness book
	@echo '== pytest'
	@$(VENV)/pytest -n $(WORKERS) --dist loadfile

grade: env  ## grade what students have handed in: HANDED_IN=handed-in GRADEBOOK=grades.csv FEEDBACK=feedback
	@# 1 says that points were lost, which is no failure of the run.
	@$(VENV)/pytest "$(LABS)" --submissions "$(HANDED_IN)" --gradebook "$(GRADEBOOK)" --feedback "$(FEEDBACK)" \
	  -n $(WORKERS) $(OPTIONS); code=$$?; [ $$code -eq 1 ] || exit $$code

bench: env  ## the benchmarks, each with its ratio
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(VENV)/python $$file || exit 1; done

lock: env  ## derive requirements.lock and environment.yml from pyproject.toml
	@$(VENV)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean:  ## remove what was built; the environment stays
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name .venv -prune -o -name __pycache__ -prune -exec rm -rf {} +

distclean: clean  ## remove the environment too
	rm -rf .venv .bootstrap node_modules
