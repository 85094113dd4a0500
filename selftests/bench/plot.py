# SPDX-License-Identifier: GPL-2.0
"""plot - cost over size, all subjects in one picture, as SVG

One picture per row that has sizes, one panel per kind of work in it. Colour is
the subject, dashes are IPv6; sfw's line is the thick one. Both axes are
logarithmic.

The same results give the same bytes. Pictures are read on light and on dark
pages, so a picture brings its own background, and both that and its text
follow the reader's preference. Text stays text.
"""
import os
import re

import matplotlib

matplotlib.use("svg")
# pylint: disable=wrong-import-position
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

X_NAMES = {2: "rules", 3: "connections in the table", 4: "connections in the table",
           7: "rules in the set"}
FIXED = {"sfw": "#d9480f", "nft": "#1c7ed6", "pipapo": "#7048e8", "iptables": "#2f9e44",
         "ipset": "#c2255c", "nf_conntrack+nft": "#1c7ed6",
         "nf_conntrack+pipapo": "#7048e8", "nf_conntrack+iptables": "#2f9e44",
         "nf_conntrack": "#1c7ed6"}
OTHERS = ["#0c8599", "#e8a200", "#868e96", "#a61e4d", "#5c940d"]
MARKS = {"sfw": "o"}

# Stand-ins that no line uses, replaced when the picture is written.
INK, PAPER, GRID = "#010203", "#fdfcfb", "#040506"
LIGHT = {"ink": "#24292f", "paper": "#ffffff", "grid": "#d8dee4"}
DARK = {"ink": "#d1d7e0", "paper": "#0d1117", "grid": "#30363d"}
FONT = '-apple-system, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif'

plt.rcParams.update({
    "svg.hashsalt": "sfw", "svg.fonttype": "none", "font.size": 10,
    "font.family": "DejaVu Sans", "figure.facecolor": PAPER, "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER, "text.color": INK, "axes.labelcolor": INK,
    "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "grid.color": GRID, "axes.titlesize": 11,
    "axes.spines.top": False, "axes.spines.right": False,
})


