# SPDX-License-Identifier: GPL-2.0
"""report - results.json as tables, for the terminal and for RESULTS.md

Cases of a series stand in one table: a line for each, a column for each
subject, and how sfw compares with the best peer. In the terminal a cell is
the median and the width of the middle half; RESULTS.md shows the minimum too.
"""
import json
import os
import sys

import judge

ROUNDS = 7              # of a full run that is not told otherwise

EXPLAINED = {
    "none": "no hook at all",
    "empty": "a hook that accepts and does nothing else",
    "nft": "nftables, rules in a list",
    "pipapo": "nftables, one verdict map over address, address, protocol and port",
    "iptables": "iptables-legacy, rules in a list",
    "ipset": "iptables-legacy with two ipsets of type hash:net,port,net",
    "nf_conntrack+nft": "nftables with nf_conntrack",
    "nf_conntrack+pipapo": "nf_conntrack, and an nftables verdict map for new connections",
    "nf_conntrack+iptables": "iptables-legacy with nf_conntrack",
    "nf_conntrack": "the connection table of nftables and iptables",
    "sfw-staged": "sfw with the same rules staged beside those that run",
}


COMPARED = "sfw takes"

# What a reader of a row's figures has to know beside them.
CAVEATS = {
    6: "What a full table costs beside one with room is counted in instructions, without "
       "noise, by `make bench-instructions`: 1.4 to 1.5 times as many for a packet of the "
       "flood, which now has to find a place, and not one more for an established packet; "
       "beyond 1.5 times that run fails.",
    9: "What a listener costs is less here than what two rounds of the same subject "
       "differ by: a row that says 1.4x says nothing about the listener. Its cost is counted "
       "in instructions, without noise, by `make bench-instructions`: between 1.4 and 4.0 % "
       "of all that the machine does, sfwctl included; beyond 5 % that run fails.",
}


def ordered(items):
    """Without repetitions, in the order of their first appearance."""
    return list(dict.fromkeys(items))


