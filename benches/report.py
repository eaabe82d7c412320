#!/usr/bin/env python3
"""Runs every bench and writes what they say into docs/benchmarks.md.

The document's text is written by hand; its tables stand between markers
(`<!-- begin NAME -->`, `<!-- end NAME -->`) and are replaced here, as is the table that
holds the results against the targets. Nothing is written until all benches are through.
All tables together are also written to target/bench/results.json.

    benches/report.py              everything, about forty minutes
    benches/report.py costs micro  these only; the other tables stay as they are

Run it through `./dev bench`, which installs and builds what it needs. `SECONDS` and
`ROUNDS` are handed on to the benches.
"""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "target" / "bench" / "results.json"
BENCHES = ["against", "scripts_against", "shard_loopback", "accuracy", "costs", "control_plane", "micro", "instructions"]

PLAIN = "64 connections, closed loop"
RATE = "20,000/s, at most 50 connections"
TLS = "64 connections, TLS 1.3"


def run(bench):
    """What a bench prints to standard output."""
    print(f"== {bench}", flush=True)
    begun = time.monotonic()
    command = ["cargo", "bench", "--locked", "--quiet", "--package", "vayu-benches", "--bench", bench]
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{bench} failed; docs/benchmarks.md is as it was")
    print(f"== {bench}: {time.monotonic() - begun:.0f} s\n", flush=True)
    return "".join(lines)


def criterion_table(printed):
    """Criterion's lines (`name  time: [low middle high]`) as a table."""
    rows = ["| kernel | time | between |", "|---|---|---|"]
    name = ""
    for line in printed.splitlines():
        if re.match(r"\S", line):
            name = line.split("time:")[0].strip()
        if times := re.search(r"time:\s+\[(\S+ \S+) (\S+ \S+) (\S+ \S+)\]", line):
            low, middle, high = times.groups()
            rows.append(f"| {name} | {middle} | {low} and {high} |")
    return "\n".join(rows)


def tables(markdown):
    """The tables of a text: by their title, or their first column's, lists of rows."""
    found, title, header = {}, None, None
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            title = line.strip("* ") or title
            header = None
        elif header is None:
            header = cells
            rows = found.setdefault(title or cells[0], [])
            title = None
        elif not set(line) <= set("|- "):
            rows.append(dict(zip(header, cells)))
    return found


def number(text):
    """The number at the beginning of a cell."""
    return float(re.match(r"[\d.]+", text.replace(",", ""))[0])


def row(rows, name):
    return next(row for row in rows if name in row.values())


