#!/bin/sh
# A PostgreSQL cluster of its own for the benchmarks, with the server's default settings:
#   bench/postgres.sh start DIR [PORT]   makes it in DIR where it is not, starts it, prints the address for --store
#   bench/postgres.sh stop DIR           stops it; DIR can be removed then
# It runs as the user postgres when this script runs as root.
set -eu
usage() { sed -n '2,4s/^# *//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
bin=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb | sort -V | tail -1)")
folder=$2
port=${3:-54320}
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
case $1 in
start)
    mkdir -p "$folder"
    folder=$(realpath "$folder")
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    cd /
    if [ ! -d "$folder/data" ]; then
        as "$bin/initdb" -D "$folder/data" -U gyre -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log"
    fi
    as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null
    "$bin/createdb" -h 127.0.0.1 -p "$port" -U gyre gyre 2>/dev/null || true # it may be there
    echo "postgresql://gyre@127.0.0.1:$port/gyre"
    ;;
stop)
    folder=$(realpath "$folder")
    cd /
    as "$bin/pg_ctl" -D "$folder/data" -w -m fast stop >/dev/null
    ;;
*) usage ;;
esac
