#!/usr/bin/env bash
# Brings .venv to what uv.lock says; with --no-dev the packages of the running product only.
set -euo pipefail
cd "$(dirname "$0")/.."

if VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv sync --quiet --locked --inexact "$@"; then
    exit 0
fi
echo "uv could not reach the registry; trying pip with the same versions and hashes." >&2
.venv/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
.venv/bin/python -m pip install --quiet --no-deps --editable .
