#!/usr/bin/env python3
"""mcp-gcp on the live configuration that `config claude` prints: Claude Code connects, the Inspector gets answers."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "bigquery"), str(HERE.parent / "support")]
import node  # noqa: E402
from server import HttpServer  # noqa: E402
import description  # noqa: E402
import emulator  # noqa: E402
import export  # noqa: E402
import gate  # noqa: E402
import world  # noqa: E402

CLAUDE = "@anthropic-ai/claude-code@2.1.329"
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
PROGRAM = str(pathlib.Path(os.environ["MCP_BIN"]) / "mcp-gcp")


def report(what, good, more=""):
    print("%s gcp live: %s%s" % ("PASS" if good else "FAIL", what, "" if good else "\n    " + more), flush=True)
    return not good


def printed(google):
    """What `config claude` prints: the entry, and the command beside it."""
    done = subprocess.run([PROGRAM, "config", "claude"], env=google.environment(), capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL)
    command = next(line for line in done.stderr.splitlines() if line.startswith("# or: "))[6:]
    return json.loads(done.stdout)["mcpServers"]["mcp-gcp"], command


def claude_code(home, entry, command):
    tools = node.install("claude-code", [CLAUDE])
    claude = tools.modules / "@anthropic-ai/claude-code-linux-x64/claude"
    (home / "bin").mkdir()
    (home / "bin/claude").symlink_to(claude)
    env = {"HOME": str(home), "PATH": "%s:%s" % (home / "bin", os.environ["PATH"]), "TERM": "dumb", "DISABLE_AUTOUPDATER": "1",
           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1"}

    def shell(line):
        return subprocess.run(["sh", "-c", line], env=env, cwd=home, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)

    shell(command)
    shell("claude mcp add-json pasted '%s'" % json.dumps(entry))
    listed = shell("claude mcp list").stdout
    failed = 0
    for name, how in (("mcp-gcp", "by the printed command"), ("pasted", "by the printed JSON")):
        lines = [x for x in listed.splitlines() if x.startswith(name + ":")]
        failed += report("Claude Code connects " + how, len(lines) == 1 and "Connected" in lines[0], listed)
    return failed


def inspector(home, google, entry):
    tools = node.install("inspector", [INSPECTOR])
    launcher = tools.modules / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    env = dict(tools.env, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))
    server = [entry["command"], *entry["args"]]
    failed = 0

    def ask(target, tool, arguments):
        done = subprocess.run([tools.node, str(launcher), "--cli", *target, "--method", "tools/call", "--tool-name", tool,
                               "--tool-args-json", json.dumps(arguments), "--format", "json"], env=env, cwd=home,
                              capture_output=True, text=True, timeout=280, stdin=subprocess.DEVNULL)
        text = done.stdout
        answer = json.loads(text[text.index("{"):]) if "{" in text else {}
        return answer.get("result", answer).get("structuredContent") or {}, done.stdout[-1500:] + done.stderr[-1500:]

    name = "vm-" + google.billed.rsplit("/", 1)[1]
    questions = {
        "get_costs": (dict(world.MONTH, group_by=["service"]),
                      lambda a: {c["currency"] for c in a["currencies"]} == {"EUR", "USD"} and a["source"]["backend"] == "bigquery"),
        "get_forecast": ({"period": "2026-11"}, lambda a: len(a.get("forecasts", [])) == 2),
        "get_recommendations": ({}, lambda a: [(r["resource_name"], r["monthly_savings"]) for r in a["recommendations"]] ==
                                [("disk-1", 7.25)]),
        "get_resources": (dict(world.MONTH, limit=50), lambda a: [r["cost"] is not None for r in a["resources"] if r["name"] == name
                                                                  and r["type"]] == [True]),
    }
    flags = ["--now", export.NOW, "--deadline", "280s"]
    with HttpServer([*server, *flags, "--http", "0"], env=env) as http:
        for era in ("legacy", "modern"):
            for way, target in (("stdio", server + flags), ("http", [http.url, "--transport", "http"])):
                for tool, (arguments, good) in questions.items():
                    answer, said = ask([*target, "--protocol-era", era], tool, arguments)
                    failed += report("inspector %s %s %s" % (era, way, tool), bool(answer) and good(answer), said)
    return failed


def main():
    if not description.there():
        return 77
    try:
        emulator.fixture()
    except emulator.Missing as e:
        print("SKIPPED: %s" % e)
        return 77
    failed = 0
    with emulator.Emulator() as bigquery, node.folder() as home:
        border = gate.Gate(bigquery.url)
        google = world.World(border.url, export.rows())
        try:
            entry, command = printed(google)
            failed += claude_code(home, entry, command)
            failed += inspector(home, google, entry)
            wrong = border.problems + google.double.faults_seen
            failed += report("all requests are what Google describes", not wrong, str(wrong[:3]))
        finally:
            google.close()
            border.close()
            shutil.rmtree(home / "state", ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
