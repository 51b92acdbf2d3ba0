# Everything a newcomer needs: `make demo` and `make test` set up what they use, without root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLAVORS := .peers/flavors
# Many tests wait for other processes: more workers than cores.
PYTEST_WORKERS ?= 4
# Not $(MAKE) itself: a line with that runs under `make -n` too.
SELF := $(MAKE)
STATIC := src/mainstay/server/static/index.html
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: image demo test test-main test-flavors venv ui peers flavors lint types layers check lock clean python-version

demo: venv ui
	$(BIN)/mainstay demo $(DEMO_OPTIONS)

test: test-main test-flavors

test-main: venv ui peers
	cd ui && npm test --silent
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --ignore=tests/flavors $(PYTEST_OPTIONS)

# The libraries whose models mainstay packages are heavy: an environment of their own, with the
# stock package beside them. PyTorch stays out of the lock: its builds differ by machine. Where one of
# them has no build for this machine, their tests are skipped, unless MAINSTAY_REQUIRE asks for all.
test-flavors:
	@if $(SELF) --no-print-directory flavors; then \
	  $(FLAVORS)/bin/python -m pytest -n 2 --dist loadfile tests/flavors $(PYTEST_OPTIONS); \
	elif [ -n "$$MAINSTAY_REQUIRE" ]; then exit 1; \
	else echo "tests/flavors skipped: its libraries could not be installed here (see above)"; fi

lint: venv
	$(BIN)/ruff check src tests hatch_build.py
	$(BIN)/ruff format --check src tests hatch_build.py

types: venv
	$(BIN)/mypy

layers: venv
	$(BIN)/lint-imports

check: lint types layers

venv: $(VENV)/.done
ui: $(STATIC)
peers: .peers/mlflow/.done .peers/mlflow2/.done .peers/moto/.done
flavors: $(FLAVORS)/.done

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mainstay needs Python 3.11 or newer; name one with make PYTHON=python3.11 ..." >&2; exit 1; }

$(VENV)/.done: requirements/dev.txt pyproject.toml | python-version
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# The stock package, in an environment of its own: the other end of the compatibility tests.
.peers/mlflow/.done: requirements/mlflow.txt | python-version
	$(PYTHON) -m venv .peers/mlflow
	.peers/mlflow/bin/python -m pip install --quiet --require-hashes -r requirements/mlflow.txt
	.peers/mlflow/bin/python -m compileall -q .peers/mlflow/lib || true
	touch $@

# The last of MLflow 2, whose databases are imported too.
.peers/mlflow2/.done: requirements/mlflow2.txt | python-version
	$(PYTHON) -m venv .peers/mlflow2
	.peers/mlflow2/bin/python -m pip install --quiet --require-hashes -r requirements/mlflow2.txt
	.peers/mlflow2/bin/python -m compileall -q .peers/mlflow2/lib || true
	touch $@

$(FLAVORS)/.done: requirements/flavors.txt pyproject.toml | python-version
	$(PYTHON) -m venv $(FLAVORS)
	$(FLAVORS)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/flavors.txt
	$(FLAVORS)/bin/python -m pip install --quiet torch==2.13.0
	$(FLAVORS)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# An S3-speaking server, for tests of object stores.
.peers/moto/.done: requirements/moto.txt | python-version
	$(PYTHON) -m venv .peers/moto
	.peers/moto/bin/python -m pip install --quiet --require-hashes -r requirements/moto.txt
	touch $@

ui/node_modules/.done: ui/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || \
	  { echo "building the web UI needs Node.js 20 or newer: https://nodejs.org" >&2; exit 1; }
	cd ui && npm ci --no-audit --no-fund --silent
	touch $@

$(STATIC): ui/node_modules/.done $(UI_SOURCES)
	cd ui && npm run build --silent
	touch $@

# Lock files carry hashes and no addresses.
lock:
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 --group dev pyproject.toml requirements/build.in \
	  -o requirements/dev.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 requirements/mlflow.in -o requirements/mlflow.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 pyproject.toml requirements/build.in \
	  requirements/flavors.in --override requirements/no-torch.txt -o requirements/flavors.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 requirements/mlflow2.in -o requirements/mlflow2.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 requirements/moto.in -o requirements/moto.txt
	$(BIN)/uv pip compile --python-platform x86_64-manylinux_2_28 --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --extra postgres --extra s3 \
	  pyproject.toml -o requirements/server.txt

# The image of the server: packages by the lock, and this checkout as a wheel; the build itself needs
# no network. ARCH is x86_64 or aarch64.
IMAGE ?= mainstay-server:$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
IMAGE_FOLDER ?= build/image
ENGINE ?= docker
ARCH ?= x86_64
BASE_IMAGE ?= docker.io/library/python:3.11-slim-bookworm
# Podman's own format has no health checks.
ENGINE_OPTIONS := $(if $(findstring podman,$(shell $(ENGINE) --version 2>/dev/null)),--format docker)

image: venv ui
	rm -rf $(IMAGE_FOLDER)
	mkdir -p $(IMAGE_FOLDER)
	$(BIN)/uv pip install --quiet --target $(IMAGE_FOLDER)/packages --require-hashes --no-deps \
	  --only-binary :all: --python-version 3.11 --python-platform $(ARCH)-manylinux_2_28 \
	  -r requirements/server.txt
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w $(IMAGE_FOLDER)/wheel .
	$(BIN)/uv pip install --quiet --target $(IMAGE_FOLDER)/mainstay --no-deps $(IMAGE_FOLDER)/wheel/*.whl
	rm -rf $(IMAGE_FOLDER)/wheel $(IMAGE_FOLDER)/packages/bin $(IMAGE_FOLDER)/mainstay/bin
	$(ENGINE) build $(ENGINE_OPTIONS) --build-arg BASE_IMAGE=$(BASE_IMAGE) -t $(IMAGE) -f Dockerfile \
	  $(IMAGE_FOLDER)

clean:
	rm -rf $(VENV) .peers ui/node_modules src/mainstay/server/static build dist
