"""Colour planes by all contexts, and other planes: docs/spec/image.md, sections 1.2, 5, 6 and 7.2."""

from entropy import Apm, Counter, MixerSet, PlainMap, Prior, clamp, coarse, hash2, log2, squash, stretch
from lattice import Contexts
from least_squares import Regression
from pixels import (
    N, NE, NN, NW, W, WW, Binarization, Canvas, Distribution, Errors, Logistic, PixelHistory, ValueCaches, activity,
    cache_hashes, difference, features, known_logit, local_errors, logit_of, med, of_activity,
    predictions, share, template_hashes, word,
)
from spec import artefact


def final(decoder, mixers, apm, inputs, selectors, last, context):
    """A decision by a mixer set and an APM, learned by both."""
    x = mixers.mix(inputs, selectors, last)
    p = clamp((squash(x) + apm.refine(x, context)) >> 1, 1, 65535)
    bit = decoder.decide(p)
    mixers.learn(bit)
    apm.learn(bit)
    return bit


# Section 5.
class PixelMatch:
    def __init__(self, k, prior):
        self.k = k
        self.gates = [Counter() for _ in range(3 * 12 * 8)]
        self.states = [Counter() for _ in range(3 * 4 * 16 * 4 * 3)]
        self.equal = [Counter() for _ in range(3 * 64 * 4)]
        self.outcomes = [Counter() for _ in range(3 * 81 * 2)]
        self.hashed, self.map = Contexts(), PlainMap(3, 4)
        self.mixers, self.apm = MixerSet([48, 243, 192], 3, 16, 600, 120), Apm(48)
        for counters in (self.gates, self.states, self.equal, self.outcomes, self.map.counters):
            prior.counters(counters)
        prior.mixer_set(self.mixers)
        prior.apm(self.apm)

    def candidates(self, near, states):
        listed = [(i, s.first) for i, s in enumerate(states.states) if s.times]
        listed += [(4 + i, s.second) for i, s in enumerate(states.states) if s.others]
        listed += [(8 + i, near(at)) for i, at in enumerate((W, N, NE, NW))]
        candidates = []
        for source, pixel in listed:
            if len(candidates) < 3 and all(pixel != other for _, other in candidates):
                candidates.append((source, pixel))
        return candidates

    def gate(self, near, rank, source):
        pattern = (near(W) == near(N)) + 2 * (near(N) == near(NW)) + 4 * (near(N) == near(NE))
        return self.gates[(rank * 12 + source) * 8 + pattern]

    def code(self, decoder, near, states, hashes, outcomes, alone):
        """The candidates, and the rank of the one that the pixel is, if any."""
        candidates, groups = self.candidates(near, states), states.groups()
        for rank, (source, pixel) in enumerate(candidates):
            if self.gate(near, rank, source).p < 1 << 14:
                continue
            if self.ask(decoder, near, states, hashes, outcomes, alone, rank, pixel, groups):
                return candidates, rank
            states.forget(lambda other: other == pixel)
        return candidates, None

    def ask(self, decoder, near, states, hashes, outcomes, alone, rank, pixel, groups):
        equal = sum((near(at) == pixel) << i for i, at in enumerate((W, N, NE, NW, WW, NN)))
        counters = []
        for i, s in enumerate(states.states):
            which = 0 if s.times and s.first == pixel else 1 if s.others and s.second == pixel else 2
            counters.append(self.states[(((rank * 4 + i) * 16 + s.times) * 4 + min(s.others, 3)) * 3 + which])
        counters.append(self.equal[(rank * 64 + equal) * 4 + groups[1]])
        counters.append(self.outcomes[(rank * 81 + outcomes) * 2 + (equal & 1)])
        v, n = word(pixel), hash2(word(near(W)), word(near(N)))
        contexts = [hash2(v, 256 * alone + rank), hash2(v, n ^ alone), hash2(v, hashes[2]), hash2(v, hashes[0])]
        hashed = [self.hashed[i, h >> (32 - self.k)] for i, h in enumerate(contexts)]
        mapped = [self.map.find(rank, i, counter) for i, counter in enumerate(hashed)]
        inputs = [known_logit(c) for c in counters] + [coarse(m.p) for m in mapped] + [256] + [0] * 5
        context = 16 * rank + 4 * groups[0] + groups[1]
        selectors = [context, 81 * rank + outcomes, 64 * rank + equal]
        bit = final(decoder, self.mixers, self.apm, inputs, selectors, rank, context)
        for counter in counters + mapped:
            counter.learn(bit, 511)
        for counter in hashed:
            counter.learn(bit, 255)
        return bit

    def learn(self, near, candidates, pixel):
        for rank, (source, candidate) in enumerate(candidates):
            self.gate(near, rank, source).learn(int(candidate == pixel), 511)
            if candidate == pixel:
                return


