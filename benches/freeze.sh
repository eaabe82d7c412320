#!/usr/bin/env bash
# What wrk, hey and vayu report when the target stops answering for a while in
# the middle of a run: the same nginx (one worker, core 1), frozen with SIGSTOP
# for the same time, generators on core 0 in turn. wrk knows no rate and runs
# closed; hey and vayu are asked for 1,000 requests per second.
# Usage: benches/freeze.sh [FREEZE_SECONDS]
set -euo pipefail
freeze=${1:-2}
before=3 seconds=8 rate=1000
[ "$(nproc)" -ge 2 ] || { echo "two cores are needed: one for the generator, one for nginx" >&2; exit 1; }
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=benches/nginx.sh
. "$root/benches/nginx.sh"
start_nginx

# Runs a command while nginx is frozen from the third second on.
frozen() {
  taskset -c 0 "$@" > "$work/out" 2> "$work/err" &
  local generator=$! worker
  sleep "$before"
  worker=$(pgrep -P "$(cat "$work/pid")")
  kill -STOP "$worker"
  sleep "$freeze"
  kill -CONT "$worker"
  # A generator that ends with a verdict of its own has still printed its report.
  wait "$generator" || true
}
row() { printf '| %s | %s | %s | %s |\n' "$@"; }

echo "nginx frozen for $freeze s of $seconds s"
row generator requests p99 max
row --- --- --- ---
frozen wrk -t1 -c64 -d"${seconds}s" --latency "$url"
row "wrk -t1 -c64" "$(awk '/requests in/ {print $1}' "$work/out")" \
  "$(awk '$1 == "99%" {print $2}' "$work/out")" "$(awk '$1 == "Latency" && NF == 5 {print $4}' "$work/out")"
frozen hey -z "${seconds}s" -c 50 -q $((rate / 50)) "$url"
row "hey -c 50 -q $((rate / 50))" "$(awk '/\[200\]/ {print $2}' "$work/out")" \
  "$(awk '$1 == "99%" {print $3 " s"}' "$work/out")" "$(awk '$1 == "Slowest:" {print $2 " s"}' "$work/out")"
frozen "$root/target/dist/vayu-cli" run "$url" --rps $rate -d "${seconds}s" --max-connections 64 --cpus 0 --format json
python3 - "$work/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for name, section in [("response time", "responseTime"), ("service time", "serviceTime")]:
    latency = report[section]
    print(f"| vayu, {name} | {report['summary']['totalRequests']} | {latency['p99']:.0f} ms | {latency['max']:.0f} ms |")
PY
