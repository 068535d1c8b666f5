"""Linear predictions of fast tiles: docs/spec/fast.md, sections 4 and 5."""

from entropy import f32

LANES, SKEW = 16, 8

W, WW, WWW, N, NW, NE, NWW, NEE = (0, -1), (0, -2), (0, -3), (1, 0), (1, -1), (1, 1), (1, -2), (1, 2)
NN, NNW, NNE, NNEE, NNWW, HERE = (2, 0), (2, -1), (2, 1), (2, 2), (2, -2), (0, 0)
OWN = [W, NE, NW, WW, NN, NNE, NEE, NNW, NWW, WWW, NNEE, NNWW]
OTHER = [HERE, W, NE, NW, WW, NN, NNE, NEE, NNW]


def sample(plane, *offsets):
    return [("sample", plane, offset) for offset in offsets]


def residual(plane, *offsets):
    return [("residual", plane, offset) for offset in offsets]


# Section 4.
CONSTANT = [("constant", 0, HERE)]
LOCAL_FIRST = sample(0, W, NE, NW, WW, NN, NNE, NEE) + residual(0, W, N, NW, NE, WW, NN)
SLOW = {
    1: [sample(0, *OWN) + CONSTANT],
    3: [
        sample(0, *OWN) + sample(1, W, NE) + sample(2, W, NE) + CONSTANT,
        sample(1, *OWN[:11]) + sample(0, *OTHER) + sample(2, W, NE, NW, NN) + CONSTANT,
        sample(2, *OWN[:11]) + sample(1, *OTHER) + sample(0, *OTHER) + CONSTANT,
    ],
}
LOCAL = {
    1: [LOCAL_FIRST],
    3: [
        LOCAL_FIRST,
        sample(1, W) + residual(0, HERE) + sample(0, HERE) + residual(1, W, N) + sample(0, W) + residual(1, NW),
        sample(2, W)
        + residual(0, HERE)
        + sample(0, HERE)
        + residual(2, W, N)
        + residual(1, HERE)
        + sample(1, HERE)
        + residual(2, NW),
    ],
}

# Section 4.3, in thousandths.
PRIOR_FIRST = [186, 126, -338, -204, -126, -23, 50, 57, 31, 88, -9, -20]
PRIOR = {
    1: [PRIOR_FIRST + [0]],
    3: [
        PRIOR_FIRST + [-9, 3, 0, 2, -3],
        [169, 139, -331, -113, -97, -39, 39, 67, 0, 12, 0, 884, -150, -114, 291, 79, 87, 33, -26, -54, 0, 0, -13, -5, 0],
        [141, 129, -219, -65, -84, -26, 48, 47, 1, 4, 0, 467, -38, -49, 81, 23, 36, 8, -20, -21]
        + [504, -63, -59, 106, 23, 37, 11, -21, -21, 0],
    ],
}


# Section 4.2.
def solve(n, a, b):
    """`a[i][j]` for `j <= i`, and `b[j]`."""
    rows = [list(row) for row in a] + [list(b)]
    inverse, least = [], f32(1e-3)
    for j in range(n):
        pivot, scaled = rows[j][j], []
        for k in range(j):
            scaled.append(f32(rows[j][k] * inverse[k]))
            pivot = f32(pivot - f32(rows[j][k] * scaled[k]))
        inverse.append(f32(1 / (pivot if pivot > least else least)))
        for i in range(j + 1, n + 1):
            s = rows[i][j]
            for k in range(j):
                s = f32(s - f32(rows[i][k] * scaled[k]))
            rows[i][j] = s
    x = [0.0] * n
    for j in reversed(range(n)):
        s = rows[n][j]
        for i in range(j + 1, n):
            s = f32(s - f32(rows[i][j] * x[i]))
        x[j] = f32(s * inverse[j])
    return x


def pairs(n):
    return [(i, j) for i in range(n + 1) for j in range(min(i, n - 1) + 1)]


