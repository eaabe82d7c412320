#!/usr/bin/env bash
# Starts nginx for benches/saturation.py, which says what is measured and with which arguments.
set -euo pipefail
[ "$(nproc)" -ge 2 ] || { echo "two cores are needed: one for the generator, one for nginx" >&2; exit 1; }
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=benches/nginx.sh
. "$root/benches/nginx.sh"
start_nginx
python3 "$root/benches/saturation.py" "$@"
