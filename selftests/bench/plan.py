# SPDX-License-Identifier: GPL-2.0
"""plan - what a row of the benchmarks is made of: jobs and cases

A row is a file in rows/ with

  NUMBER, TITLE      what it is called on the command line and in the table
  jobs(quick, rounds)    the list of its jobs

A job is one boot of the user-mode kernel (or one script on this machine) that
measures its cases, round by round. A case is one line of the results: what is
measured, of whom, and what each sample must say beside its figure, for a
firewall that is fast because it does nothing must not look good.

What a job prints is read by judge.py. Lines that are not of these forms are
kept in the log and mean nothing:

  sample case=C subject=S round=N [value=V] key=value...
                 one measurement; without a value, cpu_ns is the figure
  check case=C subject=S name=NAME key=value...
                 something seen that the plan expects under that name
  skip case=C subject=S reason...
                 cannot be measured here, or the subject cannot do it
  note text      progress, for people
"""
import json
from dataclasses import asdict, dataclass, field
from typing import Optional

FLOORS = ("none", "empty", "sfw-staged")


@dataclass
class Case:
    """One line of the results.

    case     names it within its row: "mix/ipv4/1000"
    subject  whose figure it is: "sfw", "nft", ...
    x        the number it is plotted over, None if there is none
    series   the cases that differ by x alone share it: "mix/ipv4"
    expect   {key: value} that each sample must show; value is a number, or
             the name of another key of the same sample
    checks   {name: expectations} of check lines that must be there
    rounds   samples that must be there; None: as many as the run's rounds
    role     "sfw", "peer" (sfw is compared with the best of them) or
             "floor" (what no firewall costs, or a part of something)
    """
    case: str
    subject: str
    x: Optional[float] = None
    unit: str = "ns/packet"
    series: str = ""
    rounds: Optional[int] = None
    expect: dict = field(default_factory=dict)
    checks: dict = field(default_factory=dict)
    role: str = ""

    def __post_init__(self):
        for word in (self.case, self.subject):
            if not word or len(word.split()) != 1:
                raise ValueError(f"a case or subject is one word: {word!r}")
        if not self.role:
            self.role = ("sfw" if self.subject == "sfw" else
                         "floor" if self.subject in FLOORS else "peer")
        if not self.series:
            self.series = self.case


@dataclass
class Job:
    """One boot.

    name     unique in its row; names the job's directory
    script   bash; rows/lib.sh and uml/lib.sh are read before it
    files    {name: text} that are put beside it
    memory   of the user-mode kernel
    seconds  about how long it takes, for the progress line
    where    "uml", or "host": on this machine, without a guest
    """
    name: str
    script: str
    cases: list
    memory: str = "2G"
    seconds: float = 30
    files: dict = field(default_factory=dict)
    where: str = "uml"

    def samples(self, rounds):
        return sum(rounds if c.rounds is None else c.rounds for c in self.cases)


def save(path, row, title, job, rounds):
    """Write what a job's log is judged by."""
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"row": row, "title": title, "job": job.name, "rounds": rounds,
                   "cases": [asdict(c) for c in job.cases]}, f, indent=1)


def load(path):
    """The plan that save() wrote, with cases as objects."""
    with open(path, encoding="utf-8") as f:
        plan = json.load(f)
    plan["cases"] = [Case(**c) for c in plan["cases"]]
    return plan


def settle(job):
    """What was left for later: files and checks may be functions, since the
    largest rule sets take seconds to make."""
    job.files = {name: text() if callable(text) else text
                 for name, text in job.files.items()}
    for case in job.cases:
        if callable(case.checks):
            case.checks = case.checks()
