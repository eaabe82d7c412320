#!/usr/bin/env bash
# What scripts cost under load: the same request without a script and with each of
# four, in turn, one shard on core 0 against the origin on core 1.
# Usage: benches/scripts.sh [SECONDS] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-4} rounds=${2:-5} work=$(mktemp -d)
taskset -c 1 target/release/vayu-origin --port 18098 >"$work/origin.log" 2>&1 & origin=$!
target/release/vayu-engine --port 18097 --cpus 0 --data-dir "$work/data" >"$work/engine.log" 2>&1 & engine=$!
trap 'kill $origin $engine; rm -rf "$work"' EXIT
sleep 1
python3 - "$seconds" "$rounds" <<'PY'
import json, statistics, sys, urllib.request

seconds, rounds = int(sys.argv[1]), int(sys.argv[2])
origin, engine = "http://127.0.0.1:18098", "http://127.0.0.1:18097"
body = json.dumps({"id": 7, "items": [{"sku": f"A-{n}", "price": n * 1.5, "tags": ["a", "b"]} for n in range(22)]})
snippets = """
pm.test("Status code is 200", function () { pm.response.to.have.status(200); });
pm.test("Response time is less than 200ms", function () { pm.expect(pm.response.responseTime).to.be.below(200); });
pm.test("Content-Length is present", function () { pm.response.to.have.header("Content-Length"); });
pm.test("Successful request", function () { pm.expect(pm.response.code).to.be.oneOf([200, 201, 202]); });
pm.test("Body matches string", function () { pm.expect(pm.response.text()).to.include("x"); });
"""
get, post = {"method": "GET", "url": origin + "/"}, {"method": "POST", "url": origin + "/echo", "body": body}
cases = [
    ("one pm.test with one expect(code)", get, "pm.test('ok', () => { pm.expect(pm.response.code).to.equal(200); });", 75),
    ("five standard snippets", get, snippets, 50),
    (f"a check on parsed JSON of {len(body)} bytes", post,
     "pm.test('id', () => { pm.expect(pm.response.json().id).to.equal(7); });", 35),
    ("a token from each response into the next request", {**get, "headers": {"X-T": "{{t}}"}},
     "pm.environment.set('t', pm.response.headers.get('Server') + __ITER);", 0),
]


def call(path, data=None):
    text = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(engine + path, text, {"Content-Type": "application/json"})
    return urllib.request.urlopen(request).read()


def run(request, script):
    started = call("/run", {"request": {**request, "postRequestScript": script}, "mode": "constant",
                            "concurrency": 64, "duration": seconds, "success_sample_rate": 0})
    id = json.loads(started)["runId"]
    call(f"/stats/{id}")
    report = json.loads(call(f"/run/{id}/report"))
    errors = report.get("scripts", {}).get("errors", 0)
    assert errors == 0, report["scripts"]
    return report["summary"]["avgRps"], report.get("scripts", {}).get("p50", 0) * 1e3


for name, request, script, target in cases:
    ratios = []
    for _ in range(rounds):
        plain, _ = run(request, "")
        scripted, p50 = run(request, script)
        ratios.append(scripted / plain)
        print(f"  {plain:9.0f}/s without, {scripted:9.0f}/s with, ratio {ratios[-1]:.3f}, script p50 {p50:.1f} µs", flush=True)
    print(f"{name}: {statistics.median(ratios):.2f} of the unscripted throughput" + (f" (target {target / 100:.2f})" if target else ""))
PY
