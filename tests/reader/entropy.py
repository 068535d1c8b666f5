"""Binary decisions and what learns them: docs/spec/entropy.md."""

import array
import functools

MASK32, MASK64 = 2**32 - 1, 2**64 - 1


def clamp(x, low, high):
    return low if x < low else high if x > high else x


def log2(n):
    return n.bit_length() - 1


SINGLE = array.array("f", [0])


def f32(x):
    """The nearest binary32. One operation on such numbers, found in binary64, rounds to what binary32 gives."""
    SINGLE[0] = x
    return SINGLE[0]


# Section 1.
def hash2(a, b):
    x = ((a << 32 | b) * 0x9E3779B97F4A7C15) & MASK64
    return ((x ^ x >> 29) * 0xBF58476D1CE4E5B9 & MASK64) >> 32


# Section 2.
class RangeDecoder:
    def __init__(self, payload):
        self.bytes, self.at = payload, 0
        self.range, self.code = 1 << 48, 0
        for _ in range(6):
            self.code = self.code << 8 | self.next()

    def next(self):
        self.at += 1
        return self.bytes[self.at - 1] if self.at <= len(self.bytes) else 0

    def decide(self, p):
        assert 1 <= p <= 65535
        bound = (self.range >> 16) * p
        bit = int(self.code < bound)
        if bit:
            self.range = bound
        else:
            self.code -= bound
            self.range -= bound
        while self.range < 1 << 40:
            self.range <<= 8
            self.code = self.code << 8 | self.next()
        return bit


# Section 3.
LIMIT = 2815
E = [1 << 60]
for _ in range(LIMIT):
    E.append((E[-1] * 1148426689630428644 + (1 << 59)) >> 60)


def logistic(x, b):
    e = E[abs(x)]
    share = e if x < 0 else 1 << 60
    return ((share << b) + (((1 << 60) + e) >> 1)) // ((1 << 60) + e)


SQUASH = [logistic(x, 16) for x in range(-LIMIT, LIMIT + 1)]
DECAY = [(e + (1 << 43)) >> 44 for e in E]
T = [logistic(8 * (i - 351), 24) for i in range(703)]


def squash(x):
    return SQUASH[clamp(x, -LIMIT, LIMIT) + LIMIT]


def _inverses():
    table, x = [], 0
    for p in range(65537):
        while x < 2 * LIMIT and SQUASH[x] < p:
            x += 1
        table.append(x - LIMIT)
    return table


S = _inverses()
COARSE = [S[8 + 16 * i] for i in range(4096)]


def coarse(p):
    return COARSE[p >> 4]


def stretch(p):
    p = min(p, 65535)
    return S[p] if p < 4096 else -S[65536 - p] if p > 61440 else COARSE[p >> 4]


def octaves(n):
    e = log2(n)
    m = (n - (1 << e)) << 23 >> e
    h = m >> 8
    return (e << 23) + m + ((h * (32768 - h)) >> 15) * 88


def odds(one, zero):
    d = octaves(one) - octaves(zero)
    return clamp(((d >> 11) * 11357 + (1 << 17)) >> 18, -LIMIT, LIMIT)


@functools.lru_cache(None)
def fine(p):
    return odds(2 * p + 1, (1 << 17) - 2 * p - 1)


