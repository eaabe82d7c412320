#!/usr/bin/env bash
# Throughput and CPU per request of one shard beside one wrk thread: the same
# core in turn, the same nginx on another core, 64 connections.
# Usage: benches/compare.sh [SECONDS] [ROUNDS]
set -euo pipefail
seconds=${1:-30} rounds=${2:-1}
[ "$(nproc)" -ge 2 ] || { echo "two cores are needed: one for the generator, one for nginx" >&2; exit 1; }
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=benches/nginx.sh
. "$root/benches/nginx.sh"
start_nginx

# Runs a command on core 0; tells the CPU seconds it used (user + system).
measured() {
  local TIMEFORMAT='%U %S'
  { time taskset -c 0 "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time"
  awk '{print $1 + $2}' "$work/time"
}
row() { awk -v n="$2" -v s="$seconds" -v cpu="$3" -v name="$1" \
  'BEGIN { printf "%-10s %10.0f req/s   %6.2f µs of CPU per request\n", name, n / s, cpu * 1e6 / n }'; }

for _ in $(seq "$rounds"); do
  cpu=$(measured wrk -t1 -c64 -d"${seconds}s" "$url")
  row wrk "$(awk '/requests in/ {print $1}' "$work/out")" "$cpu"
  cpu=$(measured "$root/target/dist/vayu-cli" run "$url" -c 64 -d "${seconds}s" --cpus 0 --format json)
  row vayu "$(grep -m1 '"totalRequests"' "$work/out" | tr -dc 0-9)" "$cpu"
done
