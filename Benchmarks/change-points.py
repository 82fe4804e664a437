"""Cover and F1 of change points on annotated series; see the script beside this file."""

import json
import math
import pathlib
import subprocess
import sys

import numpy
import ruptures

MARGIN = 5


def series(path):
    """The first dimension; what is missing lies on the line between its neighbours."""
    raw = json.loads(path.read_text())["series"][0]["raw"]
    values = numpy.array([math.nan if value is None else float(value) for value in raw])
    places = numpy.arange(len(values))
    known = ~numpy.isnan(values)
    return numpy.interp(places, places[known], values[known])


def hits(true, found):
    """True change points that have a found one within the margin, each found one used once."""
    left = set(found)
    matched = set()
    for point in sorted(true):
        near = [(abs(point - other), other) for other in left if abs(point - other) <= MARGIN]
        if near:
            matched.add(point)
            left.remove(min(near)[1])
    return matched


def f1(annotators, found):
    """Precision against the annotations of all, recall as the mean over annotators; 0 is a change point of everybody."""
    truths = [set(points) | {0} for points in annotators.values()]
    found = set(found) | {0}
    precision = len(hits(set().union(*truths), found)) / len(found)
    recall = numpy.mean([len(hits(truth, found)) / len(truth) for truth in truths])
    return 2 * precision * recall / (precision + recall)


def segments(count, points):
    edges = [0] + sorted(point for point in set(points) if 0 < point < count) + [count]
    return list(zip(edges, edges[1:]))


def cover(annotators, found, count):
    """Each true segment's best Jaccard index, weighed by its length, as the mean over annotators."""
    parts = segments(count, found)
    shares = []
    for points in annotators.values():
        total = 0
        for start, end in segments(count, points):
            overlaps = [(max(0, min(end, b) - max(start, a)), a, b) for a, b in parts]
            total += (end - start) * max(
                both / ((end - start) + (b - a) - both) for both, a, b in overlaps
            )
        shares.append(total / count)
    return numpy.mean(shares)


def searched(kind, jump, factor):
    """ruptures at its defaults (cost l2), a series of unit variance, a penalty of factor × ln n."""

    def find(values):
        scaled = (values - values.mean()) / (values.std() or 1)
        search = kind(jump=jump).fit(scaled)
        return search.predict(pen=factor * math.log(len(values)))[:-1]

    return find


def main(folder, command):
    annotations = json.loads((folder / "annotations.json").read_text())
    names = sorted(p.stem for p in folder.glob("*.json") if p.stem in annotations)
    data = [series(folder / f"{name}.json") for name in names]
    lines = "\n".join(" ".join(repr(float(value)) for value in values) for values in data)
    told = subprocess.run([command], input=lines + "\n", text=True, capture_output=True, check=True)
    ours = [[int(point) for point in line.split()] for line in told.stdout.split("\n")]
    rows = [("never a change", [[] for _ in data]), ("floodmark", ours[: len(data)])]
    for title, kind in [("PELT", ruptures.Pelt), ("BinSeg", ruptures.Binseg)]:
        for jump, note in [(5, ""), (1, ", jump 1")]:
            for factor in (1, 2, 3):
                find = searched(kind, jump, factor)
                name = f"ruptures {title}, penalty {factor} ln n{note}"
                rows.append((name, [find(values) for values in data]))
    print(f"{len(names)} series, ruptures {ruptures.__version__}\n")
    # Every second series by name: what is chosen on one half can be held against the other.
    print("| method | cover | F1 | first half, cover | F1 | second half, cover | F1 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, found in rows:
        covers = [cover(annotations[n], f, len(v)) for n, f, v in zip(names, found, data)]
        scores = [f1(annotations[n], f) for n, f in zip(names, found)]
        halves = [slice(None), slice(0, None, 2), slice(1, None, 2)]
        cells = [f"{numpy.mean(some[half]):.3f}" for half in halves for some in (covers, scores)]
        print(f"| {name} | {' | '.join(cells)} |")


main(pathlib.Path(sys.argv[1]), sys.argv[2])
