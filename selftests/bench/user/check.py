#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""check - what `sfwctl check` takes, by kind of rule set; `make bench-check`

usage: check.py --program FILE --sfwctl FILE [--quick] [--out FILE] [PART]

  --program FILE rulefile.c, compiled
  --sfwctl FILE  what is measured
  --quick        1,000 rules only
  --out FILE     results as JSON; default build/bench/check.json
  PART           only sets whose name begins so: acl/ipv4/users

A set is named after what gen.c makes (acl, firewall, chain), family, order
(specific: narrow rules first; users: as files grow) and what check is asked:

  stateful   a file for stateful mode
  stateless  one with return rules, of which a few are missing
  change     the stateful file, with --mode stateless: every reply is missing

The time is the lower one of two runs, of the whole command in CPU seconds, which
others on the machine do not change much: it has one thread and waits for
nothing. Beside it the peak of its memory, and how often it had to say "not
analysed". The exit status is 1 if a set of 1,000 rules took more than 0.2 s, one
of 10,000 more than 5 s, or either more than 1 GB. "change" does, with 10,000
rules of which the narrow ones stand first: thousands of rules lack all replies
then, each cut into thousands of pieces, and all of them are looked at.
"""
import argparse
import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))
KINDS = ("acl", "firewall", "chain")
FAMILIES = ("ipv4", "ipv6")
ORDERS = ("specific", "users")
QUESTIONS = ("stateful", "stateless", "change")
GOALS = {1000: 0.2, 10000: 5.0}         # seconds
MEMORY = 1024                           # MiB
RUNS = 2


def run(command, out):
    """Seconds of CPU time, MiB and exit status of a command."""
    with subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode


def measure(args, name, size, scratch):
    """One set: its result, or None if check failed."""
    kind, family, order, question = name.split("/")
    mode = "stateless" if question == "stateless" else "stateful"
    path = os.path.join(scratch, "rules")
    with open(path, "w", encoding="ascii") as out:
        subprocess.run([args.program, kind, family, order, mode, str(size)],
                       stdout=out, check=True)
    command = [args.sfwctl, "-j", "check", "--client-ports", "1024-65535"]
    if question == "change":
        command += ["--mode", "stateless"]
    command.append(path)

    best, peak = None, 0
    for _ in range(RUNS):
        said = os.path.join(scratch, "said")
        with open(said, "w", encoding="ascii") as out:
            seconds, mib, status = run(command, out)
        if status not in (0, 1):
            with open(said, encoding="utf-8") as text:
                print(f"FAILED: {name}/{size}: exit {status}: {text.read(300)}")
            return None
        best = seconds if best is None else min(best, seconds)
        peak = max(peak, mib)
    with open(said, encoding="utf-8") as text:
        codes = collections.Counter(f["code"] for f in json.load(text)["findings"])
    return {"set": name, "rules": size, "seconds": round(best, 3), "mib": round(peak),
            "findings": dict(codes), "not_analysed": codes["not-analysed"]}


def main():
    """The table, the file, the verdict."""
    p = argparse.ArgumentParser(add_help=False)
    p.add_argument("--program", required=True)
    p.add_argument("--sfwctl", required=True)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--out", default=os.path.join(TOP, "build/bench/check.json"))
    p.add_argument("part", nargs="?", default="")
    p.add_argument("-h", "--help", action="store_true")
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__.strip())
        return 0
    args = p.parse_args()

    sizes = [s for s in GOALS if s == min(GOALS) or not args.quick]
    names = ["/".join(n) for n in itertools.product(KINDS, FAMILIES, ORDERS, QUESTIONS)]
    names = [n for n in names if n.startswith(args.part)]
    if not names:
        print(f"check.py: no set is called '{args.part}...'", file=sys.stderr)
        return 2
    results, bad = [], 0
    print(f"{'set':<34}" + "".join(f"{s:>9} rules   not analysed" for s in sizes))
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            line = f"{name:<34}"
            for size in sizes:
                r = measure(args, name, size, scratch)
                if not r:
                    bad += 1
                    line += "  failed"
                    continue
                results.append(r)
                late = r["seconds"] > GOALS[size] or r["mib"] > MEMORY
                bad += late
                line += (f"{r['seconds']:>8.3f} s{r['mib']:>5} MiB{r['not_analysed']:>9}"
                         f"{' !' if late else '  '}  ")
            print(line.rstrip(), flush=True)
    os.makedirs(os.path.dirname(args.out), exist_ok=True)
    with open(args.out, "w", encoding="ascii") as out:
        json.dump({"goals": {str(s): GOALS[s] for s in sizes}, "results": results}, out, indent=1)
    if bad:
        print(f"{bad} beyond the goals: "
              + ", ".join(f"{s} rules in {GOALS[s]} s" for s in sizes) + f", {MEMORY} MiB")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
