#!/bin/sh
# What a container of Ruta does: `start.sh web | account | worker | migrate`.
set -eu
case "${1:-}" in
  web | account)
    if [ "$1" = account ]; then export SERVICE=account; fi
    if [ "${WEB_WORKERS:-1}" -gt 1 ]; then # they count together, and any of them tells the sum
      PROMETHEUS_MULTIPROC_DIR="$(mktemp -d)"
      export PROMETHEUS_MULTIPROC_DIR
    fi
    exec python -m granian --interface wsgi --host 0.0.0.0 --port "${PORT:-8000}" --no-ws \
      --workers "${WEB_WORKERS:-1}" --blocking-threads "${WEB_THREADS:-32}" --backpressure 256 \
      --respawn-failed-workers --log-level warning deploy.image.wsgi:application
    ;;
  worker) exec python -m "services.$SERVICE.worker" ;;
  migrate) exec python -m deploy.image.migrate ;;
  *)
    echo "start.sh web | account | worker | migrate" >&2
    exit 2
    ;;
esac