# Section 6.
class AllContexts:
    def __init__(self, k, name):
        prior = Prior(artefact(name))
        self.k = k
        self.history = PixelHistory(k, prior)
        self.mixers, self.apm = MixerSet([60, 180, 240], 16, 32, 240, 120), Apm(64 * 15)
        self.mixers.first[2].rate = 1000
        prior.mixer_set(self.mixers)
        prior.apm(self.apm)
        self.match = PixelMatch(k, prior)
        self.map = PlainMap(15, 4)
        prior.counters(self.map.counters)
        self.caches = ValueCaches(k, 4, 15, prior)
        prior.end()
        self.numbered, self.slots = Contexts(), [{} for _ in range(4)]

    def slot(self, i, h):
        at = h >> (32 - self.k)
        check, counters = self.slots[i].get(at, (0, None))
        if check != h | 1 or counters is None:
            counters = [Counter() for _ in range(15)]
            self.slots[i][at] = (h | 1, counters)
        return counters

    def code(self, decoder, sample, states):
        """`sample` has what is known of it: see the callers."""
        c, distribution, logistics = sample["c"], sample["distribution"], sample["logistics"]
        plane = c % 3
        b = Binarization(distribution.center, first_step(distribution.spread))
        slots = [self.slot(i, h) for i, h in enumerate(sample["hashes"])]
        found = self.caches.look(sample["caches"]) if sample["caches"] else [[]] * 3
        known, groups = states.known(), states.groups()
        bounds, others = [0, 1 << 24], [[0] * 8, [1 << 24] * 8]
        while b.ask():
            kind = b.kind
            numbered = [self.numbered[i, sample["numbered"][i], kind] for i in range(2)]
            hashed = [slot[kind] for slot in slots]
            mapped = [self.map.find(kind, i, counter) for i, counter in enumerate(hashed)]
            recalled, asked = self.history.ask(states, plane, b) if known else ([0] * 4, [])
            cached = self.caches.ask(found, c, b)
            at = distribution.below(b.t)
            inputs = [known_logit(counter) for counter in numbered] + [coarse(m.p) for m in mapped] + recalled
            inputs += [stretch(share(bounds[0], at, bounds[1])), 256]
            inputs += [known_logit(counter) if counter else 0 for counter in cached] + [0]
            other = [logistic.below(b.t) for logistic in logistics] or [0] * 8
            if logistics:
                inputs += [logit_of(*of) for of in zip(others[0], other, others[1])] + [0] * 8
            else:
                inputs += [0] * 16
            last = 4 * groups[0] + groups[1]
            selectors = [15 * c + kind, 15 * sample["activity"] + kind, 15 * last + kind]
            context = (16 * c + sample["far"]) * 15 + kind
            bit = final(decoder, self.mixers, self.apm, inputs, selectors, last, context)
            for counter in numbered + hashed:
                counter.learn(bit, 255)
            for counter in mapped + [counter for counter in cached if counter]:
                counter.learn(bit, 511)
            for counter, expected in asked:
                counter.learn(int(bit == expected), 511)
            b.answer(bit)
            bounds[1 - bit], others[1 - bit] = at, other
        states.forget(lambda pixel: pixel[plane] != b.low)
        return b.low


