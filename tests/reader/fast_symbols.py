"""Symbols of fast tiles: docs/spec/fast.md, sections 2, 7 and 8."""

from entropy import f32

SYMBOLS, TOTAL = 32, 1 << 15


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
    def __init__(self, bits, mask):
        self.shifts, self.kinds, source = list(SHIFTS), list(SHIFTS), list(range(44))
        if bits > 8:
            own = [q + 4 * (bits - 8) for q in range(44)]
            one = [(24 if q % 4 < 2 else 20) + q % 4 for q in range(44)]
            source = [min(pair) for pair in zip(own, one)]
            self.shifts = [int(o >= n) + o // 4 - s // 4 for o, n, s in zip(own, one, source)]
            self.kinds = [min(shift, 1) for shift in self.shifts]
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
