#!/usr/bin/env python3
"""The official Rust client, in its three modes over both transports."""
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import peers  # noqa: E402


def make(source, folder):
    peers.command("cargo", "build", "--locked", "--quiet", "--target-dir", folder / "target", cwd=source)
    shutil.move(folder / "target/debug/client", folder / "client")
    shutil.rmtree(folder / "target")


def main():
    peers.need("cargo", "Rust 1.85 or later, from rustup.rs")
    said = subprocess.run(["cargo", "--version"], capture_output=True, text=True, check=True).stdout
    version = [int(x) for x in re.findall(r"\d+", said)[:2]]
    if version < [1, 85]:
        peers.skip("the Rust client needs Rust 1.85, this is %s" % said.strip())
    return peers.run("rust", [peers.build("rust", make) / "client"], ["legacy", "auto", "modern"])


if __name__ == "__main__":
    sys.exit(main())
