# MSA Search on Debian 12 (or a later Debian or Ubuntu with QGIS >= 3.22 and Python >= 3.11).
# Every target does its own set-up; a second run of it is quick.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PINS := resources/requirements
VERSION := $(shell sed -n 's/^version=//p' metadata.txt)
WORKER := $(CURDIR)/.venv/worker
QGIS := $(CURDIR)/.venv/qgis
APT := qgis python3-qgis xvfb xauth xdotool python3-venv git fonts-dejavu-core qttools5-dev-tools

hash = $(shell cat $(1) | sha256sum | cut -c1-16)
WORKER_STAMP := .venv/worker/.ready-$(call hash,tools/worker_env.sh $(PINS)/torch.txt $(PINS)/constraints.txt $(PINS)/locked/*.txt)
PACKAGE_STAMP := .venv/worker/.package-$(call hash,pyproject.toml setup.py metadata.txt)
QT6 := $(CURDIR)/.venv/qt6
QT6_STAMP := .venv/qt6/.ready-$(call hash,$(PINS)/locked/qt6-tests.txt)
QGIS_STAMP := .venv/qgis/.ready-$(call hash,$(PINS)/locked/qgis-tests.txt)

PYTEST := -m pytest -p no:cacheprovider
TEST := $(WORKER)/bin/python $(PYTEST) -p no:benchmark
QGIS_TEST := env -u PYTHONPATH -u PYTHONHOME $(QGIS)/bin/python $(PYTEST)

.PHONY: help setup demo test test-beside test-engine test-qgis test-qt6 test-desktop test-drive test-qgis-matrix fuzz harness lint format run package bench screenshots translations lock clean distclean apt tour

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-17s %s\n", $$1, $$2}' Makefile

setup: apt $(PACKAGE_STAMP) $(QGIS_STAMP) ## both Python environments: .venv/worker and .venv/qgis

apt:
	@tools/apt.sh $(APT)

$(WORKER_STAMP): | apt
	@tools/worker_env.sh .venv/worker
	rm -f .venv/worker/.ready-*
	touch $@

$(PACKAGE_STAMP): $(WORKER_STAMP)
	@.venv/worker/bin/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	rm -f .venv/worker/.package-*
	touch $@

$(QGIS_STAMP): | apt
	@[ -x .venv/qgis/bin/pip ] || /usr/bin/python3 -m venv --system-site-packages .venv/qgis
	.venv/qgis/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $(PINS)/locked/qgis-tests.txt
	rm -f .venv/qgis/.ready-*
	touch $@

$(QT6_STAMP): | apt
	@[ -x .venv/qt6/bin/pip ] || /usr/bin/python3 -m venv --system-site-packages .venv/qt6
	.venv/qt6/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $(PINS)/locked/qt6-tests.txt
	rm -f .venv/qt6/.ready-*
	touch $@

demo: setup ## [RASTER=file QUERY="text"] index, search, and a picture of QGIS with the results
	@$(WORKER)/bin/python -m tests.demo.run_demo $(if $(RASTER),--raster "$(RASTER)") $(if $(QUERY),--query "$(QUERY)")

test: test-beside test-qt6 test-desktop ## every test: engine beside the plugin in QGIS, under Qt 6, a driven desktop

test-beside: setup
	@$(MAKE) -j2 told-test-engine told-test-qgis

told-%: # a target whose lines tell which one it is
	@$(MAKE) $* 2>&1 | sed -u 's/^/$*: /'

test-engine: setup
	@$(TEST) tests/unit tests/model tests/worker tests/demo
	MSA_BENCH=tiny $(WORKER)/bin/python $(PYTEST) tests/benchmarks

test-qgis: setup
	@QT_QPA_PLATFORM=offscreen $(QGIS_TEST) tests/qgis

test-qt6: $(QT6_STAMP) ## the plugin's widgets under PyQt6, as QGIS 4 has it; QGIS's own classes are stand-ins
	@QT_QPA_PLATFORM=offscreen PYTEST_QT_API=pyqt6 env -u PYTHONPATH -u PYTHONHOME \
	  $(QT6)/bin/python $(PYTEST) -p no:pytest_qgis -p tests.qt6.plugin @tests/qt6/run.txt

test-desktop: setup
	@$(TEST) tests/desktop

test-drive: setup
	@$(TEST) tests/desktop/test_desktop.py

test-qgis-matrix: ## [RELEASES="trixie sid"] QGIS-side tests and a desktop drive in other Debian releases; needs root
	@tools/qgis_matrix.sh $(RELEASES)

harness: setup ## [KILLS=100] jobs killed at random moments and disks that fail: the same tiles afterwards
	@KILLS=$(or $(KILLS),100) $(TEST) -s tests/harness

lint: setup ## ruff, mypy --strict on engine, plugin, tools and tests, flake8-qgis
	@.venv/worker/bin/ruff check .
	.venv/worker/bin/ruff format --check .
	.venv/worker/bin/mypy
	.venv/qgis/bin/flake8 --max-line-length 110 --select E9,F,QGS --extend-ignore QGS105,QGS202 qgis_msa_plugin

format: setup ## ruff's fixes and formatting, in place
	@.venv/worker/bin/ruff check --fix .
	.venv/worker/bin/ruff format .

run: setup ## QGIS desktop with the plugin enabled, in a profile of its own under build/
	@$(WORKER)/bin/python -m tools.desktop $(if $(RASTER),"$(RASTER)")

package: setup ## dist/msa_search-VERSION.zip, checked as the plugin site does
	@$(WORKER)/bin/python -m tools.package

fuzz: setup ## damaged files, frames and requests in full size: minutes to hours
	@$(TEST) -s -m full_size tests/unit tests/worker tests/model

bench: setup ## [RASTER=file] the speed and memory figures, one table and build/bench.json; QGIS's GUI thread
	@MSA_BENCH_JSON=build/bench.json $(WORKER)/bin/python $(PYTEST) tests/benchmarks -s -m "slow or not slow"
	$(if $(RASTER),,$(WORKER)/bin/python -c "from tests.demo.run_demo import FOLDER, embedded_scene; embedded_scene(FOLDER / 'scene')")
	QT_QPA_PLATFORM=offscreen env -u PYTHONPATH -u PYTHONHOME $(QGIS)/bin/python -m tests.benchmarks.gui_pause "$(or $(RASTER),build/demo/scene/scene.tif)"

screenshots: setup ## docs/screenshots/ from a driven desktop
	@MSA_SCREENSHOTS=docs/screenshots $(TEST) tests/desktop

tour: setup ## [RASTER=file] build/tour/: the dock at two sizes of screen, light and dark, German, stacked
	@$(WORKER)/bin/python -m tests.desktop.tour build/tour "$(or $(RASTER),build/demo/scene/scene.tif)"

translations: apt $(PACKAGE_STAMP) ## bring i18n/*.ts up to the plugin's texts; says what wants translating
	@$(WORKER)/bin/python -m tools.translations

lock: setup $(QT6_STAMP) ## refresh the pins of indirect dependencies from both environments, and the hashes of all pins
	@tools/lock.sh

clean: ## what was built; the environments stay
	@rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## the environments too
	@rm -rf .venv *.egg-info
