# SPDX-License-Identifier: GPL-2.0
"""rules - the same rule set in the words of sfw, nft, iptables and ipset

A set is a list of rules in order, made from a seed, so that every run has the
same. The packets under test match the last rule only; what the rules before it
look at before they turn a packet away is the kind of the set:

  early    the source address, the first thing compared
  late     source, destination and protocol agree, the port does not
  mix      half the source, a quarter the destination, a quarter the port
  overlap  ranges of addresses and ports, each of which holds the packets in
           three fields of four. They overlap in all ways, with different
           actions, so their order decides

The rules of early, late and mix are disjoint, so that order does not matter
and a map (nft's pipapo sets) or a pair of sets (ipset) says the same as a
list. That ends where there are not enough ports for it: late with more than
MAP_LATE rules. Port ranges are at most WIDTH wide, since ipset stores every
port by itself. No map can express overlap.

Whether the texts are indeed equivalent is checked in each run, not believed:
probes() gives packets and what this file's own first-match reading says about
them, and every subject has to agree.
"""
import ipaddress
import random
from dataclasses import dataclass
from typing import Optional

KINDS = ("early", "late", "mix", "overlap")
WIDTH = 8               # ports in a rule, at most
MAP_LATE = 10000        # rules of kind late that can still be disjoint
UDP, TCP = "udp", "tcp"
PROTOCOL = {UDP: 17, TCP: 6}


@dataclass(frozen=True)
class Family:
    """The addresses of one family: whose packets are probes, and the rest."""
    name: str
    version: int
    bits: int
    source: str         # prefix of the packets under test
    first: str          # its first source
    target: str         # their destination's prefix
    host: str           # their destination
    miss_source: str    # where other rules' sources are
    miss_target: str
    prefixes: tuple     # lengths of other rules' prefixes

    def net(self, text):
        n = ipaddress.ip_network(text)
        return int(n.network_address), int(n.broadcast_address)

    def address(self, value):
        return str((ipaddress.IPv4Address if self.version == 4
                    else ipaddress.IPv6Address)(value))

    def number(self, text):
        return int(ipaddress.ip_address(text))


IPV4 = Family("ipv4", 4, 32, "198.18.0.0/15", "198.18.0.0", "203.0.113.0/24",
              "203.0.113.1", "10.0.0.0/8", "172.0.0.0/8", (16, 28))
IPV6 = Family("ipv6", 6, 128, "2001:db8:12::/48", "2001:db8:12::",
              "2001:db8:7100::/48", "2001:db8:7100::1", "fd10::/16", "fd20::/16",
              (40, 64))
FAMILIES = {"ipv4": IPV4, "ipv6": IPV6}

SPORT, DPORT = 1024, 53         # of the packets under test
LAST_PORTS = (50, 60)           # what the last rule allows
NO_RULE_PORT = 99               # what no rule is about
ORDER_PORT = 54                 # allowed by the last, denied by one before
ANY_PORT = (0, 65535)
FLOWS = 1000                    # sources under test


@dataclass(frozen=True)
class Rule:
    """Ranges are pairs, both ends included; no source port is ANY_PORT."""
    source: tuple
    target: tuple
    protocol: str
    dport: tuple
    allow: bool
    sport: tuple = ANY_PORT

    def matches(self, source, target, protocol, sport, dport):
        return (self.source[0] <= source <= self.source[1] and
                self.target[0] <= target <= self.target[1] and
                self.protocol == protocol and
                self.sport[0] <= sport <= self.sport[1] and
                self.dport[0] <= dport <= self.dport[1])


@dataclass(frozen=True)
class Probe:
    """Packets for the meter, and what should become of them."""
    name: str
    source: int
    target: int
    protocol: str
    sport: int
    dport: int
    allow: Optional[bool] = None


def prefix(rnd, family, base):
    """A random prefix inside another: a range."""
    low, high = family.net(base)
    length = rnd.randint(*family.prefixes)
    size = 1 << (family.bits - length)
    at = rnd.randint(low, high) // size * size
    return at, at + size - 1


