#!/usr/bin/env bash
# Makes .venv with a Python from 3.11 to 3.13 and puts uv into it.
set -euo pipefail
cd "$(dirname "$0")/.."

fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=""
for name in python3.11 python3.12 python3.13 python3; do
    if command -v "$name" >/dev/null && "$name" -c "$fits" >/dev/null 2>&1; then
        python="$name"
        break
    fi
done
if [ -z "$python" ]; then
    echo "A Python from 3.11 to 3.13 with venv is needed. On Debian or Ubuntu:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y python3 python3-venv" >&2
    exit 1
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet "uv==${UV_VERSION}"
