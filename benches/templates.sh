#!/usr/bin/env bash
# What templates cost under load: the same POST without variables, with two that
# are constant and two that are dynamic, in turn, one shard on core 0 against
# nginx on core 1. Usage: benches/templates.sh [SECONDS] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5} rounds=${2:-5} port=18099 work=$(mktemp -d)
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/pid; error_log $work/error.log;
worker_cpu_affinity 10; events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path $work/body;
  proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:$port; location / { return 200 ok; } } }
CONF
nginx -c "$work/nginx.conf" & nginx=$!
trap 'kill $nginx; rm -rf "$work"' EXIT
sleep 0.5
run() { # URL BODY -> requests per second
  target/dist/vayu-cli run "$1" --method POST --body "$2" --concurrency 64 \
    --duration "${seconds}s" --cpus 0 --format json |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["summary"]["avgRps"])'
}
id=0304e717-cf9a-4955-bc05-2592936dfdc5
for _ in $(seq "$rounds"); do
  static=$(run "http://127.0.0.1:$port/items/$id?u=ada" "{\"id\":\"$id\",\"n\":42,\"at\":1700000000}")
  dynamic=$(run "http://127.0.0.1:$port/items/{{\$guid}}?u=ada" '{"id":"{{$guid}}","n":42,"at":{{$timestamp}}}')
  python3 -c "print(f'static {$static:.0f}/s  dynamic {$dynamic:.0f}/s  ratio {$dynamic/$static:.3f}')"
done
