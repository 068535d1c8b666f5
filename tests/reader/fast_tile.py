"""Fast tiles, docs/spec/fast.md."""

import struct



LANES, SKEW, SYMBOLS, TOTAL = 16, 8, 32, 1 << 15



def f32(x):
    """A result of one operation on numbers of binary32, found in binary64, rounds to what binary32 gives."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


# Section 2.
class Range:
    def __init__(self, data):
        self.data, self.at = data, 0
        self.states = [self.word() | self.word() << 32 for _ in range(4)]

    def word(self):
        word = self.data[self.at : self.at + 4]
        self.at += 4
        return int.from_bytes(word, "little") if len(word) == 4 else 0

    def peek(self, state):
        return self.states[state] % TOTAL

    def advance(self, state, start, frequency):
        x = self.states[state]
        x = (frequency * (x >> 15) + x % TOTAL - start) % (1 << 64)
        if x < 1 << 31:
            x = (x << 32 | self.word()) % (1 << 64)
        self.states[state] = x

    def bit(self, state, zero):
        bit = self.peek(state) >= zero
        self.advance(state, zero if bit else 0, TOTAL - zero if bit else zero)
        return int(bit)

    def raw(self, state, bits):
        value = self.peek(state) >> (15 - bits)
        self.advance(state, value << (15 - bits), TOTAL >> bits)
        return value


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
# Section 6.1, in thousandths.
ENERGY = {
    1: [[225, 193, 158, 202, 157, 135, 0, 0]],
    3: [
        [225, 193, 158, 202, 157, 135, 0, 0],
        [200, 148, 122, 155, 161, 144, 27, 0],
        [170, 126, 108, 122, 146, 137, 135, 20],
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


# Section 7.
ENERGIES = [2.0 ** ((q >> 2) - 4) * (1.125 + (q & 3) / 4) for q in range(44)]
SHIFTS = [sum(e >= 3.2 * 2**s for s in range(3)) for e in ENERGIES]
RATES = [3] * 3 + [4] * 5 + [5] * 16 + [6] * 36 + [7] * 90 + [8] * 105 + [9]
DITHER = [(i * 37 + 11) % 64 * 8 + i * 5 % 8 for i in range(64)]
TOP = TOTAL - SYMBOLS


def logistic(x):
    step = 0.9844964370054084
    size = abs(x) * 64.0
    if size >= 1280.0:
        return 0.0 if x < 0 else 1.0
    left = int(size)
    power, factor = 1.0, step
    while left:
        if left % 2:
            power *= factor
        factor *= factor
        left //= 2
    power *= 1.0 - (size - int(size)) * (1.0 - step)
    return power / (1.0 + power) if x < 0 else 1.0 / (1.0 + power)


def begin(q, fraction):
    scale, shift = ENERGIES[q] * 0.72 + 0.12, SHIFTS[q]
    middle, half, width = (16.0, float(1 << shift - 1), float(1 << shift)) if shift else (15.0, fraction / 4, 1.0)
    table = [0]
    for i in range(1, SYMBOLS):
        low = (i - middle) * width - half - 0.5
        below = 0.7 * logistic(low / scale) + 0.25 * logistic(low / (2.0 * scale)) + 0.05 * logistic(low / (5.0 * scale))
        table.append(int(below * TOP + 0.5))
    return table


class PlaneCoder:
    def __init__(self, plane, wide, mask):
        self.shifts, self.kinds, source = list(SHIFTS), list(SHIFTS), list(range(44))
        if wide:
            source = [(24 if q % 4 < 2 else 20) + q % 4 for q in range(44)]
            self.shifts = [SHIFTS[s] + 8 + q // 4 - s // 4 for q, s in enumerate(source)]
            self.kinds = [1] * 44
        self.energy = {(q, f): [begin(source[q], f), 8] for q in range(44) for f in range(4)}
        self.contexts = [{}, {}]
        self.lower = {}
        self.seen, self.expected = ({}, {}) if mask else (None, None)
        self.symbols = 0

    def decode(self, decoder, state, energy, contexts, quarters, row, base):
        shift = self.shifts[energy]
        near, fraction = (quarters >> 2, quarters & 3) if shift == 0 else (quarters + 2 >> 2, 0)
        middle, half = (16, 1 << shift - 1) if shift else (15, 0)
        tables = [self.energy[energy, fraction]]
        for known, context in zip(self.contexts, contexts):
            key = context % 256, self.kinds[energy], fraction
            if key not in known:
                known[key] = [list(tables[0][0]), 4]
            tables.append(known[key])
        a, b, c = (t[0] for t in tables)
        table = [(a[i] >> 1) + (b[i] >> 2) + (c[i] >> 2) + i for i in range(SYMBOLS)] + [TOTAL]
        window = None
        if self.seen is not None and shift == 0:
            window = row, near - middle - base
            table = self.masked(table, window)
        target = decoder.peek(state)
        symbol = sum(x <= target for x in table) - 1
        decoder.advance(state, table[symbol], table[symbol + 1] - table[symbol])
        if window:
            key = row, window[1] + symbol
            self.seen[key] = f32(self.seen.get(key, 0.0) + 1.0)
        dither = DITHER[self.symbols % 64]
        self.symbols += 1
        for t in tables:
            rate = RATES[t[1]]
            for i in range(SYMBOLS):
                step = (TOP if i > symbol else 0) - t[0][i] + dither % (1 << rate)
                t[0][i] += min(step, 32767) >> rate
            t[1] = min(t[1] + 1, 255)
        place = symbol
        if symbol in (0, SYMBOLS - 1):
            bits = 0
            while bits < 14 and decoder.bit(state, TOTAL // 8 * 5):
                bits += 1
            beyond = decoder.raw(state, bits) + (1 << bits) - 1
            place = symbol + beyond if symbol else -beyond
        low = 0
        if shift:
            chances = self.lower.setdefault((energy, symbol), [TOTAL // 2] * 4)
            node = 1
            for _ in range(min(2, shift)):
                zero = chances[node]
                bit = decoder.bit(state, zero)
                chances[node] = zero - (zero >> 6) if bit else zero + (TOTAL - zero >> 6)
                low, node = low * 2 + bit, node * 2 + bit
            if shift > 2:
                low = low << shift - 2 | decoder.raw(state, shift - 2)
        return (place - middle << shift | low) - half + near

    # Section 8.
    def masked(self, table, window):
        row, first = window
        products = []
        for i in range(SYMBOLS):
            frequency, key = float(table[i + 1] - table[i]), (row, first + i)
            before, seen = self.expected.get(key, 0.0), self.seen.get(key, 0.0)
            self.expected[key] = f32(before + f32(frequency * 2.0**-15))
            products.append(f32(frequency * f32(f32(seen + f32(0.8)) / f32(before + f32(0.8)))))
        v = [f32(products[i] + products[i + 16]) for i in range(16)]
        for half in (8, 4):
            v = [f32(v[i] + v[i + half]) for i in range(half)]
        scale = f32(float(TOTAL - SYMBOLS - 8) / f32(f32(v[0] + v[2]) + f32(v[1] + v[3])))
        out = [0]
        for p in products:
            out.append(out[-1] + int(f32(p * scale)) + 1)
        return out[:SYMBOLS] + [TOTAL]


# Section 6.
def log(v, low, high, power, fine):
    v = min(max(v, f32(low)), f32(high))
    return (struct.unpack("<i", struct.pack("<f", v))[0] >> (23 - fine)) - (127 + power << fine)


def clamp(v, low, high):
    v = v if v > low else low
    return min(v, high)


class Plane:
    def __init__(self, planes, plane, timing, wide, mask):
        self.slow, self.local = Slow(planes, plane), Local(planes, plane, timing.pitch // SKEW)
        self.coder = PlaneCoder(plane, wide, mask)
        self.energy = [f32(w / 1000) for w in ENERGY[planes][plane]]
        self.rows = [[None, None] for _ in range(SKEW)]
        self.weights = [None] * SKEW


class Timing:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.pitch = max((width + SKEW - 1) // SKEW * SKEW + SKEW, (LANES + 1) * SKEW)
        self.steps = (height + LANES - 1) // LANES * self.pitch + (LANES - 1) * SKEW


# Section 3.
class Store:
    """What lanes, and the two rows above lane 0, had in all steps."""

    def __init__(self, begin, pitch):
        self.begin, self.delay, self.steps = begin, pitch - LANES * SKEW, []

    def get(self, lane, step):
        """Lane -1 and -2 are the last lanes of the band before."""
        if lane < 0:
            lane, step = lane + LANES, step - self.delay
        return self.steps[step][lane] if step >= 0 else self.begin


def decode_group(decoder, width, height, count, wide, mask):
    timing = Timing(width, height)
    unit, largest = (256.0, 65535) if wide else (1.0, 255)
    out = [[0] * (width * height) for _ in range(count)]
    planes = [Plane(count, plane, timing, wide, mask) for plane in range(count)]
    stores = {
        kind: [Store(begin, timing.pitch) for _ in range(3)]
        for kind, begin in (("sample", 128.0), ("error", 1.0), ("residual", 0.0))
    }
    for segment in range(timing.steps // SKEW):
        for plane in planes:
            plane.local.solve()
        for step in range(segment * SKEW, (segment + 1) * SKEW):
            code_step(decoder, timing, step, planes, stores, out, unit, largest)
        for plane in planes:
            slow = [plane.rows[q][0] for q in range(SKEW)]
            local = [plane.rows[q][1] for q in range(SKEW)]
            plane.local.update(segment, local, plane.weights)
            plane.slow.update(segment, slow, plane.weights)
    return out


def code_step(decoder, timing, step, planes, stores, out, unit, largest):
    def near(kind, plane, lane, offset):
        up, right = offset
        return stores[kind][plane].get(lane - up, step + right - up * SKEW)

    count = len(planes)
    references = [
        [f32(f32(near("sample", p, lane, W) + near("sample", p, lane, N)) * 0.5) for lane in range(LANES)]
        for p in range(count)
    ]
    errors, samples = [], []

    def regressor(of, lane):
        kind, plane, offset = of
        if kind == "constant":
            return 4.0
        value = near(kind, plane, lane, offset)
        return f32(value - references[plane][lane]) if kind == "sample" else value

    def predicted(start, regressors, weights):
        sums = [start, 0.0]
        for i, (r, w) in enumerate(zip(regressors, weights)):
            sums[i % 2] = f32(sums[i % 2] + f32(w * r))
        return f32(sums[0] + sums[1])

    for p, plane in enumerate(planes):
        states = []
        for lane in range(LANES):
            slow_row = [regressor(of, lane) for of in plane.slow.regressors]
            reference = references[p][lane]
            slow = clamp(predicted(reference, slow_row, plane.slow.weights[step % 2][lane % 2]), -255.0, 510.0)
            local_row = [regressor(of, lane) for of in plane.local.regressors]
            last = clamp(predicted(slow, local_row, plane.local.weights[lane]), 0.0, 255.0)
            error = lambda offset: near("error", p, lane, offset)
            of = lambda offset: near("sample", p, lane, offset)
            own = f32(error(W) * plane.energy[0])
            for weight, offset in zip(plane.energy[1:], (N, NW, NE, WW, NN)):
                own = f32(own + f32(error(offset) * weight))
            energy = own
            if count == 1:
                other = own
            elif p == 0:
                e = lambda q, offset: near("error", q, lane, offset)
                other = f32(f32(e(1, W) + e(1, N)) + f32(e(2, W) + e(2, N)))
            elif p == 1:
                other = errors[0][lane]
                energy = f32(own + f32(other * plane.energy[6]))
            else:
                other = f32(errors[1][lane] + f32(errors[0][lane] * 0.25))
                energy = f32(f32(own + f32(errors[1][lane] * plane.energy[6])) + f32(errors[0][lane] * plane.energy[7]))
            weight = f32(1 / f32(energy + f32(0.2)))
            parity = step % 2 * 2 + lane % 2
            first = (log(own, 0.126, 31.0, -3, 1) << 4) + (log(other, 0.126, 15.0, -3, 1) >> 2 << 2) + parity
            texture = f32(f32(abs(f32(of(W) - of(NW))) + abs(f32(of(N) - of(NW)))) + abs(f32(of(N) - of(NE))))
            disagree = log(f32(abs(f32(last - slow)) * 2.0), 0.126, 15.0, -3, 1) > 6
            second = (log(f32(f32(error(W) + error(N)) * 0.5), 0.126, 31.0, -3, 1) << 4) + disagree
            second += log(texture, 1.01, 127.0, 0, 0) << 1
            quarters = int(f32(f32(last * (4.0 * unit)) + 0.5))
            states.append((slow_row, local_row, slow, last, weight, energy, first, second, quarters))
        now = {kind: [] for kind in stores}
        integers = []
        plane.weights[step % SKEW] = []
        for lane, (slow_row, local_row, slow, last, weight, energy, first, second, quarters) in enumerate(states):
            own = step - lane * SKEW
            row, column = own // timing.pitch * LANES + lane, own % timing.pitch
            value = 0
            if own < 0:
                sample, e, r, weight = 128.0, 1.0, 0.0, 0.0
            elif row < timing.height and column < timing.width:
                mask_row, base = 0, 0
                if p == 1:
                    mask_row = int(f32(f32(references[2][lane] - references[0][lane]) + 256.5))
                    base = samples[0][lane]
                elif p == 2:
                    mask_row, base = samples[0][lane] - samples[1][lane] + 256, samples[1][lane]
                level = log(energy, 0.0626, 100.0, -4, 2)
                value = plane.coder.decode(decoder, lane % 4, level, (first, second), quarters, mask_row, base)
                value = min(max(value, 0), largest)
                out[p][row * timing.width + column] = value
                sample = value / unit
                e, r = abs(f32(sample - last)), f32(sample - slow)
            else:
                left = timing.pitch - column
                if left >= SKEW or timing.width <= column < timing.width + 4:
                    at = lane, step - 1
                else:
                    at = lane - 1, step - (SKEW - left)
                sample, e = (stores[kind][p].get(*at) for kind in ("sample", "error"))
                r, weight = 0.0, 0.0
            integers.append(value)
            for kind, v in (("sample", sample), ("error", e), ("residual", r)):
                now[kind].append(v)
            plane.weights[step % SKEW].append(weight)
        for kind, lanes in now.items():
            stores[kind][p].steps.append(lanes)
        errors.append(now["error"])
        samples.append(integers)
        plane.rows[step % SKEW] = [
            [s[0] + [f32(v - r)] for s, v, r in zip(states, now["sample"], references[p])],
            [s[1] + [r] for s, r in zip(states, now["residual"])],
        ]


# Section 1.
GROUPS = {1: [[0]], 2: [[0], [1]], 3: [[0, 2, 1]], 4: [[0, 2, 1], [3]]}


def code_fast(payload, width, height, channels, size):
    at, forms = 0, []
    for _ in GROUPS[channels]:
        code = int.from_bytes(payload[at : at + 1], "little") % 8
        forms.append((code, int.from_bytes(payload[at + 1 : at + 3], "little")))
        at += 3 if code >= 4 else 1
    decoder = Range(payload[at:])
    samples = [None] * channels
    for group, (code, value) in zip(GROUPS[channels], forms):
        if code >= 4:
            planes = [[value] * (width * height)]
        else:
            count = 1 if code & 2 else len(group)
            planes = decode_group(decoder, width, height, count, size == 2, code % 2 == 1 and size == 1)
        for i, channel in enumerate(group):
            samples[channel] = planes[min(i, len(planes) - 1)]
    return b"".join(
        samples[channel][i].to_bytes(size, "big") for i in range(width * height) for channel in range(channels)
    )
