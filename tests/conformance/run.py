#!/usr/bin/env python3
"""Runs the official MCP conformance suite against the fixture server, every revision on one URL."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
from server import HttpServer  # noqa: E402

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
# What is asked of the suite, and how many scenarios it must have run: all of them, on one URL.
Run = collections.namedtuple("Run", "name arguments scored unscored")
RUNS = [
    Run("2025-11-25", ["--requirements", "2025-11-25"], 30, 3),
    Run("2026-07-28", ["--requirements", "2026-07-28"], 37, 13),
    Run("2025-06-18", ["--suite", "all", "--spec-version", "2025-06-18"], 27, 0),
    Run("2025-03-26", ["--suite", "all", "--spec-version", "2025-03-26"], 1, 0),
]
# The suite itself has no check for it yet.
NEVER_CHECKED = {"tasks-status-notifications"}
STAMP = re.compile(r"^server-(.*)-\d{4}-\d\d-\d\dT")


def checks_in(folder):
    for path in sorted(pathlib.Path(folder).glob("**/checks.json")):
        yield from json.loads(path.read_text())


def report(scenario, revision, verdict, bad, text):
    print("%s %s %s" % ("ok  " if verdict == "passed" else "FAIL", revision, scenario), flush=True)
    for check in bad:
        print("     %s %s: %s" % (check["status"], check.get("id"), check.get("errorMessage")))
    if verdict == "failed" and not bad:
        print(text)


def judge(scenario, checks):
    """The verdict and the checks that are not green: warnings count, and so does nothing at all."""
    bad = [c for c in checks if c["status"] in ("FAILURE", "WARNING")]
    some = scenario in NEVER_CHECKED or any(c["status"] == "SUCCESS" for c in checks)
    return "failed" if bad or not some else "passed", bad


def run(cli, url, wanted, out):
    """(scenarios that passed, that failed) of one run."""
    done = subprocess.run(cli + ["server", "--url", url, *wanted.arguments, "-o", str(out / wanted.name)],
                          capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    counts = collections.Counter()
    for folder in sorted((out / wanted.name).iterdir()):
        scenario = STAMP.match(folder.name).group(1)
        verdict, bad = judge(scenario, list(checks_in(folder)))
        counts[verdict] += 1
        report(scenario, wanted.name, verdict, bad, "no check has passed")
    missing = wanted.scored + wanted.unscored - sum(counts.values())
    if missing or (done.returncode != 0 and not counts["failed"]):
        print("FAIL %s: status %d, %d scenarios missing\n%s%s" % (wanted.name, done.returncode, missing, done.stdout,
                                                                 done.stderr))
        counts["failed"] += 1
    return counts["passed"], counts["failed"]


def main():
    only = sys.argv[1:]
    tools = node.install("conformance", [SUITE])
    cli = [tools.node, str(tools.modules / "@modelcontextprotocol/conformance/dist/index.js")]
    fixture = pathlib.Path(os.environ["MCP_FIXTURES"]).parent / "conformance" / "fixture_everything"
    passed = failed = 0
    with node.folder() as out, HttpServer([str(fixture), "--http", "0"]) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        for wanted in RUNS:
            if only and wanted.name not in only:
                continue
            good, bad = run(cli, url, wanted, out)
            passed, failed = passed + good, failed + bad
    print("conformance: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