def first_step(spread):
    return 1 << log2(max(spread // 16, 1))


def far_of(apart, spread):
    return 2 * min(2 * abs(apart) // max(spread, 4), 7) + (apart < 0)


def steps(width, height):
    for t in range(width + 3 * (height - 1)):
        yield t, [(row, t - 3 * row) for row in range(height) if 0 <= t - 3 * row < width]


class Pixel:
    def __init__(self, canvas, row, column):
        self.row, self.column, self.near = row, column, canvas.near(row, column)
        self.values, self.rank = [0, 0, 0], None

    def base(self, c):
        earlier = self.values[c - 1] - med(self.near, c - 1) if c else 0
        return med(self.near, c) + earlier

    def feed(self, network, regressions, off):
        """Section 1.4: the network sees the pixel."""
        at = self.row, self.column
        expected = regressions[0].expect(self.near, *at, self.values)
        errors = [local_errors(off[c], *at)[0] for c in (0, min(len(regressions), 2) - 1)]
        self.h = network.feed(*at, features(self.near, expected, errors))

    def distribution(self, network, c):
        differences = [self.values[i] - med(self.near, i) for i in range(c)]
        return Distribution(network.mixture(self.h, c, differences, difference), self.base(c))


def whole(values, colors):
    return tuple(values) if colors == 3 else (values[0],) * 3


# Section 1.2 with sections 5 and 6.
def code_colors(decoder, coder, network, width, height, colors):
    canvas = Canvas(width, height)
    regressions = [Regression(c, colors, width) for c in range(colors)]
    errors, missed = [Errors() for _ in range(3)], [Errors() for _ in range(3)]
    off, outcomes = [Errors([0] * 8) for _ in range(3)], Errors()
    for t, places in steps(width, height):
        pixels = [Pixel(canvas, row, column) for row, column in places]
        for p in pixels:
            p.hashes = template_hashes(p.near, 0)
            p.states = coder.history.look(p.hashes)
        if t % 3 == 0:
            for regression in regressions:
                regression.enter(places)
        for p in pixels:
            if network:
                p.feed(network, regressions, off)
                continue
            became = outcomes_of(outcomes, p.row, p.column)
            p.candidates, p.rank = coder.match.code(decoder, p.near, p.states, p.hashes, became, 0)
        rest = [p for p in pixels if p.rank is None]
        for c in range(colors):
            for p in rest:
                p.sample = colour_sample(p, c, network, regressions, errors, missed, off)
            for p in rest:
                value = coder.code(decoder, p.sample, p.states)
                sample, at = p.sample, (p.row, p.column)
                errors[c].set(*at, abs(sample["distribution"].center - value))
                missed[c].set(*at, abs(((sample["means"][0] + 8) >> 4) - value))
                off[c].set(*at, [min(abs(m - 16 * value) >> 2, 255) for m in sample["means"]])
                regressions[c].note(*at, value)
                coder.caches.note(sample["caches"], value)
                p.values[c] = value
        for p in pixels:
            at, earlier = (p.row, p.column), 0
            if p.rank is not None:
                p.values = list(p.candidates[p.rank][1])
                for c in range(colors):
                    m = med(p.near, c)
                    error = abs(clamp(m + earlier, 0, 255) - p.values[c])
                    errors[c].set(*at, error)
                    missed[c].set(*at, error)
                    earlier = p.values[c] - m
            pixel = whole(p.values, colors)
            if not network:
                outcomes.set(*at, 2 if p.rank is None else min(p.rank, 1))
                coder.match.learn(p.near, p.candidates, pixel)
            coder.history.note(p.hashes, pixel)
            canvas.rows[p.row][p.column] = pixel
    return planes_of(canvas, colors)


def planes_of(canvas, colors):
    return [[pixel[c] for row in canvas.rows for pixel in row] for c in range(colors)]


def outcomes_of(outcomes, row, column):
    return sum(times * outcomes(row, column, at) for at, times in ((W, 27), (N, 9), (NW, 3), (NE, 1)))


def colour_sample(p, c, network, regressions, errors, missed, off):
    near, at = p.near, (p.row, p.column)
    earlier = p.values[c - 1] - med(near, c - 1) if c else 0
    busy, regression_busy = activity(errors[c], *at), activity(missed[c], *at)
    expected = regressions[c].expect(near, *at, p.values)
    means = predictions(near, c, p.values, expected)
    distribution = p.distribution(network, c) if network else of_activity(busy, p.base(c))
    far = far_of(expected - 16 * distribution.center, distribution.spread)
    last = clamp(earlier, -20, 20) + 21 if c else 0
    known = c << 16 | p.values[0] << 8 | p.values[1]
    key = distribution.center << 16 | first_step(distribution.spread)
    west, north = near(W), near(N)
    return {
        "c": c,
        "distribution": distribution,
        "means": means,
        "logistics": [Logistic(m, o) for m, o in zip(means, local_errors(off[c], *at))],
        "activity": regression_busy,
        "far": far,
        "numbered": [(c, far, busy, regression_busy), (c, last, min(log2(distribution.spread), 15))],
        "hashes": [
            hash2(hash2(west[c] << 8 | north[c], known), key),
            hash2(hash2(word(west), known), key),
            hash2(hash2(word(north), known), key),
            hash2(
                hash2(hash2(word(west), word(north)), known),
                hash2(hash2(word(near(NW)), word(near(NE))), key),
            ),
        ],
        "caches": cache_hashes(near, c, p.values),
    }


# Section 7.2.
def code_plane(decoder, coder, width, height, plane, side):
    canvas, errors, outcomes = Canvas(width, height), Errors(), Errors()
    for row in range(height):
        for column in range(width):
            near = canvas.near(row, column)
            known = plane << 8 | side[row * width + column]
            key_of_known = known + (3 << 16)
            hashes = template_hashes(near, key_of_known)
            states = coder.history.look(hashes)
            became = outcomes_of(outcomes, row, column)
            candidates, rank = coder.match.code(decoder, near, states, hashes, became, 1)
            middle = med(near, 0)
            if rank is not None:
                value = candidates[rank][1][0]
            else:
                busy = activity(errors, row, column)
                distribution = of_activity(busy, middle)
                key = distribution.center << 16 | first_step(distribution.spread)
                w, n, nw, ne = (near(at)[0] for at in (W, N, NW, NE))
                around = (w << 8 | n, w << 8, n, w << 24 | n << 16 | nw << 8 | ne)
                value = coder.code(decoder, {
                    "c": 3,
                    "distribution": distribution,
                    "logistics": [],
                    "activity": busy,
                    "far": 0,
                    "numbered": [("alone", plane, busy), ("alone", known)],
                    "hashes": [hash2(hash2(a, key_of_known), key) for a in around],
                    "caches": None,
                }, states)
            pixel = (value,) * 3
            outcomes.set(row, column, 2 if rank is None else min(rank, 1))
            coder.match.learn(near, candidates, pixel)
            coder.history.note(hashes, pixel)
            canvas.rows[row][column] = pixel
            errors.set(row, column, abs(value - middle))
    return planes_of(canvas, 1)[0]
