#!/bin/sh
# Install the peers, each into its own environment under .bench/, compiled to bytecode.
# Usage, in the repository: benchmarks/tracking/setup.sh
set -eu
uv=.venv/bin/uv
# Bytecode is part of a fair start-up time, whatever this shell is set to.
unset PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX
install() { # environment, requirement…
  [ -x ".bench/$1/bin/python" ] || "$uv" venv --quiet --python .venv/bin/python ".bench/$1"
  place=.bench/$1
  shift
  "$uv" pip install --quiet --compile-bytecode --python "$place/bin/python" "$@"
}
install mlflow mlflow==3.17.2 psycopg2-binary
install fasttrackml fasttrackml==0.6.0
.venv/bin/python -m compileall -q -j 0 src/mainstay .venv/lib || true
