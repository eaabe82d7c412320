# Sourced by the comparisons: an nginx of one worker on core 1 that answers 100
# bytes and keeps connections open. Sets `work` (a directory) and `url`.
# shellcheck shell=bash

start_nginx() {
  local port=18099
  work=$(mktemp -d)
  url=http://127.0.0.1:$port/
  cat > "$work/nginx.conf" <<CONF
daemon on; worker_processes 1; worker_cpu_affinity 10; pid $work/pid; error_log $work/error.log;
events { worker_connections 20000; }
http { access_log off; keepalive_requests 1000000000;
  client_body_temp_path $work/a; proxy_temp_path $work/b; fastcgi_temp_path $work/c;
  uwsgi_temp_path $work/d; scgi_temp_path $work/e;
  server { listen 127.0.0.1:$port backlog=8192; location / { return 200 $(printf 'x%.0s' {1..100}); } } }
CONF
  nginx -c "$work/nginx.conf"
  trap 'kill "$(cat "$work/pid")"; rm -rf "$work"' EXIT
}
