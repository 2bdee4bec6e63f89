#!/usr/bin/env bash
# Lock every dependency with hashes and without index addresses, so that any index serves. Needs `uv`.
#   requirements-dev.lock    everything: run time, embedded stack, tests
#   requirements.lock        run time and embedded stack
#   requirements-image.lock  run time and tracing: what an image holds
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}

lock() { # output, then the options that say what goes in
  local output=$1
  shift
  "$uv" pip compile pyproject.toml "$@" --output-file "$output" --quiet \
    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
}

lock requirements-dev.lock --extra build --extra embedded --extra tracing --extra dev
lock requirements.lock --extra build --extra embedded --constraint requirements-dev.lock
lock requirements-image.lock --extra tracing --constraint requirements-dev.lock