def figure(value):
    """Three digits that mean something, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percent(share):
    half = share * 50
    return f"±{half:.1f}%" if half < 0.95 else f"±{half:.0f}%"


def compared(line):
    """How sfw does beside the best peer, in words."""
    if not line or "ratio" not in line:
        return ""
    r = line["ratio"]
    if r <= 0:
        return ""
    if 0.95 <= r <= 1.05:
        return f"as much as {line['best_peer']}"
    times = f"{1 / r:,.1f}x less" if r < 1 else f"{r:,.1f}x more"
    return f"{times} than {line['best_peer']}"


def cell(line, minimum):
    """One figure, or why there is none."""
    if line is None:
        return ""
    if not line["ok"]:
        return "FAILED"
    if line.get("skipped"):
        return "-"
    out = figure(line["median"])
    if minimum:
        out = f"{figure(line['min'])} / {out}"
    return out + (f" {percent(line['spread'])}" if len(line["samples"]) > 1 else "")


def tables(results, row, minimum):
    """(heading, unit, header, lines) of each table of a row."""
    mine = [x for x in results["rows"] if x["row"] == row]
    for unit in ordered(x["unit"] for x in mine):
        in_unit = [x for x in mine if x["unit"] == unit]
        # Cases without x stand together, each under its own name.
        groups = ordered(x["series"] if x["x"] is not None else "" for x in in_unit)
        for group in groups:
            lines = [x for x in in_unit
                     if (x["series"] if x["x"] is not None else "") == group]
            subjects = ordered(x["subject"] for x in sorted(
                lines, key=lambda x: {"floor": 0, "peer": 1, "sfw": 2}[x["role"]]))
            table = []
            for case in ordered(x["case"] for x in lines):
                of = {x["subject"]: x for x in lines if x["case"] == case}
                x = next(iter(of.values()))["x"]
                name = case if x is None else f"{x:,.0f}".replace(",", " ")
                table.append([name] + [cell(of.get(s), minimum) for s in subjects] +
                             [compared(next((v for v in of.values()
                                             if v["role"] == "sfw"), None))])
            header = [group or "case"] + subjects + [COMPARED]
            if not any(line[-1] for line in table):
                header, table = header[:-1], [line[:-1] for line in table]
            yield group, unit, header, table


def columns(header, table):
    """Text in columns, figures to the right."""
    width = [max(len(line[i]) for line in [header] + table) for i in range(len(header))]
    last = len(header) - 1 if header[-1] == COMPARED else None
    out = []
    for line in [header] + table:
        out.append("  ".join(
            text.ljust(w) if i in (0, last) else text.rjust(w)
            for i, (text, w) in enumerate(zip(line, width))).rstrip())
    return out


def numbers(results):
    return sorted({x["row"] for x in results["rows"]})


def title(results, row):
    return f"{row}. {results['titles'].get(str(row), '')}"


def remarks(results, row):
    """What was skipped or failed, and why."""
    out = []
    for x in results["rows"]:
        if x["row"] == row and (x.get("skipped") or not x["ok"]):
            word = "" if x["ok"] else "FAILED: "
            out.append(f"{x['case']} {x['subject']}: {word}{x.get('skipped') or x['why']}")
    return ordered(out)


def terminal(results, out=sys.stdout):
    """All tables, as text."""
    for row in numbers(results):
        print(f"\n{title(results, row)}", file=out)
        for _, unit, header, table in tables(results, row, False):
            print(f"  ({unit}: median, width of the middle half)", file=out)
            for line in columns(header, table):
                print(f"  {line}", file=out)
        for line in remarks(results, row):
            print(f"  - {line}", file=out)


def plots(results, folder):
    """The SVG plots of all rows that have one; their names by row."""
    try:
        import plot                     # pylint: disable=import-outside-toplevel
    except ImportError:
        print("bench: no plots without matplotlib: apt-get install python3-matplotlib",
              file=sys.stderr)
        return {}
    return plot.all_rows(results, folder)


def command(m):
    """What was typed for the figures."""
    rounds = "" if m["rounds"] == ROUNDS else f" ROUNDS={m['rounds']}"
    if len(m["parts"]) == 1:
        return f"`make bench{rounds}`"
    return " and ".join(f'`make bench ROWS="{" ".join(map(str, part))}"{rounds}`'
                        for part in m["parts"]) + ", side by side"


def markdown(results, pictures):
    """The text of RESULTS.md."""
    m = results["meta"]
    machine = m["machine"]
    versions = ", ".join(f"{k} {v}" for k, v in m["versions"].items())
    out = ["<!-- Written by `selftests/bench/run --publish` from results.json; not by hand. -->",
           "# Results of the benchmarks", "",
           "| | |", "|---|---|",
           f"| date | {m['date']} |",
           f"| machine | {machine['cpu']}, {machine['cores']} cores, "
           f"{machine['memory_gb']} GB |",
           f"| kernel measured | {m['guest_kernel']}, user mode |",
           f"| kernel of the machine | {m['host_kernel']} |",
           f"| versions | {versions} |",
           f"| commit | {m['commit']} |",
           f"| rounds | {m['rounds']} |",
           f"| command | {command(m)} |", "",
           "A cell is the minimum / the median of the rounds, and ± half the width of the "
           "middle half of them, as a share of the median. Costs of packets are CPU time of "
           "the thread that runs the hooks; all subjects were measured in turn, on the same "
           "packets, and each sample's verdicts were checked. The last column is sfw's median "
           "beside that of the best peer. The kernel has one CPU: contention between CPUs is "
           "not in these figures. iptables is iptables-legacy.", ""]
    seen = ordered(x["subject"] for x in results["rows"])
    out += [f"- `{s}`: {EXPLAINED[s]}" for s in seen if s in EXPLAINED]
    for row in numbers(results):
        out += ["", f"## {title(results, row)}", ""]
        for picture in pictures.get(row, []):
            out += [f"![{title(results, row)}](plots/{picture})", ""]
        unit_now = None
        for _, unit, header, table in tables(results, row, True):
            if unit != unit_now:
                out += [f"In {unit}:", ""]
                unit_now = unit
            out.append(f"| {' | '.join(header)} |")
            out.append(f"|---|{'---:|' * (len(header) - 1)}")
            out += [f"| {' | '.join(line)} |" for line in table]
            out.append("")
        for line in remarks(results, row):
            out.append(f"- {line}")
        if row in CAVEATS:
            out += [CAVEATS[row], ""]
        if out[-1] == "":
            out.pop()
    return "\n".join(out) + "\n"


def together(paths):
    """The results of several runs as one; ValueError if they are not of one
    commit and machine, or measured the same rows."""
    results = None
    for path in paths:
        with open(path, encoding="utf-8") as f:
            one = json.load(f)
        one["meta"]["parts"] = [numbers(one)]
        if not results:
            results = one
            continue
        for key in ("commit", "machine", "host_kernel", "guest_kernel", "versions", "rounds",
                    "quick"):
            if one["meta"][key] != results["meta"][key]:
                raise ValueError(f"of another {key} than {paths[0]}: {path}")
        if both := set(numbers(one)) & set(numbers(results)):
            raise ValueError(f"row {min(both)} is in {paths[0]} already: {path}")
        results["rows"] += one["rows"]
        results["titles"] |= one["titles"]
        results["meta"]["parts"] += one["meta"]["parts"]
    judge.ratios(results["rows"])
    return results


def publish(paths, folder):
    """RESULTS.md and its plots from results.json. Exit status."""
    try:
        results = together(paths)
    except (OSError, ValueError) as e:
        print(f"bench: {e}: run `make bench` first", file=sys.stderr)
        return 1
    bad = [x for x in results["rows"] if not x["ok"]]
    if results["meta"]["quick"] or bad:
        why = f"{len(bad)} figures failed" if bad else "it was a quick run"
        print(f"bench: {paths[0]} is not for publication: {why}", file=sys.stderr)
        return 1
    pictures = plots(results, os.path.join(folder, "plots"))
    if not pictures:
        return 1
    with open(os.path.join(folder, "RESULTS.md"), "w", encoding="utf-8") as f:
        f.write(markdown(results, pictures))
    return 0