def square(n, moments):
    """Moments in the order of `pairs` as rows and right-hand side."""
    rows = [[0.0] * (i + 1) for i in range(n)] + [[0.0] * n]
    for (i, j), m in zip(pairs(n), moments):
        rows[i][j] = m
    return rows[:n], rows[n]


# Section 5.1.
class Slow:
    def __init__(self, planes, plane):
        self.plane, self.regressors = plane, SLOW[planes][plane]
        self.n = len(self.regressors)
        self.prior = [f32(w / 1000) for w in PRIOR[planes][plane]]
        self.weights = [[list(self.prior) for _ in range(2)] for _ in range(2)]  # parity of the step, of the row
        self.moments = [[[0.0] * LANES for _ in pairs(self.n)] for _ in range(2)]

    def update(self, segment, rows, weights):
        """`rows[q][lane]`: regressors, then the sample; `weights[q][lane]`."""
        n, early = self.n, segment < 64
        if early or segment % 2 == 0:
            for m, (i, j) in enumerate(pairs(n)):
                for parity in range(2):
                    sums = self.moments[parity][m]
                    for lane in range(LANES):
                        s = None
                        for q in range(parity, SKEW, 2):
                            row = rows[q][lane]
                            p = f32(f32(row[i] * weights[q][lane]) * row[j])
                            s = p if s is None else f32(s + p)
                        sums[lane] = f32(sums[lane] + s)
        if segment % 32 == 5 * self.plane or early and segment % 8 == 7:
            for parity in range(2):
                totals = [[], []]
                for m, sums in enumerate(self.moments[parity]):
                    for row in range(2):
                        v = sums[row::2]
                        even = f32(f32(v[0] + v[4]) + f32(v[2] + v[6]))
                        odd = f32(f32(v[1] + v[5]) + f32(v[3] + v[7]))
                        totals[row].append(f32(even + odd))
                    self.moments[parity][m] = [f32(x * f32(0.85)) for x in sums]
                for row in range(2):
                    a, b = square(n, totals[row])
                    for i in range(n):
                        a[i][i] = f32(a[i][i] + RIDGE)
                        b[i] = f32(b[i] + f32(RIDGE * self.prior[i]))
                    self.weights[parity][row] = solve(n, a, b)


RIDGE = 6000.0


# Section 5.2.
class Local:
    def __init__(self, planes, plane, segments):
        self.regressors = LOCAL[planes][plane]
        self.n, self.segments = len(self.regressors), segments
        count = len(pairs(self.n))
        nothing = lambda: [[0.0] * count for _ in range(LANES)]
        self.left, self.near, self.far = nothing(), nothing(), nothing()
        self.last = [[0.0] * count for _ in range(segments)]
        self.weights = None

    def solve(self):
        self.weights = []
        for lane in range(LANES):
            near, far, left = self.near[lane], self.far[lane], self.left[lane]
            sums = [f32(f32(f32(a * f32(1.4)) + b) + c) for a, b, c in zip(near, far, left)]
            a, b = square(self.n, sums)
            for i in range(self.n):
                a[i][i] = f32(a[i][i] + 60.0)
            self.weights.append(solve(self.n, a, b))

    def update(self, segment, rows, weights):
        own = [[] for _ in range(LANES)]
        for lane in range(LANES):
            for m, (i, j) in enumerate(pairs(self.n)):
                s = f32(1e-18)
                for q in range(SKEW):
                    row = rows[q][lane]
                    s = f32(s + f32(f32(row[i] * weights[q][lane]) * row[j]))
                self.left[lane][m] = f32(f32(self.left[lane][m] * f32(0.8)) + s)
                own[lane].append(f32(f32(self.near[lane][m] * f32(0.72)) + s))
        entering = list(self.last[(segment + 1) % self.segments])
        if segment >= LANES - 1:
            self.last[(segment - (LANES - 1)) % self.segments] = own[LANES - 1]
        self.far, self.near = self.near, [entering] + own[: LANES - 1]
