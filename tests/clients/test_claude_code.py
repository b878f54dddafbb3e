#!/usr/bin/env python3
"""Claude Code adds all six servers and finds each one connected."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
from server import HttpServer  # noqa: E402

PACKAGE = "@anthropic-ai/claude-code@2.1.329"
SERVERS = ["mcp-aws", "mcp-azure", "mcp-forecast", "mcp-gcp", "mcp-opencost", "mcp-policy"]


def main():
    bin_dir = pathlib.Path(os.environ["MCP_BIN"])
    tools = node.install("claude-code", [PACKAGE])
    claude = tools.modules / "@anthropic-ai/claude-code-linux-x64/claude"
    failed = 0
    with node.folder() as home, HttpServer([str(bin_dir / "mcp-aws"), "--demo", "--http", "0"]) as http:
        env = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "DISABLE_AUTOUPDATER": "1",
               "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1"}

        def run(*args):
            return subprocess.run([str(claude), *args], env=env, cwd=home, capture_output=True, text=True,
                                  timeout=120, stdin=subprocess.DEVNULL)

        for name in SERVERS:
            run("mcp", "add", name, "--", str(bin_dir / name), "--demo")
        run("mcp", "add", "--transport", "http", "aws-http", http.url)
        listed = run("mcp", "list").stdout
        for name in SERVERS + ["aws-http"]:
            # `mcp list` exits 0 whatever it finds: the text is the answer.
            lines = [x for x in listed.splitlines() if x.startswith(name + ":")]
            good = len(lines) == 1 and "Connected" in lines[0]
            failed += not good
            print("%s claude mcp list: %s" % ("PASS" if good else "FAIL", lines[0] if lines else name))
        if failed:
            print(listed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
