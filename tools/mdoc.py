"""Writes the mdoc(7) language of manual pages, as `mandoc -T lint` wants it: escapes, sentences, lines."""
import datetime
import os
import re
import textwrap

WIDTH = 76
SENTENCE = re.compile(r'(?<=[.!?])([)"\']*) +(?=[A-Z(`"])')


def escape(text):
    """Outside text: backslashes, the dashes of flags, which are no hyphens, and names like free()."""
    text = text.replace("\\", "\\e").replace("()", "\\&()")
    return re.sub(r"(?<![\w-])-+(?=\w)", lambda m: "\\-" * len(m.group(0)), text)


def dotted(row):
    """A row of text or of literal code must not look like a request."""
    return ("\\&" if row[:1] in (".", "'") else "") + row


def prose(text):
    """Text, one sentence to a line, broken at spaces; an empty line begins a paragraph."""
    out = []
    for paragraph in filter(None, re.split(r"\n[ \t]*\n", text.strip())):
        if out:
            out.append(".Pp")
        for sentence in SENTENCE.split(" ".join(paragraph.split())):
            # split() also gives the closing brackets, which belong to the sentence before.
            if sentence and not sentence.strip(")\"'"):
                out[-1] += sentence
            elif sentence:
                out += [dotted(x) for x in textwrap.wrap(escape(sentence), WIDTH, break_long_words=False,
                                                         break_on_hyphens=False)]
    return out


def argument(text):
    """One argument of a macro, quoted where it must be; a word that is a macro's name is only a word."""
    text = escape(text)
    if len(text) <= 3 and text.isalpha() or text in (".", ",", ":", ";", "(", ")", "[", "]", "?", "!", "|"):
        text = "\\&" + text
    return '"%s"' % text.replace('"', '\\(dq') if " " in text or '"' in text else text


def literal(text, indent="indent"):
    rows = [dotted(escape(x)).rstrip() for x in text.strip("\n").split("\n")]
    return [".Bd -literal -offset %s" % indent] + rows + [".Ed"]


def shell(text):
    """A line that a person types."""
    return ".Dl " + escape(text) + "\\&" * text.endswith((")", "]", "."))


def head(title, section, names, about):
    """The first lines of a page, NAME included. The day: SOURCE_DATE_EPOCH, else today."""
    when = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.datetime.fromtimestamp(int(when), datetime.timezone.utc) if when else datetime.datetime.now()
    out = [".Dd %s %d, %d" % (day.strftime("%B"), day.day, day.year),
           ".Dt %s %s" % (title.upper(), section), ".Os", ".Sh NAME"]
    out += [".Nm %s%s" % (name, " ," if name != names[-1] else "") for name in names]
    return out + [".Nd %s" % escape(about.rstrip("."))]


def see(names, section):
    """SEE ALSO, in the order that lint wants."""
    names = sorted(set(names), key=lambda n: (section_of(n, section), n))
    out = [".Sh SEE ALSO"]
    for name in names:
        out.append(".Xr %s %s%s" % (name.split("(")[0], section_of(name, section), " ," if name != names[-1] else ""))
    return out


def section_of(name, section):
    """"mcp(3)" says its section itself."""
    return name.split("(")[1].rstrip(")") if "(" in name else section


def save(folder, name, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write("\n".join(rows) + "\n")