def medians_of(against, scenario, tool, base, field):
    """The median over rounds of a tool's ratio to the best of others in a round."""
    rounds = {entry["tool"]: entry[field] for entry in against[scenario]}
    best = max if field == "requestsPerSecond" else min
    peers = [rounds[name] for name in base if name in rounds]
    ratios = sorted(own / best(others) for own, *others in zip(rounds[tool], *peers))
    return ratios[len(ratios) // 2]


def targets(results):
    """What was to be reached, what was, and whether it was."""
    rows = []

    def held(what, value, limit, at_least=False, digits=2):
        met = value >= limit if at_least else value <= limit
        rows.append(f"| {what} | {'≥' if at_least else '≤'} {limit:g} | {value:.{digits}f} | {'yes' if met else '**no**'} |")

    against = results.get("against.json")
    if against:
        rate, cpu = "requestsPerSecond", "cpuMicrosecondsPerRequest"
        peers = ["wrk", "ab", "bombardier", "oha", "h2load", "hey"]
        held("64 connections: CPU per request to wrk's", medians_of(against, PLAIN, "vayu", ["wrk"], cpu), 0.9)
        held("— to the bare ring's (ping-pong)", medians_of(against, PLAIN, "vayu", ["ping-pong"], cpu), 1.08)
        held("— requests per second to wrk's", medians_of(against, PLAIN, "vayu", ["wrk"], rate), 1.05, True)
        for connections in ["1,000", "5,000"]:
            title = f"{connections} connections, closed loop"
            held(f"{connections} connections: requests per second to wrk's", medians_of(against, title, "vayu", ["wrk"], rate), 1.0, True)
        held("TLS 1.3: requests per second to the best peer's", medians_of(against, TLS, "vayu", peers, rate), 1.0, True)
        held("20,000/s by the millisecond: CPU per request to the best peer's", medians_of(against, RATE, "vayu, quantum 1 ms", peers, cpu), 0.85)
    if scripts := results.get("scripts_against"):
        ratios = {entry["within a round"]: number(entry["median"]) for entry in scripts["within a round"]}
        for title, limit, at_least in [
            ("one check: CPU per request to wrk's with a hook", 1.0, False),
            ("five snippets: throughput to that without a script", 0.55, True),
            ("a check on parsed JSON: throughput to that without a script", 0.5, True),
            ("one check: requests per second to k6's", 12, True),
        ]:
            if title in ratios:
                held(title, ratios[title], limit, at_least)
    if loopback := results.get("shard_loopback"):
        rows_of = next(iter(loopback.values()))
        closed = next(row for row in rows_of if row["load"].startswith("closed") and row["shards"] == "1")
        held("user µs per request, 64 virtual users", number(closed["user µs"]), 0.6)
        for rate in ["1,000/s", "5,000/s", "20,000/s"]:
            paced = next(row for row in rows_of if row["load"] == rate and row["shards"] == "1")
            held(f"{rate}: schedule lag p50 (µs)", number(paced["lag p50"]), 60, digits=0)
            held(f"{rate}: schedule lag p99 (µs)", number(paced["lag p99"]), 250, digits=0)
    if costs := results.get("costs"):
        rest = costs["at rest"]
        held("first answer on /health (ms)", number(row(rest, "first answer on /health after the start")[""]), 100, digits=0)
        held("memory at rest (MiB)", number(row(rest, "memory")[""]), 40, digits=1)
        waiting = row(costs["connections that wait"], "10000")
        held("memory of each of 10,000 connections (KiB)", number(waiting["of each"]), 8, digits=1)
        kept = costs["throughput to that without"]
        held("a tenth stored and one client watching: throughput kept", number(kept[0][""]), 0.97, True)
        held("all stored: throughput kept", number(kept[1][""]), 0.85, True)
    return "\n".join(["| what | target | measured | reached |", "|---|---|---|---|", *rows])


def machine():
    """The machine, and when."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    virtual = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, check=False).stdout.strip() if pathlib.Path("/usr/bin/systemd-detect-virt").exists() else ""
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return "\n".join([
        "| | |", "|---|---|",
        f"| day | {datetime.date.today().isoformat()} |",
        f"| processor | {model[1] if model else platform.machine()}, {os.cpu_count()} cores{f', {virtual}' if virtual and virtual != 'none' else ''} |",
        f"| kernel | {platform.release()}, {congestion} |",
        f"| compiler | {version('rustc', '--version')} |",
        f"| nginx, wrk | {version('nginx', '-v')}, {version('wrk', '-v')} |",
        f"| rounds, seconds of each | {os.environ.get('ROUNDS', 'default')}, {os.environ.get('SECONDS', 'default')} |",
    ])


def version(*command):
    """The first line in which a program tells its version."""
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    line = (told.stdout + told.stderr).splitlines()[0]
    return re.sub(r"nginx version: |\[.*| Copyright.*", "", line).strip()


def main():
    chosen = sys.argv[1:] or BENCHES
    if unknown := set(chosen) - set(BENCHES):
        sys.exit(f"no bench \"{', '.join(sorted(unknown))}\"; there are {', '.join(BENCHES)}")
    known = RESULTS.exists() and sys.argv[1:]
    results = json.loads(RESULTS.read_text()) if known else {}
    blocks = {"machine": machine()}
    for bench in chosen:
        printed = run(bench)
        blocks[bench] = (criterion_table(printed) if bench == "micro" else printed).strip()
        results[bench] = tables(blocks[bench])
        if bench == "against":
            results["against.json"] = json.loads((RESULTS.parent / "against.json").read_text())
    blocks["targets"] = targets(results)
    document = DOCUMENT.read_text()
    for name, block in blocks.items():
        between = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        document, count = between.subn(lambda found: f"{found[1]}{block}\n{found[2]}", document)
        if count != 1:
            sys.exit(f"docs/benchmarks.md has {count} blocks \"{name}\"; there has to be one")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    DOCUMENT.write_text(document)
    print(blocks["targets"])


if __name__ == "__main__":
    main()