# Section 4.
STEP = [(65536 + (2 * n + 3) // 2) // (2 * n + 3) for n in range(512)]


class Counter:
    __slots__ = ("p22", "n", "known")

    def __init__(self, p=32768, count=0, known=0):
        self.p22, self.n, self.known = p << 6, count, known

    @property
    def p(self):
        return self.p22 >> 6

    def learn(self, bit, limit):
        self.p22 += ((((4194303 if bit else 0) - self.p22) >> 6) * STEP[self.n]) >> 9
        if self.n < limit:
            self.n += 1

    def learn_remembering(self, bit, limit):
        last = self.p22 & 1
        self.learn(bit, limit)
        self.p22 = self.p22 & ~3 | last << 1 | bit


class SmallCounter:
    __slots__ = ("p16", "n")

    def __init__(self, p16=32768, n=0):
        self.p16, self.n = p16, n

    def learn(self, bit):
        p = self.p16
        s = ((65535 - p if bit else p) * STEP[self.n]) >> 15
        moved = p + s if bit else p - s
        self.p16 = moved & ~3 | p << 1 & 2 | bit
        self.n += self.n < 63

    def widen(self):
        wide = Counter(self.p16, self.n)
        wide.p22 |= self.p16 & 3
        return wide


# Section 5.
def remembering_level(p):
    q = min(p, 65535 - p) | 1
    e = log2(q)
    half = q >> (e - 1) & 1 if e else 0
    r = 29 - (2 * e + half)
    return min(r, (r + 8) >> 1, 15) + 16 * (p >> 15)


LEVELS = [remembering_level(p) for p in range(65536)]


def _means():
    sums, counts = [0] * 32, [0] * 32
    for p, level in enumerate(LEVELS):
        sums[level] += p
        counts[level] += 1
    return [s // c for s, c in zip(sums, counts)]


class RememberingMap:
    """Eight contexts, two classes."""

    def __init__(self):
        means = _means()
        self.counters = [
            Counter(32768 if i // 32 % 8 == 0 else means[i % 32], 4) for i in range(2048)
        ] * 16
        self.counters = [Counter(c.p, c.n) for c in self.counters]

    def find(self, kind, context, counter):
        n = counter.n
        certainty = (n if n < 2 else min(log2(n) + 2, 7)) + 8 * counter.known
        state = 512 * (counter.p22 & 3) + 32 * certainty + LEVELS[counter.p]
        return self.counters[(kind * 8 + context) * 2048 + state]


CERTAINTY = [sum(bound <= n for bound in (1, 2, 3, 4, 6, 10, 20, 50)) for n in range(512)]


class PlainMap:
    def __init__(self, classes, contexts):
        one = [(32768, 4)] * 32
        for i in range(32 * 8):
            one.append((squash(clamp(176 * (i % 32) + 88 - 2816, -LIMIT, LIMIT)), 4))
        self.contexts = contexts
        self.counters = [Counter(*c) for c in one * (classes * contexts)]

    def find(self, kind, context, counter):
        level = (coarse(counter.p) + 2816) // 176
        return self.counters[((kind * self.contexts + context) * 9 + CERTAINTY[counter.n]) * 32 + level]


# Section 6.
class Mixer:
    def __init__(self, sets, inputs, rate):
        self.weights = [[0] * inputs for _ in range(sets)]
        self.rate = self.first_rate = rate
        self.s = 6 if inputs == 32 else 5

    def mix(self, inputs, selector):
        self.w, s = self.weights[selector], self.s
        total = 1 << (15 - s)
        for x, w in zip(inputs, self.w):
            total += x * (w >> s)
        logit = clamp(total >> (16 - s), -LIMIT, LIMIT)
        self.p = squash(logit)
        return logit

    def learn(self, inputs, bit):
        step = (((bit << 16) - self.p) * self.rate) >> 8
        self.w[:] = [
            clamp(w + ((x * step + 32768) >> 16), -(1 << 20), 1 << 20) for x, w in zip(inputs, self.w)
        ]


class MixerSet:
    def __init__(self, sets, last_sets, inputs, rate, last_rate, falling=None):
        self.first = [Mixer(n, inputs, rate) for n in sets]
        self.last = Mixer(last_sets, len(sets), last_rate)
        self.falling, self.count = falling, 0

    def mix(self, inputs, selectors, last):
        self.inputs = inputs
        self.logits = [m.mix(inputs, s) for m, s in zip(self.first, selectors)]
        return self.last.mix(self.logits, last)

    def learn(self, bit):
        for mixer in self.first:
            mixer.learn(self.inputs, bit)
        self.last.learn(self.logits, bit)
        self.count += 1
        if self.falling and self.count % 1024 == 0:
            low, over = self.falling
            for m in self.first:
                m.rate = low + (m.first_rate - low) * over // (over + self.count)


# Section 7.
class Apm:
    POINTS = [squash(176 * i - 2816) for i in range(33)]

    def __init__(self, contexts, rate=6):
        self.points, self.rate = self.POINTS * contexts, rate

    def refine(self, logit, context):
        low, part = divmod(logit + 2816, 176)
        at = 33 * context + low
        a, b = self.points[at], self.points[at + 1]
        self.at = at if 2 * part < 176 else at + 1
        return clamp((a * (176 - part) + b * part) // 176, 1, 65535)

    def learn(self, bit):
        self.points[self.at] += (65535 * bit - self.points[self.at]) >> self.rate


# Section 8.
class Prior:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at : self.at + count]
        assert len(part) == count, "the prior is too short"
        self.at += count
        return part

    def end(self):
        assert self.at == len(self.data), "the prior is too long"

    def counters(self, counters):
        for counter, b in zip(counters, self.take(len(counters))):
            if b:
                counter.p22, counter.n = squash(22 * (b - 128)) << 6, 80

    def probabilities(self, count):
        return [squash(22 * (b - 128)) if b else 32768 for b in self.take(count)]

    def mixer(self, mixer):
        for w in mixer.weights:
            w[:] = [16 * (b - 128) * abs(b - 128) for b in self.take(len(w))]

    def mixer_set(self, mixers):
        for mixer in mixers.first + [mixers.last]:
            self.mixer(mixer)

    def apm(self, apm):
        apm.points = [squash(22 * (b - 128)) for b in self.take(len(apm.points))]
