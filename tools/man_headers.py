#!/usr/bin/env python3
"""Makes the manual pages of section 3 from the contracts in libmcp's installed headers: one page a header."""
import argparse
import os
import re
import sys

import mdoc

DECLARED = re.compile(r"\b(mcp_\w+)\s*\(")


class Item:
    """One declaration or macro, as it stands in the header."""

    def __init__(self, text):
        self.text = text.strip()
        self.is_function = False
        self.names = []
        text = re.sub(r"/\*.*?\*/", "", self.text, flags=re.S)
        if text.startswith("#define"):
            self.names = [re.match(r"#define\s+(\w+)", text).group(1)]
        elif text.startswith("extern"):
            self.names = [re.search(r"(\w+)(?:\[\])?;$", text).group(1)]
        elif not re.match(r"(struct|enum|union|typedef)\b[^(]*\{", text) and "(" in text:
            self.is_function = True
            self.prototype = self.clean(text)
            self.names = [DECLARED.search(self.prototype).group(1)]

    @staticmethod
    def clean(text):
        """The prototype without body, attributes and line breaks."""
        text = re.sub(r"\s*\{.*\}\s*$", "", text, flags=re.S)
        text = re.sub(r"__attribute__\(\(.*?\)\)(?=\s|;|$)", "", text, flags=re.S)
        text = re.sub(r"\bstatic inline\s+", "", text)
        return " ".join(text.rstrip(";").split()).rstrip()

    def parts(self):
        """(type, name, arguments) of a function."""
        m = re.match(r"(.*?)(\w+)\s*\((.*)\)$", self.prototype)
        arguments, depth, start = [], 0, 0
        for i, c in enumerate(m.group(3)):
            depth += (c == "(") - (c == ")")
            if c == "," and depth == 0:
                arguments.append(m.group(3)[start:i].strip())
                start = i + 1
        arguments.append(m.group(3)[start:].strip())
        return m.group(1).strip(), m.group(2), arguments

    def shown(self):
        """A macro's body is its own business, but for tables that people read (one parameter X)."""
        m = re.match(r"#define\s+\w+\(([^)]*)\)", self.text)
        return m.group(0) if m and m.group(1) != "X" else re.sub(r" +\\$", r" \\", self.text, flags=re.M)


class Group:
    """A comment and what it speaks of."""

    def __init__(self, comment=""):
        self.comment = comment
        self.items = []


def comment_text(raw):
    rows = [re.sub(r"^\s*\*? ?", "", row) for row in raw[2:-2].strip().split("\n")]
    return "\n".join(rows)


def declaration_end(text, at):
    """Behind the ';' or the body's '}' of what begins at `at`."""
    depth, i = 0, at
    inline = text.startswith("static inline", at)
    while True:
        if text.startswith("/*", i):
            i = text.index("*/", i) + 2
            continue
        c = text[i]
        depth += (c in "{(") - (c in "})")
        i += 1
        if depth == 0 and (c == ";" or c == "}" and inline):
            return i


def directive_end(text, at):
    end = text.index("\n", at)
    while text[end - 1] == "\\":
        end = text.index("\n", end + 1)
    return end


def read_groups(text):
    """The header behind its include guard, as groups in order."""
    groups, group, i = [], None, 0
    while i < len(text):
        gap = re.compile(r"\s*").match(text, i)
        i = gap.end()
        if i == len(text):
            break
        if gap.group(0).count("\n") > 1:
            group = None
        if text.startswith("/*", i):
            end = text.index("*/", i) + 2
            said = comment_text(text[i:end])
            if group and group.items and "\n" not in gap.group(0):
                group.items[-1].text += " " + text[i:end]
                if group.items[-1].is_function:
                    group.comment += " (" + said + ")" if group.comment else said[:1].upper() + said[1:] + "."
            else:
                group = Group(said)
                groups.append(group)
            i = end
            continue
        end = directive_end(text, i) if text[i] == "#" else declaration_end(text, i)
        raw = text[i:end]
        i = end
        if raw.startswith("#") and not raw.startswith("#define"):
            continue
        if group is None:
            group = Group()
            groups.append(group)
        group.items.append(Item(raw))
    return groups


