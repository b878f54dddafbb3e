#!/usr/bin/env python3
"""The official TypeScript client, in its three modes over both transports, and with a token."""
import pathlib
import secrets
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402

PACKAGE = "@modelcontextprotocol/client@2.4.0"


def main():
    tools = node.install("typescript", [PACKAGE])
    # Beside its packages, as node looks for them there.
    client = shutil.copy(peers.CLIENTS / "typescript/client.mjs", tools.modules.parent)
    status = peers.run("typescript", [tools.node, client], ["legacy", "auto", "modern"])
    token = secrets.token_hex(32)
    with node.folder() as home, peers.Demo(home, token) as demo:
        for mode, revision in peers.REVISIONS.items():
            if not demo.ask("typescript %s http with a token" % mode, [tools.node, client, mode, demo.http.url], revision,
                            {"TOKEN": token}):
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
