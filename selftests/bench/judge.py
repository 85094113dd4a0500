# SPDX-License-Identifier: GPL-2.0
"""judge - from the log of a job to lines of results

A figure counts only if everything around it is as planned: as many samples as
rounds, verdicts as expected in each, all checks seen and right, the job and
its guest ended well. If not, the line says why, and the run fails.
"""
import statistics

SHOWN = 3               # reasons per line; the log has the others


def words(text):
    """key=value words of a line; words without = are left out."""
    return dict(w.split("=", 1) for w in text.split() if "=" in w)


def number(text):
    """A number from text, None if it is none."""
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


class Log:
    """The lines of a log that mean something, by (case, subject)."""

    def __init__(self, lines):
        self.samples, self.checks, self.skips = {}, {}, {}
        self.strange = []
        for line in lines:
            kind, _, rest = line.strip().partition(" ")
            if kind not in ("sample", "check", "skip"):
                continue
            got = words(rest)
            key = got.pop("case", None), got.pop("subject", None)
            if None in key:
                self.strange.append(line.strip())
            elif kind == "sample":
                self.samples.setdefault(key, []).append(got)
            elif kind == "check":
                self.checks.setdefault(key, []).append(got)
            else:
                self.skips[key] = " ".join(
                    w for w in rest.split()
                    if not w.startswith(("case=", "subject="))) or "no reason"


def wrong(got, expect):
    """What in a line is not as expected: a list of sentences."""
    out = []
    for key, want in expect.items():
        what = want if isinstance(want, str) else ""
        if isinstance(want, str):
            want = number(got.get(want, ""))
        have = number(got.get(key, ""))
        if have is None or want is None:
            out.append(f"no {key if have is None else what} in the result")
        elif have != want:
            out.append(f"{key} is {have}, not {want}{what and f' ({what})'}")
    return out


def spread(samples):
    """Width of the middle half, as a share of the median."""
    if len(samples) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
    return (high - low) / middle if middle else 0.0


def judge_case(case, log, rounds, ended):
    """One line of the results."""
    key = case.case, case.subject
    line = {"case": case.case, "subject": case.subject, "x": case.x,
            "series": case.series, "unit": case.unit, "role": case.role}
    if key in log.skips and key not in log.samples and not ended:
        return line | {"samples": [], "ok": True, "skipped": log.skips[key]}

    why, figures, verdicts = [], [], {}
    for got in log.samples.get(key, []):
        where = f"round {got.get('round', '?')}: "
        value = number(got.get("value", got.get("cpu_ns", "")))
        if value is None or value < 0:
            why.append(f"{where}no figure")
            continue
        why += [where + w for w in wrong(got, case.expect)]
        figures.append(value)
        for name in case.expect:
            have = number(got.get(name, ""))
            if have is not None:
                verdicts[name] = verdicts.get(name, 0) + have
    want = rounds if case.rounds is None else case.rounds
    if len(figures) != want:
        why.append(f"{len(figures)} of {want} samples")
    for name, expect in case.checks.items():
        seen = [c for c in log.checks.get(key, []) if c.get("name") == name]
        if not seen:
            why.append(f"check {name} not seen")
        for got in seen:
            why += [f"check {name}: {w}" for w in wrong(got, expect)]
    if ended:
        why.append(ended)

    line |= {"samples": figures, "verdicts": verdicts, "ok": not why}
    if figures:
        line |= {"min": min(figures), "median": statistics.median(figures),
                 "spread": round(spread(figures), 4)}
    if why:
        more = len(why) - SHOWN
        line["why"] = "; ".join(why[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return line


def judge(plan, lines, ended=None):
    """Lines of results of one job.

    plan   what plan.load() gave
    lines  the job's log
    ended  None if job and guest ended well, else what happened
    """
    log = Log(lines)
    out = [{"row": plan["row"]} | judge_case(c, log, plan["rounds"], ended)
           for c in plan["cases"]]
    planned = {(c.case, c.subject) for c in plan["cases"]}
    seen = set(log.samples) | set(log.checks) | set(log.skips)
    for case, subject in sorted(seen - planned):
        out.append({"row": plan["row"], "case": case, "subject": subject, "x": None,
                    "series": case, "unit": "", "role": "floor", "samples": [],
                    "ok": False, "why": "measured, but not planned"})
    for line in log.strange:
        out.append({"row": plan["row"], "case": "?", "subject": "?", "x": None,
                    "series": "?", "unit": "", "role": "floor", "samples": [],
                    "ok": False, "why": f"neither case nor subject: {line[:80]}"})
    return out


def ratios(lines):
    """Put into each line of sfw its ratio to the best peer of its case."""
    best = {}
    for line in lines:
        if line["role"] == "peer" and line["ok"] and "median" in line:
            key = line["row"], line["case"]
            if key not in best or line["median"] < best[key]["median"]:
                best[key] = line
    for line in lines:
        peer = best.get((line["row"], line["case"]))
        if line["role"] == "sfw" and line["ok"] and peer and "median" in line \
                and peer["median"]:
            line["ratio"] = line["median"] / peer["median"]
            line["best_peer"] = peer["subject"]
    return lines
