#!/bin/sh
# Writes the requirements files from the exact versions in pyproject.toml, with the packages that they
# need in turn, for every system and Python, and with hashes:  sh scripts/lock.sh
#
#   requirements.txt         what the program runs with
#   requirements-sound.txt   PyAudio, and what compiles it
#   requirements-dev.txt     what the program runs with, and what tests, checks and benchmarks need
#   requirements-report.txt  what the program runs with, and what all parts of a report need
#   requirements-bench.txt   what draws plots, with the versions of requirements-dev.txt
#
# A version that a file already holds is kept while it still fits.
set -eu
cd "$(dirname "$0")/.."

# Writes the file $1 for the other arguments. uv names no package server in it unless told to.
lock() {
    file=$1
    shift
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --output-file "$file" "$@" >/dev/null
    { echo "# Written by \`make lock\` from pyproject.toml."; cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
}

lock requirements.txt pyproject.toml
lock requirements-dev.txt pyproject.toml --extra dev --extra report
lock requirements-report.txt pyproject.toml --extra report --constraint requirements-dev.txt
lock requirements-sound.txt --group sound
lock requirements-bench.txt --group bench --constraint requirements-dev.txt
