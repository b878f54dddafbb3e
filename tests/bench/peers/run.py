#!/usr/bin/env python3
"""libmcp beside the official SDKs and the ceiling: one tool, one answer, one load, in turn; prints a table.

usage: run.py [SECONDS [ROUNDS]]   each measurement takes SECONDS (1), the median of ROUNDS (9) counts
"""
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "support")]
import node  # noqa: E402
import peers  # noqa: E402
from load import pinned, rss_kib, wrk  # noqa: E402
from server import HttpServer  # noqa: E402

BENCH = pathlib.Path(os.environ["MCP_BENCH"])
TYPESCRIPT = ["@modelcontextprotocol/server@2.4.0", "@modelcontextprotocol/node@2.1.2", "zod@4.6.7"]
ARGUMENTS = {"period": "2026-10", "group_by": ["service"]}
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"}}
HELLO = {"jsonrpc": "2.0", "id": 0, "method": "initialize",
         "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": META[
             "io.modelcontextprotocol/clientInfo"]}}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
CONNECTIONS = (1, 16, 80)
STARTS, PINGS = 20, 5000
ROWS = 18  # in every answer, twice: 4.9 KB


def call(era):
    params = {"name": "get_costs", "arguments": ARGUMENTS, **({"_meta": META} if era == "modern" else {})}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def headers_of(server, era):
    if era == "modern":
        return {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "get_costs"}
    return {"MCP-Protocol-Version": "2025-11-25", **({"Mcp-Session-Id": server.session} if server.session else {})}


