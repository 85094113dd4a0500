#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""random_sets.py SFWCTL NETNS N - what is loaded is what is shown

Writes N random rule files as show would write them, with every clause, loads
each and compares what show prints with the file, byte by byte: order,
comments, the spelling of lists. Prints the first difference and ends with 1,
or the number of rules that came back.
"""
import difflib
import random
import subprocess
import sys

ACTIONS = ("allow", "deny", "reject")
PORTS = {"tcp", "udp", "sctp", "udplite", "dccp"}
OPTIONS = (
    ("max-connections", lambda: str(random.randint(1, 0xffffffff))),
    ("timeout tcp-syn-sent", lambda: random.choice(("90s", "2m", "1h"))),
    ("timeout tcp-established", lambda: random.choice(("3h", "5d", "20d"))),
    ("timeout udp", lambda: random.choice(("1s", "61s", "10m"))),
    ("tcp-pickup", lambda: random.choice(("on", "off"))),
    ("tcp-liberal", lambda: random.choice(("on", "off"))),
    ("checksum", lambda: random.choice(("on", "off"))),
    ("loopback", lambda: random.choice(("filter", "pass"))),
    ("neighbour-discovery", lambda: random.choice(("filter", "pass"))),
    ("keep-connections", lambda: random.choice(("on", "off"))),
)
LETTERS = "abc XYZ 019 .,;:#$!{}%\\\"'äß€-_/"


def rare(n):
    return random.randrange(n) == 0


def address(family):
    if family == 4:
        a = random.randint(1, 0xfffffe00)
        quad = lambda n: ".".join(str(n >> s & 255) for s in (24, 16, 8, 0))
        kind = random.randrange(3)
        if kind == 0:
            return quad(a)
        if kind == 1:
            length = random.randint(1, 31)
            return f"{quad(a >> 32 - length << 32 - length)}/{length}"
        return f"{quad(a)}-{quad(a + random.randint(1, 500))}"
    a = random.randint(1, 0xfff0)
    return random.choice((f"2001:db8::{a:x}", f"2001:db8:{a:x}::/48",
                          f"2001:db8::{a:x}-2001:db8::{a + 9:x}", "::1"))


def port():
    a = random.randint(0, 65000)
    return f"{a}-{a + random.randint(1, 500)}" if rare(3) else str(a)


def elements(make, n):
    return "{ " + ", ".join(make() for _ in range(n)) + " }"


def operand(make, sets):
    no = "!" if rare(4) else ""
    if sets and rare(3):
        return f"{no}${random.choice(sets)}"
    n = 1 if rare(2) else random.randint(2, 40)
    return no + (make() if n == 1 else elements(make, n))


def end(word, family, ports, sets):
    text = ""
    if rare(2):
        text += " " + operand(lambda: address(family), sets[family])
    if ports and rare(2):
        text += " port " + operand(port, sets["port"])
    return f" {word}{text}" if text else ""


def rate():
    return f"limit {random.randint(1, 4000)}/{random.choice('smh')}" + \
        (f" burst {random.randint(1, 4000)}" if rare(2) else "")


def rule(direction, number, sets):
    action = random.choice(ACTIONS)
    protocol = random.choice(("any", "tcp", "udp", "icmp", "icmpv6", "sctp",
                              "udplite", "dccp", "gre", "esp", "ah", "253"))
    family = {"icmp": 4, "icmpv6": 6}.get(protocol, random.choice((4, 6)))
    text = f"{direction} {number} {action} {protocol}"
    text += end("from", family, protocol in PORTS, sets)
    text += end("to", family, protocol in PORTS, sets)
    if rare(3):
        text += " on " + random.choice(("eth0", "veth*", "!lo", "!br-a*"))
    if protocol in ("icmp", "icmpv6") and rare(2):
        text += " type " + random.choice(("echo-request", "echo-reply", "200",
                                          "201/7"))
    if protocol == "tcp" and rare(3):
        text += " flags " + random.choice(("syn", "established", "syn,ack/ack",
                                           "fin,syn,rst/rst"))
    if action == "allow" and rare(3):
        text += " " + rate()
    if rare(3):
        text += " log" + (" " + rate() if rare(2) else "")
    if action == "allow" and rare(4):
        text += " no-state"
    if rare(5):
        text += " return"
    if rare(2):
        comment = "".join(random.choice(LETTERS)
                          for _ in range(random.randint(1, 60)))
        quoted = comment.replace("\\", "\\\\").replace('"', '\\"')
        text += f' "{quoted}"'
    return text


def rule_file():
    lines = ["sfw 1", "mode " + random.choice(("stateful", "stateless"))]
    if rare(3):
        lines.append("audit on")
    for direction in ("in", "out"):
        lines.append(f"default {direction} {random.choice(ACTIONS)}" +
                     (" log" if rare(3) else ""))
    options = [f"option {name} {value()}" for name, value in OPTIONS if rare(3)]
    if options:
        lines += [""] + options
    sets = {4: [], 6: [], "port": []}
    defined = []
    for n in range(random.randint(0, 5)):
        kind = random.choice((4, 6, "port"))
        make = port if kind == "port" else lambda: address(kind)
        name = random.choice(("a", "_b", "Web-")) + str(n)
        defined.append(f"set {name} = " + elements(
            make, random.choice((1, 3, 700))))
        sets[kind].append(name)
    if defined:
        lines += [""] + defined
    count = 0
    for direction in ("in", "out"):
        numbers = random.sample(range(1, 32767), random.choice((0, 1, 9, 60)))
        if numbers:
            lines.append("")
        for number in sorted(numbers):
            lines.append(rule(direction, number, sets))
        count += len(numbers)
    return "\n".join(lines) + "\n", count


def main():
    sfwctl, netns, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    random.seed(20)
    total = 0
    for i in range(n):
        text, count = rule_file()
        done = subprocess.run([sfwctl, "-q", "-N", netns, "apply", "-"],
                              input=text.encode(), capture_output=True)
        if done.returncode:
            print(f"set {i} is refused: {done.stderr.decode()}")
            return 1
        shown = subprocess.run([sfwctl, "-N", netns, "show"],
                               capture_output=True).stdout.decode()
        if shown != text:
            print(f"set {i}, file and show:")
            print("\n".join(list(difflib.unified_diff(
                text.splitlines(), shown.splitlines(), lineterm=""))[:30]))
            return 1
        total += count
    print(total)
    return 0


sys.exit(main())
