#!/usr/bin/env python3
"""mcp-remote makes a server over HTTP one over stdio, for the official client in its three modes."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402

PACKAGES = ["mcp-remote@0.15.1", "@modelcontextprotocol/client@2.4.0"]


def main():
    tools = node.install("mcp-remote", PACKAGES)
    client = shutil.copy(peers.CLIENTS / "typescript/client.mjs", tools.modules.parent)
    proxy = tools.modules / "mcp-remote/dist/proxy.js"
    with node.folder() as home, peers.Demo(home) as demo:
        good = [demo.ask("mcp-remote %s" % mode,
                         [tools.node, client, mode, tools.node, proxy, demo.http.url, "--allow-http"], revision)
                for mode, revision in peers.REVISIONS.items()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
