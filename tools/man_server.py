#!/usr/bin/env python3
"""Makes the manual page of a server from what its own --help pages say, which is its option table."""
import argparse
import os
import re
import subprocess
import sys

import mdoc

COMMANDS = ["call", "import", "doctor", "config", "health"]
ROW = re.compile(r"^  (\S.*?)(?:  +(\S.*))?$")


def help_of(program, *words):
    # Nothing of this user's settings or terminal may stand in the page.
    done = subprocess.run([program, *words, "--help"], env={"LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=True)
    return done.stdout


def read_rows(lines):
    """[(left, right)] of rows in two columns; rows that only go on have no left."""
    rows = []
    for text in lines:
        row = ROW.match(text)
        if text.startswith("   ") and rows:
            rows[-1][1] = (rows[-1][1] + " " + text.strip()).strip()
        elif row:
            rows.append([row.group(1).rstrip(), row.group(2) or ""])
    return rows


def read_page(text):
    """(usage, about, {heading: rows}) of a help page."""
    paragraphs = [p.split("\n") for p in text.rstrip("\n").split("\n\n")]
    sections, about = {}, []
    for lines in paragraphs[1:]:
        if re.fullmatch(r"\S.*:", lines[0]) and len(lines) > 1 and lines[1].startswith("  "):
            sections[lines[0].rstrip(":")] = read_rows(lines[1:])
        else:
            about.append("\n".join(lines))
    return paragraphs[0], about, sections


def option_item(left):
    """The .It line of "--name ARG" or "VARIABLE"."""
    words = left.split(" ", 1)
    if not words[0].startswith("--"):
        return ".It Ev " + left
    arg = words[1] if len(words) > 1 else ""
    if arg.startswith("[") and arg.endswith("]"):
        return ".It Fl \\-%s Op Ar %s" % (words[0][2:], arg[1:-1])
    return ".It Fl \\-%s%s" % (words[0][2:], " Ar " + arg if arg else "")


def option_list(rows):
    out = [".Bl -tag -width Ds"]
    for left, right in rows:
        out.append(option_item(left))
        out += mdoc.prose(right)
    return out + [".El"]


class Page:
    def __init__(self, program):
        self.program = program
        self.name = os.path.basename(program)
        self.first, self.about, self.sections = read_page(help_of(program))
        self.commands = {word: read_page(help_of(program, word)) for word in COMMANDS}

    def synopsis(self):
        """From the usage rows: the words behind the program's name."""
        out = [".Sh SYNOPSIS"]
        for left, _ in read_rows(self.about[0].split("\n")):
            words = left.split()[1:]
            row = ".Nm " + self.name
            for word in words:
                bare = word.strip("[]")
                if word.startswith("--"):
                    row += " Fl \\-" + word[2:]
                elif word.startswith("[["):
                    row += " Op Ar " + word[1:-1]
                elif word.startswith("["):
                    row += " Op Ar " + bare
                elif word.isupper() or word == "FILE...":
                    row += " Ar " + word.replace("...", " ...")
                else:
                    row += " Cm " + word
            out.append(row)
        return out

    def tools(self):
        out = [".Sh TOOLS"] + mdoc.prose("Every argument is optional. As a flag of call it is spelled with dashes.")
        for tool, _ in self.commands["call"][2]["Tools"]:
            _, about, sections = read_page(help_of(self.program, "call", tool))
            rows = next(rows for heading, rows in sections.items() if heading.startswith("Arguments of"))
            out += [".Ss " + tool] + mdoc.prose(about[0]) + option_list(rows)
        return out

    def write(self, folder, others):
        out = mdoc.head(self.name, "1", [self.name], self.first[1]) + self.synopsis()
        out += [".Sh DESCRIPTION", ".Nm"] + mdoc.prose(
            "is an MCP server: a client starts it and talks to it over stdin and stdout, or asks it over HTTP.")
        out += mdoc.prose(self.about[1])
        out += [".Sh COMMANDS"]
        for word in COMMANDS:
            usage, about, sections = self.commands[word]
            out += [".Ss " + word, mdoc.shell(usage[0]), ".Pp"] + mdoc.prose(about[0])
            out += option_list(sections[word]) if word in sections else []
        out += self.tools() + [".Sh OPTIONS"]
        for heading, rows in self.sections.items():
            out += [".Ss " + heading] + option_list(rows)
        out += [".Sh EXIT STATUS"] + mdoc.prose("0: answered, or served to the end. 1: the tool refused, or serving could "
                                                "not begin. 2: wrong flags or settings.")
        out += [".Sh EXAMPLES"] + mdoc.literal("\n".join(
            "$ " + left for left, _ in self.examples()))
        out += mdoc.see(others + ["mcp(3)"], "1")
        mdoc.save(folder, self.name + ".1", out)

    def examples(self):
        """The commands that the page of call gives."""
        lines = "\n".join(self.commands["call"][1]).split("\n")
        return [(x.strip(), "") for x in lines if re.match(r"  %s call \S+ --" % self.name, x) and "TOOL" not in x]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    names = [os.path.basename(p) for p in args.programs]
    for program in args.programs:
        Page(os.path.abspath(program)).write(args.folder, [n for n in names if n != os.path.basename(program)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
