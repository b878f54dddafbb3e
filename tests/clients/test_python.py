#!/usr/bin/env python3
"""The official Python client, in its three modes over both transports."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import peers  # noqa: E402


def make(source, folder):
    peers.command(sys.executable, "-m", "venv", folder / "venv")
    peers.command(folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "-r", source / "requirements.txt")


def main():
    if sys.version_info < (3, 10):
        peers.skip("the Python client needs Python 3.10, this is %d.%d" % sys.version_info[:2])
    folder = peers.build("python", make)
    # The folder was moved after it was filled: its python finds it, the scripts beside it do not.
    return peers.run("python", [folder / "venv/bin/python", peers.CLIENTS / "python/client.py"],
                     ["legacy", "auto", "modern"])


if __name__ == "__main__":
    sys.exit(main())
