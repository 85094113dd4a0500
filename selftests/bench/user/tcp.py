#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""tcp - TCP tracking timed in user space; `make bench-tcp`

usage: tcp.py --program FILE [--quick] [--out FILE] [--judge LOG]

  --program FILE tcp.c, compiled
  --quick        fewer connections and rounds: about two seconds
  --out FILE     results as JSON; default build/bench/tcp.json
  --judge LOG    run nothing: judge what the program has printed

The table shows, for each phase of tcp.c and number of connections, minimum and
median of the rounds: of a call that does nothing, of one that writes to the
connection, and of sfw. The difference is sfw's. JSON as of `make bench`, so
`make bench-compare` shows what a change did.

The exit status is 0 only if each segment of each round got the verdict that it
had to get, and each connection was in the state it had to be in.
"""
import argparse
import importlib.machinery
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
BENCH = os.path.dirname(HERE)
TOP = os.path.dirname(os.path.dirname(BENCH))
sys.dont_write_bytecode = True
sys.path.insert(0, BENCH)

import judge                            # pylint: disable=wrong-import-position
import plan
import report

ROW, TITLE = "tcp", "TCP tracking in user space"
FLOORS = ("none", "touch")
SIZES, QUICK_SIZES = (1, 1000, 100000, 1000000), (1, 1000, 100000)
VISITS, QUICK_VISITS = 200000, 100000
ROUNDS, QUICK_ROUNDS = 15, 3

PASSING = ("data-out", "sack-in", "ack-in", "data-in", "sack-out", "ack-out",
           "reset-out", "reset-in")
REFUSED = ("beyond-out", "beyond-in", "stale-out", "stale-in", "blind-out", "blind-in")
SEGMENTS = 6            # of open+close, for each connection


def cases(sizes, visits):
    """What has to be measured, and the verdicts it has to come with."""
    out = []
    for n in sizes:
        each = max(n, visits // n * n)
        for name in PASSING + REFUSED + ("open+close",):
            whole = name == "open+close"
            for subject in FLOORS + ("sfw",):
                no = name in REFUSED and subject == "sfw"
                expect = {"segments": each * (SEGMENTS if whole else 1), "wrong": 0,
                          "pass": 0 if no else "segments",
                          "refused": "segments" if no else 0, "reopen": 0}
                out.append(plan.Case(
                    f"{name}/{n}", subject, series=name, expect=expect,
                    unit="ns/connection" if whole else "ns/segment",
                    role="sfw" if subject == "sfw" else "floor"))
    return out


def measure(program, quick, rounds):
    """The lines of the program, and what went wrong with it, if anything."""
    argv = [program, str(rounds), str(QUICK_VISITS if quick else VISITS)]
    argv += [str(n) for n in (QUICK_SIZES if quick else SIZES)]
    lines = []
    try:
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL) as child:
            last = ""
            for line in child.stdout:
                lines.append(line)
                got = judge.words(line)
                now = f"{got.get('case', '?').rpartition('/')[2]} connections, " \
                      f"round {got.get('round', '?')} of {rounds}"
                if now != last and sys.stderr.isatty():
                    print(f"\r\033[K{now}", end="", file=sys.stderr, flush=True)
                last = now
    except OSError as e:
        return lines, f"{program}: {e.strerror}"
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return lines, f"the program ended with {child.returncode}" if child.returncode else None


def show(results):
    for _, unit, header, table in report.tables(results, ROW, True):
        print(f"({unit}: minimum / median, width of the middle half)")
        # All columns are figures here.
        print("\n".join(report.columns(header[:-1] + [header[-1] + " "], table)) + "\n")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--program")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", default=os.path.join(TOP, "build", "bench", "tcp.json"))
    parser.add_argument("--judge")
    args = parser.parse_args()
    args.rounds = QUICK_ROUNDS if args.quick else ROUNDS
    if args.judge:
        with open(args.judge, encoding="utf-8") as f:
            lines, ended = f.read().splitlines(), None
    elif args.program:
        lines, ended = measure(args.program, args.quick, args.rounds)
    else:
        parser.error("which program?")

    planned = cases(QUICK_SIZES if args.quick else SIZES,
                    QUICK_VISITS if args.quick else VISITS)
    rows = judge.judge({"row": ROW, "rounds": args.rounds, "cases": planned}, lines, ended)
    results = {"meta": {}, "titles": {ROW: TITLE}, "rows": rows}
    if not args.judge:
        bench = importlib.machinery.SourceFileLoader("bench", f"{BENCH}/run").load_module()
        results["meta"] = bench.meta(args, "true")
        os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
        with open(args.out, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)
            f.write("\n")
    show(results)
    bad = [r for r in rows if not r["ok"]]
    for r in bad:
        print(f"bench: FAILED: {r['case']} {r['subject']}: {r['why']}", file=sys.stderr)
    if not args.judge:
        print(f"results: {os.path.abspath(args.out)}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
