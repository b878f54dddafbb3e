#!/usr/bin/env python3
"""20,000 random amounts: our money against Python's decimal, digit by digit."""
import os
import random
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

CASES = 20000
LIMIT = 170000000000000000000 * 10**18
UNIT = Decimal(1).scaleb(-18)


def digits(rng, n):
    return "".join(rng.choice("0123456789") for _ in range(n))


def number(rng):
    kind = rng.randrange(10)
    sign = rng.choice(["", "", "-"])
    if kind < 4:  # as bills have them
        text = digits(rng, rng.randint(1, 7)) + "." + digits(rng, rng.randint(1, 15))
    elif kind < 6:  # up to 40 digits
        whole, fraction = rng.randint(1, 20), rng.randint(0, 40)
        text = digits(rng, whole) + ("." + digits(rng, fraction) if fraction else "")
    elif kind < 7:  # ties at the last unit
        text = digits(rng, rng.randint(1, 5)) + "." + digits(rng, 18) + "5" + "0" * rng.randint(0, 9)
        if rng.random() < 0.3:
            text += "1"
    elif kind < 9:  # exponents
        text = digits(rng, rng.randint(1, 20)) + "." + digits(rng, rng.randint(1, 20))
        text += rng.choice("eE") + str(rng.randint(-45, 22))
    else:  # near the limit
        text = rng.choice(["169999999999999999999", "170000000000000000000", "1.7e20"])
        if "e" not in text:
            text += "." + rng.choice("09") * rng.randint(1, 25)
    return sign + text


def units(text):
    """Units of 1e-18 after one rounding half to even, and the exact rest; None out of range."""
    exact = Decimal(text)
    rounded = exact.quantize(UNIT, rounding=ROUND_HALF_EVEN)
    n = int(rounded.scaleb(18))
    return (None, None) if abs(n) >= LIMIT else (n, abs(exact - rounded))


def plain(value):
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def money_text(n):
    return plain(Decimal(n).scaleb(-18))


def quotient(part, whole, lift, places):
    if whole <= 0:
        return "null"
    ratio = Decimal(part) * 10**lift / Decimal(whole)
    return plain(ratio.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN))


def expected(op, a, b):
    x, rest = units(a)
    if x is None:
        return "out_of_range"
    if op == "parse":
        error = int((rest.scaleb(27)).to_integral_value(rounding="ROUND_CEILING"))
        return "%s %d" % (money_text(x), error)
    if op == "round":
        text = format(Decimal(x).scaleb(-18).quantize(Decimal(1).scaleb(-int(b)), rounding=ROUND_HALF_EVEN), "f")
        return text[1:] if text.startswith("-") and not text.strip("-0.") else text
    y, _ = units(b)
    if y is None:
        return "out_of_range"
    if op == "add":
        return "out_of_range" if abs(x + y) >= LIMIT else money_text(x + y)
    if op == "share":
        return quotient(x, y, 0, 6)
    return quotient(x, y, 2, 2)


def main():
    rng = random.Random(20260930)
    cases = []
    for _ in range(CASES):
        op = rng.choice(["parse", "parse", "round", "add", "share", "pct"])
        cases.append((op, number(rng), str(rng.randint(0, 18)) if op == "round" else number(rng)))
    program = os.path.join(os.environ["MCP_FIXTURES"], "fixture_money")
    text = "".join(" ".join(c) + "\n" for c in cases)
    lines = subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == CASES, "%d answers to %d questions" % (len(lines), CASES)
    wrong = 0
    with localcontext(Context(prec=150, Emax=10**6, Emin=-(10**6))):
        for case, got in zip(cases, lines):
            want = expected(*case)
            if case[0] == "add" and want != "out_of_range":
                got = got.split(" ")[0]
            if got != want:
                wrong += 1
                if wrong <= 10:
                    print("%s: got %s, want %s" % (" ".join(case), got, want))
    print("money: %d cases, %d wrong" % (CASES, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
