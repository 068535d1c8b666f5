"""Local least squares in binary32: docs/spec/image.md, section 3.

A double has enough digits that its sum, product, quotient or root, rounded to binary32, is that of binary32.
"""

import math
import struct

from entropy import f32

GREY = [
    (0, -1), (0, -2), (0, -3), (1, -3), (1, -2), (1, -1), (1, 0), (1, 1), (1, 2),
    (2, -2), (2, -1), (2, 0), (2, 1), (2, 2), (2, 3), (3, -1), (3, 0), (3, 1),
]
OWN = [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (2, 1), (1, 2), (1, -2), (2, -1)]
OTHER = OWN[:4]
HERE = None


def layout(plane, planes):
    """Which neighbour and plane each regressor is."""
    if planes == 1:
        return [(near, 0) for near in GREY]
    terms = [(near, plane) for near in OWN]
    for other in range(3):
        if other < plane:
            terms += [(HERE, other)] + [(near, other) for near in OTHER]
        elif other > plane:
            terms += [(near, other) for near in OTHER[: 4 - 2 * plane]]
    return terms


ZEROS = [0.0] * 21
SHARE, DECAY, RIDGE = f32(0.75), f32(0.85), 5.0
# Moments of each two regressors; the target comes after the twenty regressors, and has no moment with itself.
PAIRS = [(i, j) for i in range(21) for j in range(min(i + 1, 20))]
STRUCTS = [struct.Struct(f"{n}f") for n in range(len(PAIRS) + 1)]


def rounded(values):
    """Many numbers of binary32 at once, which is quicker."""
    of = STRUCTS[len(values)]
    return of.unpack(of.pack(*values))


def learn(moments, rows):
    """A cell after three samples: regressors and target of each."""
    for row in rows:
        products = rounded([row[i] * row[j] for i, j in PAIRS])
        moments = rounded([m + p for m, p in zip(moments, products)])
    return rounded([m * DECAY for m in moments])


def weighted(cells):
    first, last = (rounded([m * SHARE for m in cells[i]]) for i in (0, 4))
    for other in (*cells[1:4], last):
        first = rounded([a + b for a, b in zip(first, other)])
    return first


def solve(cells):
    """Each element loses its products in the order of `k`, all elements of one `k` together."""
    left = [[0.0] * 20 for _ in range(21)]
    for (i, j), moment in zip(PAIRS, weighted(cells)):
        left[i][j] = moment
    columns, inverse = [], []
    for k in range(20):
        inverse.append(f32(1.0 / f32(math.sqrt(max(f32(left[k][k] + RIDGE), 1.0)))))
        column = (0.0,) * (k + 1) + rounded([left[i][k] * inverse[k] for i in range(k + 1, 21)])
        columns.append(column)
        places = [(i, j) for i in range(k + 1, 21) for j in range(k + 1, min(i + 1, 20))]
        products = rounded([column[i] * column[j] for i, j in places])
        for (i, j), value in zip(places, rounded([left[i][j] - p for (i, j), p in zip(places, products)])):
            left[i][j] = value
    v = [0.0] * 20
    for i in reversed(range(20)):
        total = columns[i][20]
        for k in range(i + 1, 20):
            total = f32(total - f32(columns[i][k] * v[k]))
        v[i] = f32(total * inverse[i])
    return v


class Row:
    def __init__(self):
        self.rows, self.expected, self.weights = [ZEROS] * 3, False, None


class Regression:
    def __init__(self, plane, planes, width):
        self.plane, self.layout = plane, layout(plane, planes)
        cells = (width + 2) // 3
        self.cells = [(0.0,) * len(PAIRS)] * (cells + 4)
        self.rows, self.entered = {}, []

    def enter(self, pixels):
        for row, column in self.entered:
            state = self.rows.pop(row)
            if state.expected:
                at = column // 3 + 2
                self.cells[at] = learn(self.cells[at], state.rows)
        self.entered = list(pixels)
        for row, column in pixels:
            self.rows[row] = Row()

    def expect(self, near, row, column, values):
        """The expected value in 1/16 level; `near` gives a neighbour's samples."""
        state = self.rows[row]
        if state.weights is None:
            # Moments change only when rows enter cells, so this may be done late.
            cell = column // 3
            state.weights = solve(self.cells[cell : cell + 5])
        base = [f32((near((0, -1))[c] + near((1, 0))[c]) * 0.5) for c in range(3)]
        terms = [float(values[c] if n is HERE else near(n)[c]) - base[c] for n, c in self.layout]
        terms += [0.0] * (21 - len(terms))
        s = [0.0] * 4
        for i in range(20):
            s[i % 4] = f32(s[i % 4] + f32(terms[i] * state.weights[i]))
        total = f32(f32(s[0] + s[1]) + f32(s[2] + s[3]))
        state.rows[column % 3], state.expected = terms, True
        state.base = base[self.plane]
        return int(min(max(f32(f32(total + state.base) * 16.0), 0.0), 4080.0))

    def note(self, row, column, value):
        state = self.rows[row]
        state.rows[column % 3][20] = value - state.base
