#!/usr/bin/env python3
"""libmcp's own client asks the servers of other people: the official TypeScript and Python SDKs."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402
import test_python  # noqa: E402

EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"
LONG = {"tool": "trigger-long-running-operation", "args": {"duration": 0.3, "steps": 3}, "reports": 3,
        "text": "Long running operation completed. Duration: 0.3 seconds, Steps: 3."}
SUM = {"tool": "get-sum", "args": {"a": 40, "b": 2}, "text": "The sum of 40 and 2 is 42."}
SHAPE = {"tool": "get-structured-content", "args": {"location": "Chicago"},
         "structured": {"temperature": 36, "conditions": "Light rain / drizzle", "humidity": 82}}
ADD = {"tool": "add", "args": {"a": 40, "b": 2}, "text": "42", "structured": {"result": 42}, "reports": 2}


def ask(label, era, question, revision, target):
    """True when the tool answers what the question says it should."""
    client = pathlib.Path(os.environ["MCP_FIXTURES"]) / "fixture_client"
    done = subprocess.run([str(client), era, question["tool"], json.dumps(question["args"]), *map(str, target)],
                          capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    got = json.loads(done.stdout or "{}")
    want = dict({k: v for k, v in question.items() if k not in ("tool", "args")}, revision=revision, is_error=False)
    wrong = ["%s: %s, not %s" % (k, got.get(k), v) for k, v in want.items() if got.get(k) != v]
    if question["tool"] not in got.get("tools", []):
        wrong.append("tools: %s" % got.get("tools"))
    print("%s our client, %s %s %s" % ("FAIL" if wrong else "PASS", label, era, question["tool"]), flush=True)
    if wrong:
        print("\n".join(wrong + [done.stderr[-2000:]]))
    return not wrong


@contextlib.contextmanager
def running(argv, env, said):
    """A server's process, once a line it writes is what it says when it listens; that line."""
    with subprocess.Popen([str(a) for a in argv], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.strip() for line in lines if said in line)
        finally:
            process.terminate()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def ask_everything(good):
    tools = node.install("everything", [EVERYTHING])
    program = [tools.node, tools.modules / "@modelcontextprotocol/server-everything/dist/index.js"]
    port = free_port()
    with running([*program, "streamableHttp"], dict(tools.env, PORT=str(port)), "listening"):
        for label, target in (("everything stdio", [*program, "stdio"]),
                              ("everything http", ["http://127.0.0.1:%d/mcp" % port])):
            for era in ("auto", "legacy"):
                good += [ask(label, era, q, "2025-11-25", target) for q in (SUM, SHAPE, LONG)]


def ask_python(good):
    folder = peers.build("python", test_python.make)
    program = [folder / "venv/bin/python", peers.CLIENTS / "python/server.py"]
    with running([*program, "http"], None, "http") as url:
        for label, target in (("python stdio", program), ("python http", [url])):
            for era, revision in peers.REVISIONS.items():
                good.append(ask(label, era, ADD, revision, target))


def main():
    good = []
    ask_everything(good)
    ask_python(good)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
