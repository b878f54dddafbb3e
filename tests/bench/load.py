"""Load on one HTTP server: wrk on the second core, what it saw, and what the server's process took for it."""
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def pinned(cpu, command):
    return ["taskset", "-c", str(cpu), *command] if os.cpu_count() > 1 and shutil.which("taskset") else command


def rss_kib(pid, field="VmRSS"):
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def cpu_ms(pid):
    """What the process has run so far, threads that have ended included (/proc/PID/stat, fields 14 and 15)."""
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


def wrk(server, bodies, connections, seconds, headers=None):
    """Requests per second, p50 and p99 in ms, CPU in ms per 1000 requests. headers: beside the usual ones, or those of
    a modern get_costs. The server is a child of taskset's exec: the pid is its own."""
    if headers is None:
        headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "get_costs"}
    with tempfile.TemporaryDirectory(prefix="mcp-cost-wrk.") as folder:
        for name, lines in (("bodies", bodies), ("headers", ["%s: %s" % pair for pair in headers.items()])):
            pathlib.Path(folder, name).write_text("".join(line + "\n" for line in lines))
        before = cpu_ms(server.process.pid)
        out = subprocess.run(pinned(1, ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "-s",
                                        str(HERE / "call.lua"), server.url]),
                             env=dict(os.environ, BENCH_FOLDER=folder), capture_output=True, text=True, check=True)
        took = cpu_ms(server.process.pid) - before
    words = next(x for x in out.stdout.splitlines() if x.startswith("RESULT")).split()
    requests, micros, p50, p99, errors, status = map(int, words[1:])
    if errors or status or not requests:
        raise RuntimeError("%d answers, %d socket errors, %d bad statuses" % (requests, errors, status))
    return {"rps": requests / micros * 1e6, "p50": p50 / 1e3, "p99": p99 / 1e3, "cpu": took / requests * 1e3}
