#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""prometheus.py [FILE] - is this Prometheus' text format, and good style?

What "promtool check metrics" looks at, and the names of sfw: prints what is
wrong, a line each; exit status 1 if anything is.
"""
import re
import sys

NAMES = {
    "sfw_info": "gauge",
    "sfw_ruleset_generation": "gauge",
    "sfw_confirm_pending": "gauge",
    "sfw_packets_allowed_total": "counter",
    "sfw_drops_total": "counter",
    "sfw_rule_packets_total": "counter",
    "sfw_rule_bytes_total": "counter",
    "sfw_rule_connections": "gauge",
    "sfw_rule_info": "gauge",
    "sfw_conntrack_entries": "gauge",
    "sfw_conntrack_entries_limit": "gauge",
    "sfw_conntrack_created_total": "counter",
    "sfw_conntrack_evicted_total": "counter",
    "sfw_conntrack_refused_total": "counter",
    "sfw_conntrack_expired_total": "counter",
    "sfw_events_lost_total": "counter",
}
LABELS = {
    "sfw_info": {"version", "mode", "audit"},
    "sfw_drops_total": {"direction", "reason"},
    "sfw_rule_packets_total": {"direction", "rule", "action"},
    "sfw_rule_bytes_total": {"direction", "rule", "action"},
    "sfw_rule_connections": {"direction", "rule", "action"},
    "sfw_rule_info": {"direction", "rule", "comment"},
}
SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? ([0-9]+)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


def read_labels(text):
    """The labels of a sample as a dictionary, None if they are none."""
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match or match[1] in labels:
            return None
        labels[match[1]] = match[2]
        at = match.end()
    return None if text.endswith(",") else labels


def main():
    """Check, and print what is wrong."""
    wrong, types, helps, seen, current = [], {}, set(), set(), None
    text = open(sys.argv[1], encoding="utf-8").read()
    if not text.endswith("\n"):
        wrong.append("no newline at the end")
    for line in text.splitlines():
        words = line.split(" ", 3)
        if line.startswith("# HELP "):
            current = words[2]
            if current in helps or len(words) < 4 or not words[3]:
                wrong.append(f"HELP twice, or empty: {line}")
            helps.add(current)
            continue
        if line.startswith("# TYPE "):
            if words[2] != current or current in types:
                wrong.append(f"TYPE not behind its HELP, or twice: {line}")
            types[words[2]] = words[3]
            continue
        match = SAMPLE.match(line)
        labels = read_labels(match[2] or "") if match else None
        if labels is None:
            wrong.append(f"not a sample: {line}")
            continue
        name = match[1]
        if name != current or name not in types:
            wrong.append(f"not among its family: {line}")
        if set(labels) != LABELS.get(name, set()):
            wrong.append(f"labels {sorted(labels)}: {line}")
        key = (name, tuple(sorted(labels.items())))
        if key in seen:
            wrong.append(f"twice: {line}")
        seen.add(key)
    for name, kind in types.items():
        if name.endswith("_total") != (kind == "counter"):
            wrong.append(f"{name} is a {kind}")
    if types != NAMES:
        wrong.append(f"families {sorted(set(types.items()) ^ set(NAMES.items()))}")
    print("\n".join(wrong), end="")
    sys.exit(bool(wrong))


main()
