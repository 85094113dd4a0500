#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""docs.py TO SFWCTL README PAGE... - the examples of the documents, as files

TO/SOURCE.N.rules is a block of rules, TO/SOURCE.N.sh one of commands, one a
line; if it is one that was typed after "$ ", TO/SOURCE.N.out is what it printed.
SOURCE is help (what sfwctl says about each command), README or the name of a
page. Blocks are the fenced ones of README and the literal ones of pages; what is
neither rules nor commands that this machine can run is left out.
"""
import os
import re
import subprocess
import sys

STATEMENT = re.compile(r"(sfw|mode|audit|default|set|option|include) |"
                       r"(in|out|inbound|outbound) +\d")
COMMAND = re.compile(r"(sfwctl|pid=|ip netns|echo|sysctl -?n? ?net) ?")
# Takes the module away from the tests that come later.
NOT_HERE = re.compile(r"\brmmod\b")
PROMPT = re.compile(r"^(server# |\$ |# (?=sfwctl ))")


def rules(lines):
    """The block, if it is rules from its first to its last line."""
    code = [x for x in lines if x.strip() and not x.startswith("#")]
    return lines if code and all(STATEMENT.match(x) for x in code) else []


def commands(lines):
    found = []
    for line in lines:
        line = PROMPT.sub("", line).replace("build/sfwctl", "sfwctl")
        if COMMAND.match(line) and ("sfwctl" in "".join(lines) or line.startswith("sysctl")):
            found.append(line)
    return found


def printed(lines):
    """What stands under the one command of a block that shows that, too."""
    return lines[1:] if lines and lines[0].startswith("$ sfwctl ") else []


def fenced(text):
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        yield block.splitlines()


def literal(text):
    """Blocks of an mdoc page; escapes are those that the pages use."""
    for block in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text, re.M | re.S):
        block = block.replace(r"\-", "-").replace(r"\(dq", '"').replace(r"\e", "\\")
        yield [x.replace(r"\&", "") for x in block.splitlines()]


def helps(sfwctl):
    listing = subprocess.run([sfwctl, "--help"], capture_output=True, text=True,
                             check=True).stdout
    names = re.findall(r"^  ([a-z-]+) ", listing.split("Commands")[1].split("\n\n")[0],
                       re.M)
    for name in names:
        if name == "help":
            continue
        text = subprocess.run([sfwctl, "help", name], capture_output=True, text=True,
                              check=True).stdout
        at = re.search(r"^Examples?:\n((  .*\n)+)", text, re.M)
        # What goes on in the next line is one command.
        text = re.sub(r"(&&|\|)\n +", r"\1 ", at[1]) if at else ""
        yield [x[2:] for x in text.splitlines() if not NOT_HERE.search(x)]


def main():
    to, sfwctl, readme, *pages = sys.argv[1:]
    sources = [("help", list(helps(sfwctl)))]
    with open(readme, encoding="utf-8") as f:
        sources.append(("README", list(fenced(f.read()))))
    for page in pages:
        with open(page, encoding="utf-8") as f:
            sources.append((os.path.basename(page), list(literal(f.read()))))
    for source, blocks in sources:
        for n, block in enumerate(blocks):
            # In the help all lines are commands.
            shell = block if source == "help" else commands(block)
            for kind, lines in (("rules", rules(block)), ("sh", shell),
                                ("out", printed(block))):
                if lines:
                    with open(f"{to}/{source}.{n}.{kind}", "w", encoding="utf-8") as f:
                        f.write("\n".join(lines) + "\n")


main()