def post(server, message, headers):
    request = urllib.request.Request(server.url, json.dumps(message).encode(), {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


# ---- the servers -------------------------------------------------------------------------------------------------

def ours():
    program = str(BENCH / "bench_server")
    return {"http": [program, "--http", "0"], "stdio": [program]}


def rust():
    peers.need("cargo", "Rust 1.85 or later, from rustup.rs")
    said = subprocess.run(["cargo", "--version"], capture_output=True, text=True, check=True).stdout
    if [int(x) for x in re.findall(r"\d+", said)[:2]] < [1, 85]:
        peers.skip("the Rust SDK needs Rust 1.85, this is %s" % said.strip())

    def make(source, folder):
        peers.command("cargo", "build", "--release", "--locked", "--quiet", "--target-dir", folder / "target", cwd=source)
        shutil.move(folder / "target/release/peer", folder / "peer")
        shutil.rmtree(folder / "target")

    program = str(peers.build("rust", make, HERE) / "peer")
    return {"http": [program, "http"], "stdio": [program, "stdio"]}


def golang():
    peers.need("go", "Go 1.25 or later")

    def make(source, folder):
        peers.command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", folder / "peer", ".", cwd=source)

    program = str(peers.build("go", make, HERE) / "peer")
    return {"http": [program, "http"], "stdio": [program, "stdio"]}


def python():
    # A virtual environment knows its own path, so it is made where it stays.
    def make(source, folder):
        shutil.copy(source / "server.py", folder)
        shutil.copy(source / "requirements.txt", folder)

    folder = peers.build("python", make, HERE)
    program = folder / "venv/bin/python"
    if not (folder / "venv.done").exists():
        peers.command(sys.executable, "-m", "venv", "--clear", folder / "venv")
        peers.command(program, "-m", "pip", "install", "--quiet", "-r", folder / "requirements.txt")
        (folder / "venv.done").touch()
    return {mode: [str(program), str(folder / "server.py"), mode] for mode in ("http", "stdio")}


def typescript():
    tools = node.install("bench-typescript", TYPESCRIPT)
    # Beside its packages, as node looks for them there.
    server = shutil.copy(HERE / "typescript/server.mjs", tools.modules.parent)
    os.environ["NODE_ENV"] = "production"
    return {mode: [tools.node, server, mode] for mode in ("http", "stdio")}


SERVERS = {"libmcp": ours, "Rust SDK, rmcp 3.9.0": rust, "Go SDK 1.8.0": golang, "Python SDK 2.3.0": python,
           "TypeScript SDK 2.4.0": typescript}


def found():
    """The commands of every server that can be had here."""
    out = {}
    for name, make in SERVERS.items():
        try:
            out[name] = make()
        except SystemExit:  # it has said why
            print("SKIPPED: %s is not in this table" % name, flush=True)
        except (subprocess.SubprocessError, OSError) as e:
            print("SKIPPED: %s could not be installed: %s" % (name, e), flush=True)
    return out


# ---- stdio -------------------------------------------------------------------------------------------------------

class Stdio:
    def __init__(self, command):
        self.process = subprocess.Popen(pinned(0, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, bufsize=0)
        self.rest = b""

    def send(self, message):
        self.process.stdin.write((json.dumps(message) + "\n").encode())

    def line(self):
        while b"\n" not in self.rest:
            more = os.read(self.process.stdout.fileno(), 1 << 20)
            if not more:
                raise RuntimeError("the server ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_ms(command, messages):
    with tempfile.NamedTemporaryFile("w", prefix="mcp-cost-lines.") as lines:
        lines.write("".join(json.dumps(m) + "\n" for m in messages))
        lines.flush()
        done = subprocess.run(pinned(0, [str(BENCH / "bench_start"), "1", lines.name, *command]), stdout=subprocess.PIPE,
                              text=True, check=True)
    return float(done.stdout.split()[0])


def ping_us(command):
    server = Stdio(command)
    server.send(HELLO)
    server.line()
    server.send(READY)
    times = []
    message = call("legacy")
    for i in range(PINGS // 10 + PINGS):
        message["id"] = i + 1
        began = time.monotonic()
        server.send(message)
        line = server.line()
        times.append((time.monotonic() - began) * 1e6)
    server.end()
    assert b'"structuredContent"' in line, line[:300]
    return statistics.median(times[PINGS // 10:])


def bench_stdio(commands):
    print("\n%-22s %14s %16s" % ("stdio", "start ms", "tools/call us"))
    start, ping = ({n: [] for n in commands} for _ in range(2))
    for _ in range(STARTS):
        for name, command in commands.items():
            start[name].append(start_ms(command["stdio"], [HELLO]))
    for name, command in commands.items():
        ping[name] = ping_us(command["stdio"])
        print("%-22s %14.2f %16.1f" % (name, statistics.median(start[name]), ping[name]), flush=True)
    empty = statistics.median(start_ms(["/bin/true"], []) for _ in range(STARTS))
    print("%-22s %14.2f" % ("(/bin/true, to its end)", empty), flush=True)


# ---- HTTP --------------------------------------------------------------------------------------------------------

def open_session(server):
    """What a legacy call needs besides its headers; a server without sessions gives none."""
    _, headers = post(server, HELLO, {})
    server.session = headers.get("Mcp-Session-Id")
    if server.session:
        post(server, READY, headers_of(server, "legacy"))


def check_answer(name, server, era):
    body, headers = post(server, call(era), headers_of(server, era))
    if b'"structuredContent"' not in body or b'"isError":true' in body or body.count(b"Compute instances") != 2 * ROWS:
        raise RuntimeError("%s: %s" % (name, body[:400]))
    return len(body), headers["Content-Type"]


def bench_http(servers, seconds, rounds):
    rss = {name: rss_kib(s.process.pid) for name, s in servers.items()}
    seen = {}
    for era in ("modern", "legacy"):
        body = json.dumps(call(era))
        for connections in CONNECTIONS:
            for i in range(rounds):  # in turn and back again: a machine whose speed drifts changes little in one round
                for name, server in list(servers.items())[::1 if i % 2 == 0 else -1]:
                    try:
                        row = wrk(server, [body], connections, seconds, headers_of(server, era))
                    except RuntimeError as e:
                        print("%s, %s, %d connections: %s" % (name, era, connections, e), flush=True)
                        continue
                    seen.setdefault((era, connections, name), []).append(row)
            print_rows(era, connections, servers, seen)
    print("\n%-22s %12s %12s" % ("resident set", "idle MB", "peak MB"))
    for name, server in servers.items():
        print("%-22s %12.1f %12.1f" % (name, rss[name] / 1024, rss_kib(server.process.pid, "VmHWM") / 1024), flush=True)


def print_rows(era, connections, servers, seen):
    print("\n%-22s %9s %9s %9s %12s %10s" % ("%s, %d connection%s" % (
        "2026-07-28" if era == "modern" else "2025-11-25", connections, "s" if connections > 1 else ""),
        "RPS", "p50 ms", "p99 ms", "CPU ms/1000", "of libmcp"))
    first = None
    for name in servers:
        rows = seen.get((era, connections, name))
        if rows is None:
            print("%-22s %9s" % (name, "failed"))
            continue
        at = {k: statistics.median(r[k] for r in rows) for k in rows[0]}
        first = first or rows
        ratio = statistics.median(a["rps"] / b["rps"] for a, b in zip(rows, first))  # of the same minute
        print("%-22s %9.0f %9.3f %9.3f %12.1f %10.3f" % (name, at["rps"], at["p50"], at["p99"], at["cpu"], ratio),
              flush=True)


def main():
    if not shutil.which("wrk"):
        print("SKIPPED: wrk is not installed (apt-get install wrk)")
        return 0
    seconds, rounds = ([int(a) for a in sys.argv[1:]] + [1, 9][len(sys.argv) - 1:])[:2]
    commands = found()
    servers = {}
    with tempfile.TemporaryDirectory(prefix="mcp-cost-peers.") as folder:
        try:
            for name, command in commands.items():
                servers[name] = HttpServer(pinned(0, command["http"]))
                open_session(servers[name])
                for era in ("modern", "legacy"):
                    print("%-22s %s: %d bytes, %s" % (name, era, *check_answer(name, servers[name], era)), flush=True)
            tail = pathlib.Path(folder) / "tail.json"
            answer, _ = post(servers["libmcp"], call("modern"), headers_of(servers["libmcp"], "modern"))
            tail.write_bytes(answer[answer.index(b',"result"'):])
            servers["ceiling"] = HttpServer(pinned(0, [str(BENCH / "bench_ceiling"), str(tail)]))
            servers["ceiling"].session = None
            bench_http(servers, seconds, rounds)
        finally:
            for server in servers.values():
                server.stop()
    bench_stdio(commands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
