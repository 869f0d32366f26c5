#!/bin/sh
# Installs the lowest version of each direct dependency into the environment $1 and runs there all tests but the e2e ones.
# The test tools stay as they are: only what users install is taken at its floor.
set -eu
folder=${1:?"usage: floors.sh FOLDER"}
uv=${UV:-.venv/bin/uv}
mkdir -p "$folder"
"$uv" pip compile --quiet --resolution lowest-direct --extra apprise --extra scale pyproject.toml -o "$folder/floors.txt"
"$uv" venv --quiet --allow-existing "$folder/venv"
"$uv" pip install --quiet --compile-bytecode --python "$folder/venv/bin/python" --constraint "$folder/floors.txt" --editable '.[test]'
"$folder/venv/bin/python" -m pytest -q -n 2 --hypothesis-profile=quick -m 'not e2e' tests