def short(value, _=None):
    """1000 as 1k, 0.1 as 0.1."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def panel_of(series):
    """(panel, family) of a series: "mix/ipv6" is panel mix, dashed."""
    words = series.split("/")
    family = words[-1] if words[-1] in ("ipv4", "ipv6") else ""
    return "/".join(words[:-1] if family else words), family


def colours(subjects):
    rest = iter(OTHERS * 3)
    return {s: FIXED.get(s) or next(rest) for s in subjects}


def draw(axes, lines, colour, zero):
    """All lines of one panel. zero: where an empty table stands, which has no
    place on a logarithmic axis."""
    keys = dict.fromkeys((x["subject"], panel_of(x["series"])[1]) for x in lines)
    for subject, family in keys:
        points = sorted((x["x"], x["median"]) for x in lines
                        if x["subject"] == subject and panel_of(x["series"])[1] == family)
        mine = subject == "sfw"
        axes.plot([p[0] or zero for p in points], [p[1] for p in points],
                  color=colour[subject], linestyle="--" if family == "ipv6" else "-",
                  linewidth=2.6 if mine else 1.5, marker="o",
                  markersize=5 if mine else 3.5, zorder=3 if mine else 2)


def picture(title, unit, x_name, lines, path):
    """One file with all panels of a unit."""
    panels = list(dict.fromkeys(panel_of(x["series"])[0] for x in lines))
    subjects = list(dict.fromkeys(x["subject"] for x in sorted(
        lines, key=lambda x: x["role"] != "sfw")))
    families = {panel_of(x["series"])[1] for x in lines}
    colour = colours(subjects)
    figures = [x["median"] for x in lines]
    low, high = min(figures) * 0.8, max(figures) * 1.25
    steps = (1, 2, 5) if high / low < 300 else (1,)
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    fig, axes = plt.subplots(down, across, figsize=(5 * across, 3.4 * down + 0.9),
                             squeeze=False, sharey=True)
    for ax in axes.flat[len(panels):]:
        ax.set_visible(False)
    for i, (ax, panel) in enumerate(zip(axes.flat, panels)):
        mine = [x for x in lines if panel_of(x["series"])[0] == panel]
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(low, high)
        ticks = sorted({x["x"] for x in mine})
        zero = min([t for t in ticks if t] or [1]) / 10
        draw(ax, mine, colour, zero)
        ax.set_title(panel.split("-over-")[0])
        ax.grid(True, linewidth=0.6)
        ax.set_axisbelow(True)
        ax.xaxis.set_major_locator(LogLocator(numticks=10))
        ax.set_xticks([t or zero for t in ticks], [short(t) for t in ticks])
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_major_locator(LogLocator(subs=steps, numticks=12))
        ax.yaxis.set_major_formatter(FuncFormatter(short))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.minorticks_off()
        ax.tick_params(labelleft=True)
        ax.set_xlabel(x_name)
        if i % across == 0:
            ax.set_ylabel(unit)
    handles = [Line2D([], [], color=colour[s], linewidth=2.6 if s == "sfw" else 1.5,
                      label=s) for s in subjects]
    if len(families) > 1:
        handles += [Line2D([], [], color=INK, linestyle=style, label=name)
                    for name, style in (("IPv4", "-"), ("IPv6", "--"))]
    fig.suptitle(title, fontsize=13)
    deep = -(-len(handles) // (6 if across > 1 else 3))
    fig.legend(handles=handles, loc="lower center", ncol=-(-len(handles) // deep),
               frameon=False, fontsize=9)
    height = 3.4 * down + 0.9
    fig.tight_layout(rect=(0, (0.25 * deep + 0.05) / height, 1, 1))
    write(fig, path)
    plt.close(fig)


def style():
    """Classes for what follows the reader's preference: no variables, which
    not every program that shows pictures knows."""
    def classes(colour):
        return " ".join(f".{use}-{name} {{ {use}: {value} }}"
                        for name, value in colour.items() for use in ("fill", "stroke"))

    return (f"<style>\n {classes(LIGHT)}\n text {{ font-family: {FONT} }}\n"
            f" @media (prefers-color-scheme: dark) {{ {classes(DARK)} }}\n</style>")


def classed(tag):
    """A tag in whose style classes stand for the stand-ins."""
    names = []
    for name, stand_in in (("ink", INK), ("paper", PAPER), ("grid", GRID)):
        for use in ("fill", "stroke"):
            tag, n = re.subn(rf"{use}: {stand_in};? ?", "", tag)
            names += [f"{use}-{name}"] * bool(n)
    return re.sub(r"^<(\w+)", rf'<\1 class="{" ".join(names)}"', tag) if names else tag


def write(fig, path):
    """Save without a date, in colours that follow the reader's."""
    fig.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    with open(path, encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"<\w[^>]*>", lambda m: classed(m[0]), text)
    text = re.sub(r"(<svg[^>]*>)", lambda m: f"{m[1]}\n{style()}", text, count=1)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def all_rows(results, folder):
    """Draw every row that has cases with an x. {row: [file, ...]}"""
    os.makedirs(folder, exist_ok=True)
    made = {}
    for row in sorted({x["row"] for x in results["rows"]}):
        lines = [x for x in results["rows"] if x["row"] == row and x["ok"] and
                 x["x"] is not None and x.get("median", 0) > 0]
        title = results["titles"].get(str(row), f"row {row}")
        for part, (name, group) in enumerate(parts(row, lines)):
            # A panel with one size shows nothing that the table does not.
            sizes = {}
            for x in group:
                sizes.setdefault(panel_of(x["series"])[0], set()).add(x["x"])
            group = [x for x in group if len(sizes[panel_of(x["series"])[0]]) > 1]
            if not group:
                continue
            file = f"row{row}{'-' + str(part + 1) if part else ''}.svg"
            picture(title if not part else f"{title}: {name}", group[0]["unit"],
                    name or X_NAMES.get(row, "size"), group, os.path.join(folder, file))
            made.setdefault(row, []).append(file)
    return made


def parts(row, lines):
    """Cases of one row over different things: one picture for each."""
    groups = {}
    for x in lines:
        # "udp over rules/ipv4": the panel's name says what x is.
        panel = panel_of(x["series"])[0]
        over = panel.split("-over-")[1].replace("-", " ") if "-over-" in panel else ""
        groups.setdefault((over, x["unit"]), []).append(x)
    for (over, _), group in groups.items():
        yield over or X_NAMES.get(row, "size"), group
