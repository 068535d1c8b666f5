"""Symbols under contexts, numbers and linear predictions: docs/spec/jpeg.md, sections 2, 3, 8 and 9."""

import functools
import struct

from entropy import Apm, Counter, Prior, RangeDecoder, clamp, f32, squash
from spec import artefact

SINGLE, WORD = struct.Struct("<f"), struct.Struct("<I")
MASK = 2**32 - 1


def digits(x):
    return WORD.unpack(SINGLE.pack(x))[0]


def trunc(x):
    return int(x)


LN2, BEND = f32(0.6931472), 0.34375
FASTER, SLOWER = f32(f32(0.008) / 65536), f32(f32(0.004) / 65536)
MOST = 2815 / 256


@functools.lru_cache(None)
def logit(p):
    def bend(b):
        t = (b & (1 << 23) - 1) * 2.0**-23
        return f32(t * f32(1 - t))

    one, zero = digits(f32(2 * p + 1)), digits(f32((1 << 17) - (2 * p + 1)))
    line = f32(one - zero) * 2.0**-23
    return f32(f32(line + f32(f32(bend(one) - bend(zero)) * BEND)) * LN2)


def fold(l):
    """The sum of sixteen lanes."""
    l = [f32(a + b) for a, b in zip(l[:8], l[8:])]
    l = [f32(a + b) for a, b in zip(l[:4], l[4:])]
    return f32(f32(l[0] + l[2]) + f32(l[1] + l[3]))


def dot(x, w):
    l = [f32(a * b) for a, b in zip(x, w)]
    if len(l) == 32:
        l = [f32(a + b) for a, b in zip(l[:16], l[16:])]
    return fold(l)


# Section 1: contexts, mixers and bits of a table.
PROFILES = [(7, 1, 14), (12, 3, 15), (12, 3, 17)]


