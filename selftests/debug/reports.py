# SPDX-License-Identifier: GPL-2.0
"""reports - what the detectors of a debug kernel have to say

find() cuts the reports out of a console's text, ours() leaves those that are
not the kernel's own noise. Noise is known by its exact title and a line that
has to be in it; whatever else is reported fails, whoever is to blame: a
corruption that sfw makes may be noticed anywhere.

KCSAN is the exception. It finds races all over the kernel, most of them
known upstream and meant to be; there a report is sfw's if a function of sfw is
in one of its stacks, above where an interrupt came: what was interrupted has
nothing to do with it.
"""
import re

STAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")

# How reports begin, behind the time stamp.
START = re.compile("|".join([
    r"(?:\w+: )?(?:BUG|INFO|WARNING)(?:: | \S+ \()",
    r"(?:\w+: )?(?:UBSAN|ODEBUG|refcount_t|ref_tracker): ",
    r"kmemleak: .*new suspected|kernel BUG at|Kernel panic|Oops|general protection",
    r"list_(?:add|del) corruption|DEBUG_LOCKS_WARN_ON|turning off the locking",
    r"unregister_netdevice: waiting|leaked .*reference",
    r"kmem_cache_destroy|Slab cache still has objects|Objects remaining",
    r"stack segment|Unable to handle|traps: ",
]))
LINE = re.compile(r"^=+$")
ACCESS = re.compile(r"(?:read|write|assert)\S* .*\bby (?:task|interrupt)|race at unknown")
INTERRUPT = re.compile(r" ?asm_(?:sysvec|common_interrupt|exc)_?\w*\+")
LONGEST = 160

# (title, what some line of the report must contain, reason)
NOISE = [
    (r"WARNING: suspicious RCU usage",
     r"net/netfilter/(nf_tables_api|nft_set_\w+)\.c:\d+ RCU-list traversed",
     "nft creates or fills a set: its lock is not told to RCU"),
    (r"BUG: KCSAN: data-race in (pcpu_alloc_noprof / pcpu_free_area|"
     r"pcpu_free_area\S* / pcpu_alloc_noprof)",
     r"(?m)^write to .* of 4 bytes .*\n pcpu_free_area\S*\n free_percpu\+",
     "pcpu_nr_empty_pop_pages is looked at without the lock under which it "
     "is counted, to see whether pages are to be made ready"),
]


class Found:
    """One report: its title and its lines, without time stamps."""

    def __init__(self, title):
        self.title, self.lines = title, []

    def text(self):
        return "\n".join(self.lines)


def find(console):
    """All reports in the lines of a console, in their order."""
    found, now, since = [], None, 0
    for number, raw in enumerate(console):
        line, stamped = STAMP.subn("", raw.rstrip())
        if not stamped:
            continue        # of user space
        if START.match(line):
            # What explains a warning stands just above it.
            if not now or number - since > 4:
                now = Found(line)
                found.append(now)
            since = number
        if now is None:
            continue
        if LINE.match(line) and "SAN: " in now.title:
            now = None
            continue
        now.lines.append(line)
        if line.startswith("---[ end trace") or len(now.lines) >= LONGEST:
            now = None
    return found


def races_in_sfw(report):
    """Is a function of sfw in what led to one of the accesses?"""
    below = False
    for line in report.lines:
        if ACCESS.match(line):
            below = False
        elif INTERRUPT.match(line):
            below = True
        elif not below and "[sfw]" in line:
            return True
    return False


def is_noise(report):
    for title, needs, _ in NOISE:
        if re.match(title, report.title) and re.search(needs, report.text()):
            return True
    return report.title.startswith("BUG: KCSAN:") and not races_in_sfw(report)


def ours(console):
    """The reports that are not noise, and how many are."""
    found = find(console)
    bad = [r for r in found if not is_noise(r)]
    return bad, len(found) - len(bad)


def leaks(text):
    """Objects of kmemleak's list, each as its text."""
    return [x.strip() for x in re.split(r"(?m)^(?=unreferenced object )", text)
            if x.startswith("unreferenced object ")]
