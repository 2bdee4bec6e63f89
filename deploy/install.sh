#!/usr/bin/env bash
# Make .venv and install into it exactly what a lock file names, by hash: `deploy/install.sh requirements.lock`.
# Does nothing when that was done before. PYTHON chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
venv=.venv

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Hace falta Python 3.11 o más nuevo (PYTHON=… elige cuál). / Python 3.11 or newer is needed (PYTHON=… chooses)." >&2
  exit 1
}

works() { # the environment's own Python starts; not so when the machine's was replaced or the folder moved
  "$venv/bin/python" -c '' 2>/dev/null
}

make_venv() {
  works && return
  rm -rf "$venv"
  echo "Preparando $venv con $($1 --version)… / Preparing $venv…"
  # Debian splits ensurepip off: there, pip comes from the machine's own.
  "$1" -m venv "$venv" >/dev/null 2>&1 || { rm -rf "$venv" && "$1" -m venv --without-pip "$venv"; }
}

pip() {
  if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$venv/bin/python" -m pip "$@"
  else
    "$python" -m pip --python "$venv/bin/python" "$@"
  fi
}

fingerprint() {
  "$venv/bin/python" - "$@" <<'PY'
import hashlib, pathlib, sys
print(hashlib.sha256(b"\0".join(pathlib.Path(name).read_bytes() for name in sys.argv[1:])).hexdigest()[:16])
PY
}

stamp_of() {
  echo "$venv/.installed-$(basename "$1" .lock)-$(fingerprint "$1" pyproject.toml)"
}

python=$(find_python)
make_venv "$python"
stamp=$(stamp_of "$lock")
[ -e "$stamp" ] && exit 0

echo "Instalando lo que nombra $lock… / Installing what $lock names…"
pip install --disable-pip-version-check --no-input --progress-bar on --require-hashes --requirement "$lock"
pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation --no-index --editable .
rm -f "$venv/.installed-$(basename "$lock" .lock)"-*
touch "$stamp"
# What the development lock holds includes all of the other.
[ "$lock" != requirements-dev.lock ] || touch "$(stamp_of requirements.lock)"