class Taken:
    """Rules so far, to keep new ones disjoint from them."""

    def __init__(self, family):
        # Prefixes are no shorter than this, so overlapping ones share a key.
        self.shift = family.bits - family.prefixes[0]
        self.near = {}

    def add(self, rule):
        """False if the rule overlaps one that is there."""
        key = (rule.source[0] >> self.shift, rule.target[0] >> self.shift, rule.protocol)
        near = self.near.setdefault(key, [])
        for r in near:
            if all(a[0] <= b[1] and b[0] <= a[1] for a, b in
                   ((r.source, rule.source), (r.target, rule.target),
                    (r.dport, rule.dport))):
                return False
        near.append(rule)
        return True


class LatePorts:
    """Port ranges, disjoint while there are enough ports."""

    def __init__(self, rnd, count):
        self.slot = min(3000, 64000 // max(1, count))
        self.rnd = rnd
        self.order = list(range(count))
        rnd.shuffle(self.order)

    def take(self):
        if not self.slot:
            first = self.rnd.randint(1024, 65000)
            return first, first + self.rnd.randrange(WIDTH)
        width = self.rnd.randint(1, min(WIDTH, self.slot))
        first = 1024 + self.order.pop() * self.slot + \
            self.rnd.randint(0, self.slot - width)
        return first, first + width - 1


def overlap_rule(rnd, family, allow):
    """Ranges that hold the packets under test in all fields but one."""
    first = family.number(family.first)
    host = family.number(family.host)

    def around(low, high, reach, bottom, top):
        return (max(bottom, low - rnd.randint(1, reach)),
                min(top, high + rnd.randint(1, reach)))

    reach = 1 << (family.bits // 2 if family.version == 4 else 64)
    top = (1 << family.bits) - 1
    source = around(first, first + FLOWS - 1, reach, 0, top)
    target = around(host, host, reach, 0, top)
    sport = around(SPORT, SPORT, 1000, 1, 65535)
    dport = around(*LAST_PORTS, 40, 1, 65535)
    at = rnd.choice(("source", "target", "sport", "dport"))
    if at == "source":
        start = first + FLOWS + rnd.randint(0, reach)
        source = start, start + rnd.randint(1, reach)
    elif at == "target":
        start = host + 1 + rnd.randint(0, reach)
        target = start, start + rnd.randint(1, reach)
    elif at == "sport":
        start = rnd.randint(SPORT + 1, 60000)
        sport = start, min(65535, start + rnd.randint(1, 3000))
    else:
        start = rnd.randint(NO_RULE_PORT + 1, 60000)
        dport = start, min(65535, start + rnd.randint(1, 3000))
    return Rule(source, target, UDP, dport, allow, sport)


def make(kind, n, family, protocol=UDP, seed=1):
    """n rules of a kind, the last of which packets of the protocol under test
    match."""
    rnd = random.Random(f"{seed} {kind} {n} {family.name}")
    source, target = family.net(family.source), family.net(family.target)
    last = Rule(source, target, protocol, LAST_PORTS, True)
    count = n - 1
    if kind == "overlap":
        rules = [overlap_rule(rnd, family, rnd.random() < 0.5) for _ in range(count)]
        if count:
            rules[count // 2] = Rule(source, target, UDP, (ORDER_PORT, ORDER_PORT),
                                     False)
        return rules + [last]

    misses = {"early": ["early"] * count, "late": ["late"] * count,
              "mix": [("early", "early", "target", "late")[i % 4] for i in range(count)]}[kind]
    rnd.shuffle(misses)
    late = LatePorts(rnd, misses.count("late"))
    taken = Taken(family)
    rules = []
    for miss in misses:
        allow = rnd.random() < 0.5
        if miss == "late":
            rules.append(Rule(source, target, UDP, late.take(), allow))
            continue
        while True:
            first = rnd.randint(1024, 65000)
            rule = Rule(
                prefix(rnd, family, family.miss_source) if miss == "early" else source,
                prefix(rnd, family, family.miss_target),
                rnd.choice((TCP, UDP)) if miss == "early" else UDP,
                (first, first + rnd.randrange(WIDTH)), allow)
            if taken.add(rule):
                break
        rules.append(rule)
    return rules + [last]


def decide(rules, source, target, protocol, sport, dport):
    """What the first rule that matches says; denied if none does."""
    for rule in rules:
        if rule.matches(source, target, protocol, sport, dport):
            return rule.allow
    return False


def probes(rules, family):
    """Packets to ask every subject about, with the right answers.

    "match" is the packet under test; the others are there to notice a subject
    that lets everything pass, or has read another list."""
    first, host = family.number(family.first), family.number(family.host)
    protocol = rules[-1].protocol
    asked = [Probe("match", first, host, protocol, SPORT, DPORT),
             Probe("none", first, host, protocol, SPORT, NO_RULE_PORT),
             Probe("order", first, host, protocol, SPORT, ORDER_PORT)]
    for name, at in (("first", 0), ("middle", len(rules) // 2), ("late", len(rules) - 2)):
        if 0 <= at < len(rules) - 1:
            r = rules[at]
            asked.append(Probe(name, r.source[0], r.target[1], r.protocol,
                               max(r.sport[0], 1024), r.dport[1]))
    return [Probe(p.name, p.source, p.target, p.protocol, p.sport, p.dport,
                  decide(rules, p.source, p.target, p.protocol, p.sport, p.dport))
            for p in asked]


def disjoint(kind, n):
    """Whether a map can say what the list says."""
    return kind in ("early", "mix") or (kind == "late" and n <= MAP_LATE)


# texts

class Text:
    """Writes ranges of one family; remembers, for sets repeat prefixes."""

    def __init__(self, family):
        self.family = family
        self.known = {}

    def cidr(self, pair):
        """A prefix, or None if the range is none."""
        low, high = pair
        size = high - low + 1
        if size & (size - 1) or low % size:
            return None
        return f"{self.family.address(low)}/{self.family.bits - size.bit_length() + 1}"

    def range(self, pair, dash="-"):
        text = self.known.get(pair)
        if text is None:
            text = self.cidr(pair) or \
                f"{self.family.address(pair[0])}{dash}{self.family.address(pair[1])}"
            self.known[pair] = text
        return text


def ports(pair, dash="-"):
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}{dash}{pair[1]}"


def sfw(rules, family, mode="stateless", options=(), step=1):
    """A rule file; rules are numbered in steps."""
    text = Text(family)
    out = [f"mode {mode}", "default in deny", "default out allow"]
    out += [f"option {o}" for o in options]
    for i, r in enumerate(rules, 1):
        sport = "" if r.sport == ANY_PORT else f" port {ports(r.sport)}"
        out.append(f"in {i * step} {'allow' if r.allow else 'deny'} {r.protocol} "
                   f"from {text.range(r.source)}{sport} "
                   f"to {text.range(r.target)} port {ports(r.dport)}")
    return "\n".join(out) + "\n"


def nft_match(rule, text):
    ip = "ip" if text.family.version == 4 else "ip6"
    sport = "" if rule.sport == ANY_PORT else \
        f" {rule.protocol} sport {ports(rule.sport)}"
    return (f"{ip} saddr {text.range(rule.source)} {ip} daddr {text.range(rule.target)}"
            f"{sport} {rule.protocol} dport {ports(rule.dport)}")


def nft(rules, family, priority=-300, before=(), end=None):
    """A list of rules in one chain at prerouting.

    before   lines of the chain in front of the rules
    end      what an allowed packet does; default: it is accepted
    """
    text = Text(family)
    ip = "ip" if family.version == 4 else "ip6"
    out = [f"table {ip} bench {{", " chain pre {",
           f"  type filter hook prerouting priority {priority}; policy drop;"]
    out += [f"  {line}" for line in before]
    out += [f"  {nft_match(r, text)} {(end or 'accept') if r.allow else 'drop'}"
            for r in rules]
    return "\n".join(out + [" }", "}", ""])


def pipapo(rules, family, priority=-300, before=()):
    """The same as one look-up in a verdict map of nft."""
    text = Text(family)
    ip, typ, proto = ("ip", "ipv4_addr", "ip protocol") if family.version == 4 else \
        ("ip6", "ipv6_addr", "ip6 nexthdr")
    out = [f"table {ip} bench {{", " map m {",
           f"  type {typ} . {typ} . inet_proto . inet_service : verdict",
           "  flags interval", "  elements = {"]
    out.append(",\n".join(
        f"   {text.range(r.source)} . {text.range(r.target)} . {r.protocol} . "
        f"{ports(r.dport)} : {'accept' if r.allow else 'drop'}" for r in rules))
    out += ["  }", " }", " chain pre {",
            f"  type filter hook prerouting priority {priority}; policy drop;"]
    out += [f"  {line}" for line in before]
    out += [f"  {ip} saddr . {ip} daddr . {proto} . th dport vmap @m", " }", "}", ""]
    return "\n".join(out)


def iptables_match(rule, text):
    """Addresses as prefixes where they are, else as ranges in one match."""
    first, then = [], []
    for flag, pair in (("src", rule.source), ("dst", rule.target)):
        if cidr := text.cidr(pair):
            first.append(f"-{flag[0]} {cidr}")
        else:
            then.append(f"--{flag}-range {text.range(pair)}")
    if then:
        then.insert(0, "-m iprange")
    sport = "" if rule.sport == ANY_PORT else f" --sport {ports(rule.sport, ':')}"
    return (f"{' '.join(first + then)} -p {rule.protocol} -m {rule.protocol}"
            f"{sport} --dport {ports(rule.dport, ':')}")


def iptables(rules, family, table="raw", chain="PREROUTING", before=()):
    """What iptables-legacy-restore (ip6tables-legacy-restore) reads."""
    text = Text(family)
    chains = {"raw": ("PREROUTING", "OUTPUT"),
              "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
              "filter": ("INPUT", "FORWARD", "OUTPUT")}[table]
    out = [f"*{table}"]
    out += [f":{c} {'DROP' if c == chain else 'ACCEPT'} [0:0]" for c in chains]
    out += [f"-A {chain} {line}" for line in before]
    out += [f"-A {chain} {iptables_match(r, text)} -j {'ACCEPT' if r.allow else 'DROP'}"
            for r in rules]
    return "\n".join(out + ["COMMIT", ""])


def ipset(rules, family):
    """Two sets, of what to allow and to deny; ipset_rules() asks both."""
    text = Text(family)
    inet = "inet" if family.version == 4 else "inet6"
    size = 1 << max(10, (len(rules) * WIDTH).bit_length())
    out = [f"create {name} hash:net,port,net family {inet} hashsize {size} "
           f"maxelem {max(65536, len(rules) * WIDTH * 2)}" for name in ("allowed", "denied")]
    for r in rules:
        out.append(f"add {'allowed' if r.allow else 'denied'} {text.range(r.source)},"
                   f"{r.protocol}:{ports(r.dport)},{text.range(r.target)}")
    return "\n".join(out) + "\n"


def ipset_rules(table="raw", chain="PREROUTING"):
    """The iptables rules beside ipset()."""
    return "\n".join([
        f"*{table}", f":{chain} DROP [0:0]", ":OUTPUT ACCEPT [0:0]",
        f"-A {chain} -m set --match-set denied src,dst,dst -j DROP",
        f"-A {chain} -m set --match-set allowed src,dst,dst -j ACCEPT", "COMMIT", ""])


# for the meter

def meter(family, proto=17, source=None, target=None, sport=SPORT, dport=DPORT, flows=FLOWS):
    """Keys of the meter for packets of this family."""
    return (f"family={family.version} proto={proto} "
            f"sbase={family.first if source is None else family.address(source)} "
            f"dbase={family.host if target is None else family.address(target)} "
            f"sport={sport} dport={dport} flows={flows}")


def probe_lines(asked, family):
    """Arguments of `ask` in rows/lib.sh: a probe's name and its packets."""
    return "\n".join(
        f"{p.name} " + meter(family, PROTOCOL[p.protocol], p.source, p.target,
                             p.sport, p.dport, 1) for p in asked) + "\n"


def probe_checks(asked):
    """What each subject must have said to the probes."""
    return {f"probe-{p.name}": {"acc": "pkts", "drop": 0} if p.allow else
            {"acc": 0, "drop": "pkts"} for p in asked}