class Header:
    def __init__(self, path):
        self.noun = os.path.basename(path)[:-2]
        self.page = "mcp_" + self.noun
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.about = comment_text(text[:text.index("*/") + 2]).rstrip(".")
        body = text[text.index("#define MCP_%s_H" % self.noun.upper()):]
        body = body[body.index("\n"):body.rindex("#endif")]
        self.needs = re.findall(r"#include <mcp/(\w+)\.h>", body)
        self.groups = read_groups(body)
        self.functions = [item for g in self.groups for item in g.items if item.is_function]

    def names(self):
        """What else than the page's own name leads to this page."""
        names = [name for g in self.groups for item in g.items for name in item.names if name.startswith("mcp_")]
        return list(dict.fromkeys(n for n in names if n != self.page))

    def synopsis(self):
        out = [".Sh LIBRARY", "libmcp, found by", ".Ql pkg\\-config \\-\\-cflags \\-\\-libs libmcp", ".Sh SYNOPSIS",
               ".In mcp/%s.h" % self.noun]
        for item in self.functions:
            kind, name, arguments = item.parts()
            out += [".Ft %s" % mdoc.argument(kind), ".Fo %s" % name]
            out += [".Fa %s" % mdoc.argument(a) for a in arguments] + [".Fc"]
        return out

    def description(self):
        out, in_list = [".Sh DESCRIPTION"], False
        for group in self.groups:
            only_functions = group.items and all(item.is_function for item in group.items)
            if only_functions and not group.comment:
                continue
            if only_functions != in_list and in_list:
                out.append(".El")
            if only_functions and not in_list:
                out.append(".Bl -tag -width Ds")
            in_list = only_functions
            if only_functions:
                names = [item.names[0] for item in group.items]
                out.append(".It " + " , ".join("Fn " + n for n in names))
                out += mdoc.prose(group.comment)
                continue
            if group.comment:
                out += [".Pp"] * (out[-1] != ".Sh DESCRIPTION") + mdoc.prose(group.comment)
            if group.items:
                out += mdoc.literal("\n".join(item.shown() for item in group.items))
        return out + ([".El"] if in_list else [])

    def write(self, folder):
        # The page's own name comes first, whether or not a function has it.
        rows = mdoc.head(self.page, "3", [self.page] + self.names(), self.about)
        rows += self.synopsis()
        described = self.description()
        rows += described if len(described) > 1 else [".Sh DESCRIPTION", "See the prototypes above."]
        rows += mdoc.see(["mcp"] + ["mcp_" + n for n in self.needs], "3")
        mdoc.save(folder, self.page + ".3", rows)


def first_program(path):
    """The first C block of the guide."""
    with open(path, encoding="utf-8") as f:
        return re.search(r"```c\n(.*?)```", f.read(), re.S).group(1)


def overview(folder, headers, guide):
    rows = mdoc.head("mcp", "3", ["mcp"], "the Model Context Protocol for C: servers and clients")
    rows += [".Sh SYNOPSIS", mdoc.shell("cc server.c $(pkg-config --cflags --libs libmcp)"), ".Sh DESCRIPTION"]
    rows += mdoc.prose("libmcp serves tools, resources and prompts to MCP clients, over stdio and Streamable HTTP, in "
                       "every revision of the protocol. Each header has a page:")
    rows.append(".Bl -tag -width mcp_json_writer")
    for header in headers:
        rows += [".It Xr %s 3" % header.page] + mdoc.prose(header.about + ".")
    rows += [".El", ".Sh EXAMPLES", "A whole server:"] + mdoc.literal(first_program(guide), "left")
    rows += [".Pp"] + mdoc.prose("The guide libmcp.md, installed beside the documentation of mcp-cost, goes on from here.")
    mdoc.save(folder, "mcp.3", rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guide", required=True, help="Markdown whose first C block is the example of mcp(3)")
    parser.add_argument("folder")
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    headers = [Header(path) for path in sorted(args.headers)]
    pages = {header.page for header in headers} | {"mcp"}
    for header in headers:
        header.write(args.folder)
        for name in header.names():
            # man(1) finds a page by the name of its file.
            if name not in pages:
                mdoc.save(args.folder, name + ".3", [".so man3/%s.3" % header.page])
    overview(args.folder, headers, args.guide)
    return 0


if __name__ == "__main__":
    sys.exit(main())
