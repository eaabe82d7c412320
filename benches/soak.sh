#!/usr/bin/env bash
# A long run: the engine's memory and descriptors, once a minute. Fails when they
# grow after the first minute.
# Usage: benches/soak.sh [SECONDS] [RATE]
set -euo pipefail
seconds=${1:-600} rate=${2:-5000}
slack_kib=4096 slack_descriptors=64
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'kill "${engine:-}" "${origin:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
last=$(($(nproc) - 1))

# Starts a server in the background and waits for the address it prints.
serve() {
  "$@" > "$work/said" &
  until grep -q http:// "$work/said"; do sleep 0.1; done
  address=$(grep -o 'http://[^ ]*' "$work/said")
}
serve "$root/target/dist/vayu-origin" --port 0 --cpus "$last"
origin=$! target=$address
serve "$root/target/dist/vayu-engine" --port 0 --data-dir "$work/data" --cpus 0
engine=$! api=$address

run=$(curl -sf "$api/run" -d '{"request":{"method":"GET","url":"'"$target"'/"},"mode":"constant",
  "targetRps":'"$rate"',"duration":'"$seconds"',"success_sample_rate":1}' | grep -o 'run_[0-9]*')
resident() { awk '/VmRSS/ {print $2}' "/proc/$engine/status"; }
descriptors() { find "/proc/$engine/fd" -mindepth 1 | wc -l; }

echo "$run: $rate requests per second for $seconds s"
printf '| minute | resident KiB | descriptors |\n|---|---|---|\n'
for ((minute = 1; minute * 60 <= seconds; minute++)); do
  sleep 60
  memory=$(resident) open=$(descriptors)
  printf '| %s | %s | %s |\n' "$minute" "$memory" "$open"
  if [ "$minute" -eq 1 ]; then first_memory=$memory first_open=$open; fi
done
until curl -sf "$api/run/$run" | grep -q '"completed"'; do sleep 1; done
curl -sf "$api/run/$run/report" > "$work/report"
python3 - "$work/report" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
lag, latency = report["scheduleLag"], report["latency"]
print(f"{report['summary']['totalRequests']} requests, verdict {report['verdict']['status']}, "
      f"lag p50 {lag['p50']*1000:.0f} µs p99 {lag['p99']*1000:.0f} µs, response p50 {latency['p50']*1000:.0f} µs p99 {latency['p99']:.2f} ms")
PY
[ "$memory" -le $((first_memory + slack_kib)) ] || { echo "memory grew after the first minute" >&2; exit 1; }
[ "$open" -le $((first_open + slack_descriptors)) ] || { echo "descriptors grew after the first minute" >&2; exit 1; }
