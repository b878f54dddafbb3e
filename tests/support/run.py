#!/usr/bin/env python3
"""Runs test programs in parallel, each under a timeout, and counts what they report."""
import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

CMOCKA_PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.M)
CMOCKA_FAILED = re.compile(r"^\[  FAILED  \] (\d+) test|^ ?(\d+) FAILED TEST", re.M)
CMOCKA_SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) test", re.M)
NOISE = re.compile(r"PASS |\[ RUN  |\[       OK")
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n\n(?:OK|FAILED)(?: \((.*)\))?", re.M)
LINE = re.compile(r"^(PASS|FAIL|SKIP)\b", re.M)
SAYS_SKIP = re.compile(r"^(SKIP.*|.*\bskipped\b.*|\[  SKIPPED \] (?!\d+ test).*)$", re.M)


def run_one(path, timeout):
    """(path, passed, failed, skipped, seconds, output): a program that crashes has failed once more."""
    start = time.monotonic()
    # A file, not a pipe: a test that leaves a child behind must not keep us waiting for its end.
    with tempfile.TemporaryFile() as out:
        argv = [os.path.abspath(path)]
        proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                start_new_session=True)
        try:
            code = proc.wait(timeout)
            note = ""
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, signal.SIGKILL)
            code = proc.wait()
            note = "\nkilled after %d s\n" % timeout
        out.seek(0)
        text = out.read().decode("utf-8", "replace") + note
    return (path,) + count(text, code) + (time.monotonic() - start, text)


def count(text, code):
    passed = sum(int(m.group(1)) for m in CMOCKA_PASSED.finditer(text))
    skipped = sum(int(m.group(1)) for m in CMOCKA_SKIPPED.finditer(text))
    failed = 0
    for m in CMOCKA_FAILED.finditer(text):
        if m.group(1):
            failed += int(m.group(1))
    for m in UNITTEST.finditer(text):
        parts = dict(p.split("=") for p in (m.group(2) or "").split(", ") if "=" in p)
        bad = sum(int(parts.get(k, 0)) for k in ("failures", "errors", "unexpected successes"))
        missed = int(parts.get("skipped", 0))
        passed, failed, skipped = passed + int(m.group(1)) - bad - missed, failed + bad, skipped + missed
    if passed + failed + skipped == 0:
        words = LINE.findall(text)
        passed, failed, skipped = (words.count(w) for w in ("PASS", "FAIL", "SKIP"))
    if code == 77 and not failed:
        return passed, 0, max(skipped, 1)
    if code != 0 and failed == 0:
        failed = 1
        text += "\nexit status %d\n" % code
    if passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--label", required=True)
    ap.add_argument("--strip", default="")
    ap.add_argument("--timeout", type=int, default=int(os.environ.get("MCP_TEST_TIMEOUT", "60")))
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    ap.add_argument("programs", nargs="*")
    args = ap.parse_args()
    total = [0, 0, 0]
    slow = []
    if os.environ.get("MCP_SAN"):
        args.timeout *= 4
    # Whoever runs us in the background may have these ignored, and children inherit that.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = [pool.submit(run_one, p, args.timeout) for p in args.programs]
        for done in concurrent.futures.as_completed(futures):
            path, passed, failed, skipped, seconds, text = done.result()
            name = path[len(args.strip):] if path.startswith(args.strip) else path
            total[0] += passed
            total[1] += failed
            total[2] += skipped
            slow.append((seconds, name))
            word = "FAIL" if failed else "ok"
            print("  %-4s %s (%d tests%s, %.2f s)" % (
                word, name, passed + failed + skipped,
                ", %d SKIPPED" % skipped if skipped else "", seconds), flush=True)
            if failed:
                lines = [x for x in text.splitlines() if not NOISE.match(x)]
                if len(lines) > 200:
                    lines = lines[:100] + ["... %d lines left out" % (len(lines) - 200)] + lines[-100:]
                print("\n".join("       | " + line for line in lines), flush=True)
            elif skipped:
                for line in dict.fromkeys(m.group(0) for m in SAYS_SKIP.finditer(text)):
                    print("       | " + line, flush=True)
    slow.sort(reverse=True)
    if slow and slow[0][0] > 5:
        print("  slowest: " + ", ".join("%s %.1f s" % (n, s) for s, n in slow[:3]))
    print("%s: %d passed, %d failed, %d skipped" % ((args.label,) + tuple(total)), flush=True)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