# Section 9.
class Weights:
    def __init__(self, profile):
        prior = Prior(artefact("jpeg.bin" if profile else "jpeg-fast.bin"))
        self.mixers = PROFILES[profile][1]

        def take(*counts):
            if len(counts) == 1:
                return [16 * (b - 128) * abs(b - 128) / 65536 for b in prior.take(counts[0])]
            return [take(*counts[1:]) for _ in range(counts[0])]

        self.first = take(self.mixers, 60, 8, 16)
        self.last = take(60, 8, self.mixers)
        self.em = take(3, 64, 32 if profile else 16)
        self.ev = take(3, 64, 16)
        prior.end()

    @staticmethod
    def group(mixer, at):
        if mixer == 0:
            k = at % 64
            if at < 192:
                return 3 * (at // 64) + (0 if k == 0 else 1 if k < 8 or k % 8 == 0 else 2)
            return 9 + at - 192 if at < 241 else 58
        return at // 64 if at < 330 else 6 + at - 330 if at < 344 else 20 + (at - 344) // 64


# Section 8.
class Linear:
    def __init__(self, weights):
        self.weights = weights

    def predict(self, inputs):
        self.inputs = inputs + [0.0] * (len(self.weights) - len(inputs))
        return dot(self.inputs, self.weights)

    def learn(self, error, rate):
        step = f32(f32(rate * error) / f32(dot(self.inputs, self.inputs) + 0.5))
        self.weights[:] = [f32(w + f32(x * step)) for x, w in zip(self.inputs, self.weights)]


# Section 2.
class Learner:
    """What a band is coded with."""

    def __init__(self, profile, payload):
        self.lanes, self.mixers, self.bits = PROFILES[profile]
        self.fast, self.decoder, self.prior = profile == 0, RangeDecoder(payload), Weights(profile)
        self.em = [[Linear(w) for w in of] for of in self.prior.em]
        self.ev = [[Linear(w) for w in of] for of in self.prior.ev]
        self.tables, self.own = [{} for _ in range(self.lanes)], {}
        self.first, self.last = [{} for _ in range(self.mixers)], {}
        self.apm = Apm(2048 * 8)

    def symbol(self, contexts, sets, refined):
        self.contexts, self.sets, self.refined = contexts[: self.lanes], sets[: self.mixers], refined

    def begin(self, salt):
        self.slots = []
        for table, c in zip(self.tables, self.contexts):
            a = (c + salt) * 0x2C9277B5 & MASK
            b = (a ^ a >> 15) * 0x5F356495 & MASK
            self.slots.append(table.setdefault(b >> 32 - self.bits, [None] * 4))

    def decide(self, node, rank):
        counters = []
        for slot in self.slots:
            slot[node] = slot[node] or Counter()
            counters.append(slot[node])
        x = [logit(c.p) if c.n else 0.0 for c in counters]
        x += [0.0] * (15 - len(x)) + [f32(0.4)]
        d, rows = [], []
        for m, at in enumerate(self.sets):
            key = at, rank
            if key not in self.first[m]:
                self.first[m][key] = list(self.prior.first[m][Weights.group(m, at)][rank])
            rows.append(self.first[m][key])
            d.append(clamp(dot(x, rows[m]), -MOST, MOST))
        sum, last = d[0], None
        if self.mixers > 1:
            key = self.sets[0], rank
            if key not in self.last:
                self.last[key] = list(self.prior.last[Weights.group(0, key[0])][rank])
            last = self.last[key]
            sum = f32(last[0] * d[0])
            for a, b in zip(last[1:], d[1:]):
                sum = f32(sum + f32(a * b))
        z = clamp(trunc(f32(256 * sum)), -2815, 2815)
        p = squash(z)
        y = self.decoder.decide((p + self.apm.refine(z, 8 * self.refined + rank)) // 2)
        if last:
            slower = f32(f32(65536 * y - p) * SLOWER)
            last[:] = [f32(a + f32(slower * b)) for a, b in zip(last, d)]
        for w, of in zip(rows, d):
            step = f32(f32(65536 * y - squash(trunc(256 * of))) * FASTER)
            w[:] = [f32(a + f32(b * step)) for a, b in zip(w, x)]
        self.apm.learn(y)
        for c in counters:
            c.learn(y, 255)
        return y

    def alone(self, number):
        counter = self.own.setdefault(number, Counter())
        y = self.decoder.decide(clamp(counter.p, 32, 65504))
        counter.learn(y, 255)
        return y

    # Section 3.
    def count(self, bits, salt):
        d, sets = 1, self.sets
        for c in range(bits):
            if c % 2 == 0:
                self.begin(salt + d * 0x85EBCA6B)
            if c == 3:
                t = d - 7
                self.sets = [sets[0] + t] + [330 + t] * (len(sets) - 1)
            rank = d - 1 if c < 3 else 2 ** (c - 3) - 1 + d % 2 ** (c - 3)
            d = 2 * d + self.decide(1 + d % 2 if c % 2 else 0, rank)
        return d - 2**bits

    def value(self, salt, is_other, sign):
        """`sign` is called with the exponent for the symbol of the sign, or says a counter alone."""
        self.begin(salt)
        e = int(is_other)
        while e < 17:
            if e == 4:
                self.begin(salt + 0x00800000)
            if not self.decide(e if e < 4 else min(e - 4, 3), min(e, 7)):
                break
            e += 1
        if e == 0:
            return 0
        magnitude = 1
        if e > 1:
            self.sets = [225 + min(e, 15)] + [of + 344 for of in self.sets[1:]]
            self.refined = 1848 + e
            self.begin(salt + (e << 20 | 1) * 0x02345679)
        for c in range(e - 1):
            if c < 2:
                bit = self.decide(1 + magnitude % 2 if c else 0, c)
            else:
                bit = self.alone(12288 + 32 * e + (magnitude if c < 4 else 16 + c))
            magnitude = 2 * magnitude + bit
        of = sign()
        if isinstance(of, int):
            is_negative = self.alone(of)
        else:
            self.symbol(*of)
            self.begin(salt + 0x01000000)
            is_negative = self.decide(min(e - 1, 3), min(e - 1, 7))
        return -magnitude if is_negative else magnitude


def salt_of(plane_class, kind):
    return (8 * plane_class + kind + 1) * 0x9E3779B9 & MASK


def level(a):
    if a == 0:
        return 0
    e = a.bit_length() - 1
    return 1 + 4 * e + (a >> e - 2 & 3 if e >= 2 else 0)


def level_of(f, s):
    return level(min(trunc(abs(f32(f * s))), 1 << 20))


def signed(f, s):
    return -level_of(f, s) if f < 0 else level_of(f, s)
