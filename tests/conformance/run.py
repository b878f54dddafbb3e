#!/usr/bin/env python3
"""Runs the official MCP conformance suite against the fixture server, every revision on one URL."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
from server import HttpServer  # noqa: E402

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
REVISIONS = ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
SCENARIOS = [
    "server-initialize",
    "ping",
    "server-session-lifecycle",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "http-header-validation",
    "tools-list",
    "tools-call-simple-text",
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-error",
    "tools-call-with-progress",
    "tools-call-with-logging",
    "logging-set-level",
    "resources-list",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
    "sep-2164-resource-not-found",
    "prompts-list",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-embedded-resource",
    "prompts-get-with-image",
    "completion-complete",
    "caching",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "server-stateless",
    "input-required-result-basic-elicitation",
    "input-required-result-basic-sampling",
    "input-required-result-basic-list-roots",
    "input-required-result-request-state",
    "input-required-result-multiple-input-requests",
    "input-required-result-multi-round",
    "input-required-result-missing-input-response",
    "input-required-result-non-tool-request",
    "input-required-result-result-type",
    "input-required-result-unsupported-methods",
    "input-required-result-tampered-state",
    "input-required-result-capability-check",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
    "json-schema-2020-12",
    "http-custom-header-server-validation",
]


def checks_in(folder):
    for path in sorted(pathlib.Path(folder).glob("**/checks.json")):
        yield from json.loads(path.read_text())


def run(cli, url, scenario, revision, out):
    """'passed' | 'failed' | 'absent' (not in this revision), and the checks that were not green."""
    folder = out / revision / scenario
    done = subprocess.run(
        cli + ["server", "--url", url, "--scenario", scenario, "--spec-version", revision, "-o", str(folder)],
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    checks = list(checks_in(folder))
    bad = [c for c in checks if c.get("status") in ("FAILURE", "WARNING")]
    if bad or done.returncode != 0:
        return "failed", bad, done.stdout + done.stderr
    return ("passed" if checks else "absent"), [], done.stdout


def report(scenario, revision, verdict, bad, text):
    print("%s %s %s" % ("ok  " if verdict == "passed" else "FAIL", revision, scenario), flush=True)
    for check in bad:
        print("     %s %s: %s" % (check["status"], check.get("id"), check.get("errorMessage")))
    if verdict == "failed" and not bad:
        print(text)


def main():
    only = sys.argv[1:] or SCENARIOS
    tools = node.install("conformance", [SUITE])
    cli = [tools.node, str(tools.modules / "@modelcontextprotocol/conformance/dist/index.js")]
    fixture = pathlib.Path(os.environ["MCP_FIXTURES"]).parent / "conformance" / "fixture_everything"
    counts = {"passed": 0, "failed": 0, "absent": 0}
    with node.folder() as out, HttpServer([str(fixture), "--http", "0"]) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        pairs = [(scenario, revision) for scenario in only for revision in REVISIONS]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda pair: run(cli, url, *pair, out), pairs)
            for (scenario, revision), (verdict, bad, text) in zip(pairs, results):
                counts[verdict] += 1
                if verdict != "absent":
                    report(scenario, revision, verdict, bad, text)
    print("%d pairs of scenario and revision do not exist in the suite" % counts["absent"])
    print("conformance: %d passed, %d failed, 0 skipped" % (counts["passed"], counts["failed"]))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
