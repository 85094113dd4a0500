#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""explain_agree.py CLIENT ROUTER SERVER SETS PACKETS - one judge, three ways

Random rule sets of both modes run on the router in turn. Random packets of
both families are asked about offline (sfwctl test -f), asked about in the
kernel (sfwctl test), and sent: through the router from either side, and by the
router itself. All three have to agree, packet by packet, on what happens, and
rule by rule on who decided. Questions must change no figure. In stateful sets
the kernel is then asked again, about the connections that were made, and what
answers them has to pass.

The traffic goes through one pkt, asked line by line. Prints what differs and
ends with 1, or a line of figures.
"""
import collections
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import time

SFWCTL = os.environ.get("SFWCTL", "sfwctl")
WAIT_MS = 3000

# Two sides and the router's own addresses there.
NETS = {"eth0": {4: "10.1.0.0", 6: "2001:db8:a1::"},
        "eth1": {4: "10.2.0.0", 6: "2001:db8:b2::"}}
OWN = {"eth0": {4: "119.18.36.1", 6: "2001:db8:119::1"},
       "eth1": {4: "1.3.3.1", 6: "2001:db8:1337::1"}}
OTHER = {"eth0": "eth1", "eth1": "eth0"}
PORTS = [22, 53, 80, 443, 1000, 2000, 40000, 50000, 60000, 65535]
WITH_PORTS = ("tcp", "udp", "sctp", "udplite", "dccp")
TYPES = {4: ("8", "8", "0", "13", "14", "3/1", "3/4", "11", "5", "200/7"),
         6: ("128", "128", "129", "1/4", "2", "3", "200/7")}
ERRORS = {4: ("3/1", "3/4", "11"), 6: ("1/4", "2", "3")}
FLAGS = ("S", "S", "S", "S", "A", "SA", "FA", "R", "RA", "PA", "F", "FS",
         "none", "FPU")

# Whose milliseconds are shown.
STEPS = ("ms_load", "ms_offline", "ms_kernel", "ms_figures", "ms_send",
         "ms_arrive", "ms_rest")

pick = random.choice


def rare(n):
    return random.randrange(n) == 0


def host(side, family, n=None):
    n = random.randrange(1, 250) if n is None else n
    return str(ipaddress.ip_address(NETS[side][family]) + n)


# --- rules ---------------------------------------------------------------

def element(family):
    side = pick(("eth0", "eth1"))
    if rare(4):
        return OWN[side][family]
    n = random.randrange(0, 250)
    if rare(3):
        length = 32 - random.randrange(8) if family == 4 else \
            128 - random.randrange(8)
        net = ipaddress.ip_network((host(side, family, n), length),
                                   strict=False)
        return str(net)
    if rare(2):
        return host(side, family, n) + "-" + host(side, family, n + 60)
    return NETS[side][family] + ("/16" if family == 4 else "/48")


def operand(make, several):
    no = "!" if rare(4) else ""
    if rare(3):
        return no + "{ " + ", ".join(
            make() for _ in range(random.randint(2, several))) + " }"
    return no + make()


def addresses(family):
    if rare(4):
        return operand(lambda: element(pick((4, 6))), 6)
    return operand(lambda: element(family), 6)


def port():
    p = pick(PORTS)
    return f"{p}-{p + random.randint(1, 30000)}" if rare(3) and p < 35000 \
        else str(p)


def rule(direction, number):
    action = pick(("allow", "allow", "deny", "reject"))
    protocol = pick(("any", "tcp", "tcp", "tcp", "udp", "udp", "icmp",
                     "icmpv6", "sctp", "udplite", "dccp", "gre", "253"))
    family = {"icmp": 4, "icmpv6": 6}.get(protocol, pick((4, 6)))
    text = f"{direction} {number} {action} {protocol}"
    for word in ("from", "to"):
        end = ""
        if rare(3):
            end += " " + addresses(family)
        if protocol in WITH_PORTS and rare(2):
            end += " port " + operand(port, 4)
        if end:
            text += f" {word}{end}"
    if rare(5):
        text += " on " + pick(("eth0", "eth1", "eth*", "!eth0", "!eth*", "lo"))
    if protocol == "icmp" and rare(2):
        text += " type " + pick(TYPES[4])
    if protocol == "icmpv6" and rare(2):
        text += " type " + pick(TYPES[6])
    if protocol == "tcp" and rare(3):
        text += " flags " + pick(("syn", "established", "syn,ack/ack",
                                  "fin,syn,rst/rst", "all/none"))
    if action == "allow" and rare(5):
        text += " limit 4000000000/s burst 1000000"
    if action == "allow" and rare(5):
        text += " no-state"
    if rare(6):
        text += " return"
    return text


def rules(mode):
    lines = [f"mode {mode}"]
    for direction in ("in", "out"):
        lines.append(f"default {direction} " +
                     pick(("allow", "deny", "deny", "reject")))
    if rare(3):
        lines.append("option tcp-pickup off")
    for direction in ("in", "out"):
        for n in range(pick((5, 25, 60))):
            lines.append(rule(direction, 10 * (n + 1)))
    return "\n".join(lines) + "\n"


# --- packets -------------------------------------------------------------

class Packet:
    """One packet: as pkt sends it, as sfwctl is asked, as it is seen."""

    def __init__(self):
        self.family = family = pick((4, 6))
        self.direction = pick(("in", "in", "out"))
        self.side = pick(("eth0", "eth1"))
        if self.direction == "in":
            self.src = host(self.side, family)
            self.dst = host(OTHER[self.side], family)
            self.seen_at = OTHER[self.side]
        else:
            self.src = OWN[self.side][family]
            self.dst = host(self.side, family)
            self.seen_at = self.side
        self.protocol = pick(WITH_PORTS + ("tcp", "tcp", "udp", "icmp",
                                           "icmp", "gre", "253"))
        if self.protocol in WITH_PORTS:
            self.with_ports()
        elif self.protocol == "icmp":
            self.icmp()
        else:
            number = {"gre": 47}.get(self.protocol, 253)
            self.layers = f"proto {number} hex 0000080000000000"
            self.seen = f"proto {number}"
            self.tuple = (self.protocol, frozenset((self.src, self.dst)))
        self.sent = f"ip {self.src} > {self.dst} {self.layers}"
        self.seen = f"ip {self.src} > {self.dst} {self.seen}"

    def end(self, addr, port_):
        return f"[{addr}]:{port_}" if self.family == 6 else f"{addr}:{port_}"

    def with_ports(self):
        self.sport, self.dport = pick(PORTS), pick(PORTS)
        if rare(2):
            self.sport = random.randrange(1024, 65536)
        if rare(100):
            self.sport = 0
        self.layers = f"{self.protocol} {self.sport} > {self.dport}"
        self.seen = self.layers
        self.flags = ""
        if self.protocol == "tcp":
            flags = pick(FLAGS)
            self.layers += f" flags {flags}"
            self.flags = f" flags {flags}"
            self.seen += f" flags {flags}"
        self.tuple = (self.protocol, frozenset(((self.src, self.sport),
                                                (self.dst, self.dport))))

    def icmp(self):
        self.protocol = "icmp" if self.family == 4 else "icmpv6"
        self.type = pick(TYPES[self.family])
        self.id = random.randrange(1, 65536)
        self.seen = "icmp " + (self.type if "/" in self.type
                               else self.type + "/0")
        if self.type in ERRORS[self.family]:
            # About a packet that nobody sent.
            self.layers = (f"icmp {self.type} ip {self.dst} > {self.src} "
                           f"udp 7 > {self.id} data 8")
            self.id = 0
        else:
            self.layers = f"icmp {self.type} id {self.id}"
            # A redirect is shown as what quotes a packet.
            self.seen += f" id {self.id}" if self.type != "5" else ""
        self.tuple = (self.protocol, frozenset((self.src, self.dst)), self.id)

    def question(self):
        text = f"expect allow {self.direction} {self.protocol} "
        if self.protocol in WITH_PORTS:
            text += (f"{self.end(self.src, self.sport)} > "
                     f"{self.end(self.dst, self.dport)}")
        else:
            text += f"{self.src} > {self.dst}"
        text += f" on {self.side}"
        if self.protocol.startswith("icmp"):
            text += f" type {self.type} id {self.id}"
        elif self.protocol == "tcp":
            text += self.flags
        return text

    def answered(self):
        """The lines that send and show what comes back to a datagram."""
        text = (f"ip {self.dst} > {self.src} "
                f"udp {self.dport} > {self.sport}")
        return text, text


def packets(n):
    found, tuples, seen = [], set(), set()
    while len(found) < n:
        p = Packet()
        if p.tuple in tuples or p.seen in seen:
            continue
        tuples.add(p.tuple)
        seen.add(p.seen)
        found.append(p)
    return found


# --- the router ----------------------------------------------------------

class Differs(Exception):
    pass


class Pkt:
    def __init__(self, spaces):
        self.spaces = spaces    # by side of the router
        self.process = subprocess.Popen(["pkt"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        bufsize=1)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer.startswith(("error", "failed")) or not answer:
            raise Differs(f"pkt {line}: {answer}")
        return answer

    def send(self, side, text):
        self.ask(f"send {self.spaces[side]} eth0 {text}")

    def drain(self, side, ours, wanted):
        """Which of ours came there, until the wanted ones or a long silence."""
        came = set()
        while True:
            wait = WAIT_MS if wanted - came else 1
            text = self.ask(f"expect {side} {wait} ip *")
            if text == "none":
                return came
            words = text.split()
            # ip A > B ttl N REST; of others, none of our business, is None.
            came.add(begins_with(words[:4] + words[6:], ours))


def sfwctl(router, *args, text=None, good=(0,)):
    done = subprocess.run([SFWCTL, "-j", "-N", router, *args], input=text,
                          capture_output=True, text=True)
    if done.returncode not in good:
        raise Differs(f"sfwctl {' '.join(args)}: {done.returncode}: "
                      f"{done.stderr}")
    return json.loads(done.stdout) if done.stdout else None


def verdicts(router, questions, *args):
    answer = sfwctl(router, "test", *args, questions, good=(0, 1))
    return answer["tests"]


WORDS = ("action", "by", "rule", "reason", "connects")


def say(test):
    return " ".join(f"{w}={test[w]}" for w in WORDS if w in test)


def compare(what, a, b, packets_):
    for x, y, p in zip(a, b, packets_, strict=True):
        if say(x) != say(y):
            raise Differs(f"{what}\n  {p.question()}\n  {say(x)}\n  {say(y)}")


def figures(router):
    stats = sfwctl(router, "stats")
    flat = {k: v for k, v in stats.items() if isinstance(v, int)}
    flat.update({k: v for k, v in stats["drops"].items()})
    return flat


def counters(router):
    shown = sfwctl(router, "show")
    counts = {f"{r['direction']}:{r['number']}": r["packets"]
              for r in shown["rules"]}
    for d in ("in", "out"):
        counts[f"{d}:*"] = shown["defaults"][d]["packets"]
    return counts


def begins_with(words, starts):
    """The one of a set of texts that a text begins with, word by word."""
    for n in range(len(words), 3, -1):
        if " ".join(words[:n]) in starts:
            return " ".join(words[:n])
    return None


def send_all(pkt, router, all_):
    for p in all_:
        if p.direction == "in":
            pkt.send(p.side, p.sent)
            continue
        p.denied = pkt.ask(f"local {router} {p.sent}") == "denied"


def check_arrivals(pkt, all_, foretold):
    for side in ("eth0", "eth1"):
        want = {p.seen for p, t in zip(all_, foretold)
                if p.seen_at == side and t["action"] == "allow"}
        ours = {p.seen for p in all_ if p.seen_at == side}
        came = pkt.drain(side, ours, want)
        came.discard(None)      # neighbour discovery, answers of reject
        for seen in want ^ came:
            p, t = next((p, t) for p, t in zip(all_, foretold)
                        if p.seen == seen)
            raise Differs(f"{'dropped' if seen in want else 'passed'}, "
                          f"and not as foretold\n  {p.question()}\n  {say(t)}")


def check_local(all_, foretold):
    for p, t in zip(all_, foretold):
        if p.direction == "out" and p.denied != (t["action"] != "allow"):
            raise Differs(f"sent by the router: denied is {p.denied}\n"
                          f"  {p.question()}\n  {say(t)}")


def check_counts(router, foretold, before):
    want = collections.Counter(t["rule"] for t in foretold
                               if t["by"] == "list")
    for name, packets_ in counters(router).items():
        if packets_ != want[name]:
            raise Differs(f"{name} counted {packets_} packets, "
                          f"foretold {want[name]}")
    want = collections.Counter(t["reason"] for t in foretold
                               if t["action"] != "allow")
    after = figures(router)
    for reason, n in want.items():
        if after[reason] - before[reason] != n:
            raise Differs(f"{after[reason] - before[reason]} packets dropped "
                          f"for {reason}, foretold {n}")
    if after["packets"] - before["packets"] != len(foretold):
        raise Differs(f"{after['packets'] - before['packets']} packets "
                      f"judged, {len(foretold)} sent")


def check_connections(pkt, router, questions, all_, foretold):
    """After the packets: what made a connection belongs to it, and is answered."""
    again = verdicts(router, questions)
    answers = []
    for p, t, now in zip(all_, foretold, again):
        if not t.get("connects"):
            if now["by"] == "connection":
                raise Differs(f"a connection where none was foretold\n"
                              f"  {p.question()}\n  {say(now)}")
            continue
        if now["by"] != "connection" or now["rule"] != t["rule"] or \
                now["action"] != "allow":
            raise Differs(f"its connection\n  {p.question()}\n  {say(t)}\n"
                          f"  {say(now)}")
        if p.protocol == "udp" and p.direction == "in":
            answers.append(p)
    for p in answers:
        pkt.send(OTHER[p.side], p.answered()[0])
    for side in ("eth0", "eth1"):
        want = {p.answered()[1] for p in answers if p.side == side}
        came = pkt.drain(side, want, want)
        if want - came:
            raise Differs(f"the answer of a connection was dropped: "
                          f"{(want - came).pop()}")
    return len(answers)


def one_set(pkt, router, mode, n, total):
    text = rules(mode)
    all_ = packets(n)
    questions = f"/tmp/sfw-{os.getpid()}.expect"
    file = f"/tmp/sfw-{os.getpid()}.rules"
    with open(questions, "w") as f:
        f.write("\n".join(p.question() for p in all_) + "\n")
    with open(file, "w") as f:
        f.write(text)
    try:
        clock = [time.monotonic()]
        tick = lambda: clock.append(time.monotonic())
        sfwctl(router, "flush")
        sfwctl(router, "apply", file)
        before = figures(router)
        tick()
        offline = verdicts(router, questions, "-f", file)
        tick()
        kernel = verdicts(router, questions)
        tick()
        compare("offline and in the kernel", offline, kernel, all_)
        if figures(router) != before or any(counters(router).values()):
            raise Differs("questions moved figures")
        tick()
        send_all(pkt, router, all_)
        tick()
        check_arrivals(pkt, all_, kernel)
        tick()
        check_local(all_, kernel)
        check_counts(router, kernel, before)
        if mode == "stateful":
            total["answers"] += check_connections(pkt, router, questions,
                                                  all_, kernel)
        tick()
        for name, a, b in zip(STEPS, clock, clock[1:]):
            total[name] += round(1000 * (b - a))
    except Differs as e:
        named = set(re.findall(r"\b(?:in|out):\d+", str(e)))
        shown = [line for line in text.splitlines()
                 if ":".join(line.split()[:2]) in named or
                 not line.startswith(("in ", "out "))]
        raise Differs("\n".join([str(e), *shown])) from None
    finally:
        os.unlink(questions)
        os.unlink(file)
    total["packets"] += n
    total["rules"] += text.count("\n")
    for t in kernel:
        total[t["action"]] += 1
        total["tracker"] += t["by"] == "tracker"
        total["connections"] += t.get("connects", False)
    for p in all_:
        total[f"IPv{p.family}"] += 1


def main():
    client, router, server = sys.argv[1:4]
    sets, n = int(sys.argv[4]), int(sys.argv[5])
    seed = int(os.environ.get("SFW_SEED", "6"))
    random.seed(seed)
    pkt = Pkt({"eth0": client, "eth1": server})
    for side, space in pkt.spaces.items():
        pkt.ask(f"capture {side} {space} eth0")
    total = collections.Counter()
    bad = 0
    for i in range(sets):
        try:
            one_set(pkt, router, ("stateful", "stateless")[i % 2], n, total)
        except Differs as e:
            print(f"seed {seed}, set {i}: {e}")
            bad += 1
    print(" ".join(f"{v} {k}" for k, v in sorted(total.items())))
    # A test that never met one side of a question would prove nothing.
    few = [k for k in ("allow", "deny", "reject", "tracker", "connections",
                       "answers", "IPv4", "IPv6") if total[k] < sets]
    if few:
        print(f"too few of {few}")
    return 1 if few or bad else 0


sys.exit(main())
