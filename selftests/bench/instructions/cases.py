# SPDX-License-Identifier: GPL-2.0
"""cases - what is counted: rows 1 to 4, 6 and 9 of `make bench`, at one size each

The rule sets are those of the rows, so are the packets; guest.sh has the
functions that are called here.
"""
from functools import lru_cache

import established
import ordered
import rules
from plan import Case, Job

FIGURE = "p50_cycles"   # of the meter's result: the median batch
UNIT = "instructions"
TITLES = {"1": "no hook, an empty hook",
          "2": "1,000 ordered rules, the last one matches, stateless",
          "3": "a packet of one of 1,000 established connections",
          "4": "the first packet of a connection, 14,000 are there",
          "6": "a packet during a flood, 14,000 connections are there, with and without room",
          "9": "a packet, with all that the machine does meanwhile, while somebody listens"}

RULES = 1000
FLOWS = 1000
# Opened before the new ones that are counted. sfw's table has grown just then,
# and does not again within PACKETS: that would be what is seen.
CROWD = 13000
LISTED = ("sfw", "nft", "iptables", "pipapo")
TRACKED = ("sfw", "sfw-staged", "nf_conntrack+nft", "nf_conntrack+iptables")
STAGED_TIMES = 2        # that a packet may cost with the same set staged beside the running one
PROTOCOLS = {"tcp": 6, "udp": 17}

# Multiples of a batch. A list takes 100 times as long as all else.
PACKETS = 6400
LISTED_PACKETS = 640

# What a flood at a full table may add to a packet, beside one with room for it
FULL_PERCENT = 50

# While somebody listens: half a second and more, at a thousand million
# instructions a second, so that some hundred events come through.
WATCHED_PACKETS = {"drop": 1280000, "flow": 640000, "new": 179200}
DENIED = 9
MOST_PERCENT = 5        # that a listener may cost

EVERY = {"acc": "pkts", "drop": 0}
SFW_EVERY = EVERY | {"sfw_packets": "pkts", "sfw_allowed": "pkts", "sfw_dropped": 0}


def keys(family, packets, **kw):
    """Keys of the meter but flows=."""
    return rules.meter(rules.FAMILIES[family], **kw).rsplit(" ", 1)[0] + f" pkts={packets}"


def floors(family, found):
    found[1] += [Case(family, s, unit=UNIT, expect=EVERY) for s in ("none", "empty")]
    return f"floors {family} '{keys(family, PACKETS)} flows={FLOWS}'\n"


def listed(family, found, files):
    case, base = f"mix/{family}/{RULES}", f"mix-{family}"
    texts = ordered.texts("mix", RULES, family)
    files |= {f"{base}.{s}": texts[s] for s in LISTED}
    asked = ordered.probes("mix", RULES, family)
    files[f"{base}.probes"] = rules.probe_lines(asked, rules.FAMILIES[family])
    found[2] += [Case(case, s, unit=UNIT, expect=SFW_EVERY if s == "sfw" else EVERY,
                      checks=rules.probe_checks(asked)) for s in LISTED]
    return (f"listed {case} {family} {base} "
            f"'{keys(family, LISTED_PACKETS)} flows={rules.FLOWS}' {' '.join(LISTED)}\n")


def tracked(protocol, family, found):
    for s in TRACKED:
        sfw = s.startswith("sfw")
        beside = {"staged": {f"within_{STAGED_TIMES}_times": 1}} if s == "sfw-staged" else {}
        found[3].append(Case(
            f"{protocol}/{family}/{FLOWS}", s, unit=UNIT,
            expect=SFW_EVERY | {"sfw_created": 0, "sfw_entries": FLOWS} if sfw
            else EVERY | {"est": "pkts"}, checks={"setup": {"ok": FLOWS}} | beside))
        found[4].append(Case(
            f"new-{protocol}/{family}", s, unit=UNIT,
            expect=SFW_EVERY | {"sfw_created": "pkts"} if sfw
            else EVERY | {"new": "pkts"}, checks=beside))
    return (f"tracked {protocol} {family} {FLOWS} {STAGED_TIMES} "
            f"'{keys(family, PACKETS, proto=PROTOCOLS[protocol])}' {' '.join(TRACKED)}\n")


