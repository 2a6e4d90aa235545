#!/usr/bin/env bash
# Time from process start to the first 200 of /health, five starts: bench/start.sh PROGRAM WORKSPACE
# PROGRAM is a published `gyre`, or "dotnet …/gyre.dll"; WORKSPACE a folder in which `gyre run` has been run.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: bench/start.sh PROGRAM WORKSPACE" >&2; exit 2; }

for port in 5061 5062 5063 5064 5065; do
  begin=$(date +%s%N)
  $1 up --project "$2" --urls "http://127.0.0.1:$port" > /dev/null 2>&1 &
  for _ in $(seq 1 2000); do
    curl -sf -o /dev/null "http://127.0.0.1:$port/health" && break
    sleep 0.003
  done
  echo "$(( ($(date +%s%N) - begin) / 1000000 )) ms"
  kill -TERM $!
  wait $! || true
done
