#!/usr/bin/env python3
"""Rates from half of nginx's capacity to beyond it: what default settings measure, beside a
fixed number of connections.

Usage: benches/saturation.py [SECONDS] [ROUNDS] [PERCENT ...]
One shard on core 0, nginx with one worker on core 1. The capacity is measured first, closed, over 64
connections. Then each rate runs with default settings and with --max-connections 64, in turn; also with
wrk2 and 64 connections, when WRK2 names its binary. VAYU_CLI names another vayu-cli to compare.
"""
import json
import os
import statistics
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
CLI = os.environ.get("VAYU_CLI", os.path.join(ROOT, "target/dist/vayu-cli"))
WRK2 = os.environ.get("WRK2")
URL = "http://127.0.0.1:18099/"
FIXED = ["--max-connections", "64"]


def vayu(seconds, *options):
    line = [CLI, "run", URL, "-d", f"{seconds}s", "--cpus", "0", "--format", "json", "--quiet", *options]
    done = subprocess.run(line, capture_output=True, text=True)
    report = json.loads(done.stdout)
    return {
        "rate": report["summary"]["avgRps"],
        "p99": report["responseTime"]["p99"],
        "opened": report["transport"]["connections"],
        "errors": report["errors"]["total"],
        "verdict": report["verdict"]["status"],
        "reasons": [reason["code"] for reason in report["verdict"]["reasons"]],
    }


def wrk2(seconds, rate):
    line = ["taskset", "-c", "0", WRK2, "-t1", "-c64", f"-d{seconds}s", f"-R{rate}", "--latency", URL]
    text = subprocess.run(line, capture_output=True, text=True).stdout
    p99 = next(line.split()[1] for line in text.splitlines() if line.strip().startswith("99.000%"))
    scale = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 60e3}
    unit = next(unit for unit in ("us", "ms", "s", "m") if p99.endswith(unit))
    rate = next(line.split()[1] for line in text.splitlines() if line.startswith("Requests/sec"))
    return {"rate": float(rate), "p99": float(p99.removesuffix(unit)) * scale[unit]}


def middle(runs, name):
    values = sorted(run[name] for run in runs)
    return f"{statistics.median(values):.4g} ({values[0]:.4g}–{values[-1]:.4g})"


def main():
    seconds, rounds = (int(value) for value in (sys.argv[1:3] + ["5", "3"][len(sys.argv[1:3]):]))
    percents = [int(value) for value in sys.argv[3:]] or range(50, 120, 10)
    capacity = statistics.median(vayu(seconds, "-c", "64")["rate"] for _ in range(3))
    print(f"capacity, closed over 64 connections: {capacity:.0f}/s", flush=True)
    print("| % | rate | what | delivered/s | p99 ms | connections | errors | verdict |\n|---|---|---|---|---|---|---|---|")
    for percent in percents:
        rate = round(capacity * percent / 100)
        runs = {"default": [], "64 connections": [], "wrk2, 64": []}
        for _ in range(rounds):
            runs["default"].append(vayu(seconds, "--rps", str(rate)))
            runs["64 connections"].append(vayu(seconds, "--rps", str(rate), *FIXED))
            if WRK2:
                runs["wrk2, 64"].append(wrk2(seconds, rate))
        for what, done in runs.items():
            if done:
                row = [str(percent), str(rate), what, middle(done, "rate"), middle(done, "p99")]
                if "opened" in done[0]:
                    reasons = sorted({reason for run in done for reason in run["reasons"]})
                    verdicts = " ".join(run["verdict"] for run in done)
                    row += [middle(done, "opened"), middle(done, "errors"), f"{verdicts} {' '.join(reasons)}"]
                print("| " + " | ".join(row) + " |", flush=True)


main()
