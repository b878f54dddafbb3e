#!/usr/bin/env python3
"""mcp-gcp against a double of BigQuery: decoding, what it adds to an upstream answer, many calls at once."""
import asyncio
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "bigquery"), str(HERE.parent / "support")]
import description  # noqa: E402
import double  # noqa: E402
import gcp  # noqa: E402
from server import HttpServer  # noqa: E402

BENCH = pathlib.Path(os.environ["MCP_BENCH"])
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
NOW = "2025-11-20T20:00:00Z"
CALLS, LATENCY_MS = 80, 200


def report(name, value, unit, goal, good):
    print("%-58s %12s %-8s goal %-12s %s" % (name, value, unit, goal, "met" if good else "MISSED"), flush=True)


class Relay:
    """Answers as the double has answered the same question once, after latency seconds, without its work."""

    def __init__(self, upstream):
        self.upstream, self.known, self.latency, self.own = upstream, {}, 0.0, []
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=256))
        self.url = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(size.group(1))) if size else b""
                begin = time.perf_counter()
                # Which groups are on the page changes nothing where there is one group.
                key = (head.split(b"\r\n", 1)[0], re.sub(rb'"(requestId|jobTimeoutMs)":"[^"]*"|\{"name":"last"[^}]*\}[^}]*\}\}', b"", body))
                if key not in self.known:
                    self.known[key] = await self.loop.run_in_executor(None, self.ask, head, body)
                if self.latency:
                    await asyncio.sleep(self.latency)
                answer = self.known[key]
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
                self.own.append(time.perf_counter() - begin)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def ask(self, head, body):
        verb, path = head.split(b" ", 2)[:2]
        request = urllib.request.Request(self.upstream + path.decode(), body or None, {"Authorization": "Bearer x", "Content-Type": "application/json"},
                                         method=verb.decode())
        return urllib.request.urlopen(request, timeout=30).read()


def call(limit):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_costs", "_meta": META, "arguments": {
        "start_date": "2025-11-01", "end_date": "2025-11-15", "granularity": "TOTAL", "limit": limit}}}).encode()
    return (b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: get_costs\r\nContent-Length: %d\r\n\r\n" % len(body)) + body


async def exchange(reader, writer, request):
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    size = re.search(rb"(?i)content-length: *(\d+)", head)
    body = await reader.readexactly(int(size.group(1)))
    if b'"total_cost":1.25' not in body:
        raise RuntimeError(body[:400])


async def one_by_one(port, relay, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await exchange(reader, writer, call(900))
    added = []
    for i in range(count):
        del relay.own[:]
        begin = time.perf_counter()
        await exchange(reader, writer, call(i % 800 + 1))
        if len(relay.own) == 1:    # not out of the cache
            added.append(time.perf_counter() - begin - relay.own[0])
    writer.close()
    return added


async def at_once(port):
    ends = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CALLS)]
    begin = time.perf_counter()
    await asyncio.gather(*(exchange(r, w, call(i + 801)) for i, (r, w) in enumerate(ends)))
    took = time.perf_counter() - begin
    for _, w in ends:
        w.close()
    return took


def main():
    words = subprocess.run([str(BENCH / "bench_gcp")], check=True, capture_output=True, text=True).stdout.split()
    speed = dict(zip(words[::2], words[1::2]))
    report("BigQuery answer of %d MB to sums (CPU time)" % (int(speed["bytes"]) // 1000000), speed["decode_mb_s"], "MB/s", ">= 300",
           float(speed["decode_mb_s"]) >= 300)
    if not description.there():
        return
    with gcp.Home() as home, double.Double() as upstream:
        relay = Relay(upstream.url)
        command = [os.path.join(os.environ["MCP_BIN"], "mcp-gcp"), "--http", "127.0.0.1:0", "--now", NOW]
        more = {"GCP_BILLING_MAX_BYTES_DAY": "0"}    # no limit of a day
        with HttpServer(command, home.environment(relay.url, **more)) as server:
            port = int(re.search(r":(\d+)", server.url.split("//")[1]).group(1))
            added = asyncio.run(one_by_one(port, relay, 400))
            p50 = statistics.median(added) * 1000
            report("added to an upstream answer, p50 of %d" % len(added), "%.3f" % p50, "ms", "< 0.5", p50 < 0.5)
        relay.latency = LATENCY_MS / 1000
        with HttpServer(command, home.environment(relay.url, **more)) as server:
            port = int(re.search(r":(\d+)", server.url.split("//")[1]).group(1))
            asyncio.run(one_by_one(port, relay, 1))
            took = asyncio.run(at_once(port)) * 1000
            report("%d calls at once, upstream answers after %d ms" % (CALLS, LATENCY_MS), "%.0f" % took, "ms",
                   "<= %d" % (LATENCY_MS * 1.2), took <= LATENCY_MS * 1.2)


if __name__ == "__main__":
    main()