def flooded(protocol, family, found):
    """Strangers come, and packets of those who are known among them."""
    places = FLOWS + CROWD
    case = f"{protocol}/{family}"
    known = {"acc": "pkts", "drop": 0, "sfw_created": "pkts", "sfw_refused": 0,
             "known_acc": "known_pkts", "known_drop": 0}
    within = {"flood": {f"within_{FULL_PERCENT}_percent": 1}}
    for what in ("newcomer", "established"):
        found[6] += [
            Case(f"{case}/{what}", "sfw", unit=UNIT, expect=known | {"sfw_evicted": 0}),
            Case(f"{case}/{what}", "sfw-full", unit=UNIT, role="peer", checks=within,
                 expect=known | {"sfw_evicted": "pkts", "sfw_entries": places}),
        ]
    return (f"flooded {case} {family} {FULL_PERCENT} "
            f"'{keys(family, PACKETS, proto=PROTOCOLS[protocol])} flows={FLOWS}'\n")


WATCHED_RULES = f"""sfw 1
option max-connections 4000000
default in deny
default out allow
in 1 deny udp to port {DENIED}
in 2 allow udp from 198.18.0.0/15
in 3 allow udp from 2001:db8:12::/64
"""
WATCHED = {
    # every packet is dropped by the first rule
    "drop": ("op=run hooks=pre", {"acc": 0, "drop": "pkts", "sfw_dropped": "pkts"}),
    # a packet of an established connection for each that is dropped
    "flow": ("op=flood mix=64", {"acc": 0, "drop": "pkts", "sfw_dropped": "pkts",
                                 "known_acc": "pkts", "known_drop": 0, "sfw_created": 0}),
    # every packet makes a connection
    "new": ("op=new", {"acc": "pkts", "drop": 0, "sfw_created": "pkts"}),
}


def watched(family, found, files):
    files["watched.sfw"] = WATCHED_RULES
    script = ""
    for kind, (how, expect) in WATCHED.items():
        case = f"{kind}/{family}"
        found[9] += [
            Case(case, "sfw", unit=UNIT, expect=expect),
            Case(case, "sfw-watched", unit=UNIT, expect=expect, role="peer",
                 checks={"listener": {"heard": 1, "lost": 1, f"within_{MOST_PERCENT}_percent": 1}}),
        ]
        port = {"dport": DENIED} if kind == "drop" else {}
        script += (f"watched {case} {family} {MOST_PERCENT} '{how}' '{keys(family, 64, **port)} "
                   f"flows={FLOWS}' {WATCHED_PACKETS[kind]}\n")
    return script


@lru_cache(maxsize=1)
def made():
    """{row: cases}, files and script."""
    found = {row: [] for row in (1, 2, 3, 4, 6, 9)}
    files = established.texts()
    files |= {f"{family}.sfw-staged": files[f"{family}.sfw"] for family in rules.FAMILIES}
    files |= {f"{family}.sfw-full": files[f"{family}.sfw"].replace(
        "max-connections 16000000", f"max-connections {FLOWS + CROWD}")
              for family in rules.FAMILIES}
    script = "space none && space empty && meter empty op=hook on=1 || exit\n"
    for family in rules.FAMILIES:
        script += floors(family, found)
    script += "meter empty op=hook on=0\n"
    for family in rules.FAMILIES:
        script += listed(family, found, files)
    for protocol in PROTOCOLS:
        for family in rules.FAMILIES:
            script += tracked(protocol, family, found)
            script += flooded(protocol, family, found)
    for family in rules.FAMILIES:
        script += watched(family, found, files)
    return found, files, script


def job():
    """All of them, for one boot."""
    found, files, script = made()
    return Job("instructions", script, sum(found.values(), []), files=dict(files))


def numbered(lines):
    """Lines of results, with the number of the row that each belongs to."""
    row_of = {(c.case, c.subject): row for row, of in made()[0].items() for c in of}
    for line in lines:
        line["row"] = row_of.get((line["case"], line["subject"]), line["row"])
    return sorted(lines, key=lambda line: line["row"])
