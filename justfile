# One door for work. `just` lists the recipes; the Makefile does the set-up.

default:
    @just --list

# Before each commit: style, types, layers, and the quick tests.
check: lint types layers quick

lint:
    make --no-print-directory lint

types:
    make --no-print-directory types

layers:
    make --no-print-directory layers

# The tests that need no other process.
quick *options:
    .venv/bin/python -m pytest -q tests/packaging tests/promotion tests/statistics tests/wire tests/spool {{options}}

# Every test, as CI runs them.
test *options:
    make --no-print-directory test PYTEST_OPTIONS="{{options}}"

# The pages of docs/, their code run.
docs:
    .venv/bin/python -m pytest -q tests/test_docs.py

# docs/api.md, made from the table of endpoints.
api:
    .venv/bin/python -m tests.support.api_page

# A server on http://localhost:5000 with the UI as built last.
serve *options:
    .venv/bin/mainstay ui {{options}}

# The UI alone, rebuilt as you type, beside `just serve`.
ui-dev:
    cd ui && npm run dev

# The image of the server, by Docker or `just image ENGINE=podman`.
image *options:
    make --no-print-directory image {{options}}

demo *options:
    make --no-print-directory demo DEMO_OPTIONS="{{options}}"

lock:
    make --no-print-directory lock

format:
    .venv/bin/ruff check --fix src tests hatch_build.py
    .venv/bin/ruff format src tests hatch_build.py

# Thousands of random kills on both databases, then a dated report in docs/reports.
soak *options:
    .venv/bin/python -m tests.soak {{options}}
