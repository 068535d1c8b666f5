"""Images and their tiles: docs/spec/format.md, section 5, and docs/spec/image.md."""

from container import need
from entropy import Apm, Counter, MixerSet, PlainMap, Prior, RangeDecoder, clamp, coarse, hash2, log2, odds, squash, stretch
from least_squares import Regression
from network import PixelNetwork, weights_of
from pixels import (
    N, NE, NN, NW, W, WW, Binarization, Canvas, Distribution, Errors, Logistic, PixelHistory, ValueCaches, activity,
    cache_hashes, difference, error_class, features, known_logit, local_errors, logit_of, med, of_activity,
    predictions, share, template_hashes, word,
)
from drawn_tile import code_drawn
from fast_tile import code_fast
from spec import artefact

CHANNELS = {0: (1, 1), 1: (2, 1), 2: (3, 1), 3: (4, 1), 4: (1, 2), 5: (2, 2), 6: (3, 2), 7: (4, 2)}


class Contexts:
    """Counters by any context, fresh at first."""

    def __init__(self):
        self.counters = {}

    def __getitem__(self, key):
        if key not in self.counters:
            self.counters[key] = Counter()
        return self.counters[key]


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


# Section 7.1.
class Photo:
    def __init__(self, k, name):
        prior = Prior(artefact(name))
        self.mixers, self.apm = MixerSet([33, 242, 242], 22, 16, 100, 120), Apm(48 * 11, 7)
        prior.mixer_set(self.mixers)
        prior.apm(self.apm)
        self.caches, self.counters = ValueCaches(k, 3, 11, prior), Contexts()
        prior.end()

    def code(self, decoder, p, c, expected, off, distribution):
        near = p.near
        means = predictions(near, c, p.values, expected)
        logistics = [Logistic(m, o) for m, o in zip(means, off)]
        if distribution:
            center, spread, main = distribution.center, distribution.spread, distribution
            length = second = min(log2(spread), 15)
            far = far_of(expected - 16 * center, spread)
        else:
            center, spread, main = clamp((expected + 8) >> 4, 0, 255), logistics[0].scale // 4, logistics[0]
            length, second = log2(off[0] + 1), error_class(off[1])
            far = far_of(expected - means[1], spread)
        last = clamp(p.values[c - 1] - med(near, c - 1), -20, 20) + 21 if c else 0
        hashes = cache_hashes(near, c, p.values)
        found = self.caches.look(hashes)
        b = Binarization(center, first_step(spread))
        # The last of nine is that of `main`.
        bounds = [[0] * 9, [1 << 24] * 9]
        while b.ask():
            kind = b.kind
            at = [logistic.below(b.t) for logistic in logistics + [main]]
            if kind >= 11:
                bit = decoder.decide(share(bounds[0][8], at[8], bounds[1][8]))
            else:
                counter = self.counters[c, last, length, kind]
                cached = self.caches.ask(found, c, b)
                logits = [logit_of(*of) for of in zip(bounds[0], at, bounds[1])]
                inputs = logits[:8] + [odds(23225, 8544), odds_of(counter)]
                inputs += [odds_of(one or Counter()) for one in cached]
                inputs += [logits[8] if distribution else 0, 0, 0]
                selectors = [11 * c + kind, 11 * error_class(off[0]) + kind, 11 * second + kind]
                context = (16 * c + far) * 11 + kind
                bit = final(decoder, self.mixers, self.apm, inputs, selectors, second, context)
                counter.learn(bit, 255)
                for one in cached:
                    if one:
                        one.learn(bit, 511)
            b.answer(bit)
            bounds[1 - bit] = at
        self.caches.note(hashes, b.low)
        return b.low, means


def odds_of(counter):
    return odds(2 * counter.p + 1, (1 << 17) - 2 * counter.p - 1)


def code_photo(decoder, coder, network, width, height, colors):
    canvas = Canvas(width, height)
    regressions = [Regression(c, colors, width) for c in range(colors)]
    off = [Errors([0] * 8) for _ in range(colors)]
    for t, places in steps(width, height):
        pixels = [Pixel(canvas, row, column) for row, column in places]
        if t % 3 == 0:
            for regression in regressions:
                regression.enter(places)
        if network:
            for p in pixels:
                p.feed(network, regressions, off)
        for c in range(colors):
            for p in pixels:
                p.expected = regressions[c].expect(p.near, p.row, p.column, p.values)
                p.off = local_errors(off[c], p.row, p.column)
            for p in pixels:
                distribution = p.distribution(network, c) if network else None
                value, means = coder.code(decoder, p, c, p.expected, p.off, distribution)
                off[c].set(p.row, p.column, [min(abs(m - 16 * value) >> 2, 255) for m in means])
                regressions[c].note(p.row, p.column, value)
                p.values[c] = value
        for p in pixels:
            canvas.rows[p.row][p.column] = whole(p.values, colors)
    return planes_of(canvas, colors)


# Which network a tile has, and the priors of its colour planes and of other ones.
TILES = {
    "contexts-only": (None, "mixed-tile.bin", None),
    "network": ("image", "network-tile.bin", None),
    "photo": ("shallow", "photo-tile.bin", "network-tile.bin"),
    "deep": ("image", "deep-tile.bin", "network-tile.bin"),
    "linear": (None, "linear-tile.bin", "mixed-tile.bin"),
    "lattice photo": ("shallow", "photo-lattice.bin", "network-tile.bin"),
    "lattice deep": ("image", "deep-lattice.bin", "network-tile.bin"),
    "lattice linear": (None, "linear-lattice.bin", "mixed-tile.bin"),
}


# Section 12.1.
TRANSFORMS = {
    1: ((65536, 0, 91881, 32768), (65536, -22554, -46802, 32768), (65536, 116130, 0, 32768)),
    2: ((76308, 0, 104596, -1188160), (76308, -25676, -53280, -1188160), (76308, 132200, 0, -1188160)),
    3: ((76309, 0, 117489, -1188176), (76309, -13975, -34925, -1188176), (76309, 138438, 0, -1188176)),
    4: ((65536, 0, 103206, 32768), (65536, -12276, -30679, 32768), (65536, 121608, 0, 32768)),
}


def read_transform(payload):
    need(payload and payload[0] <= 4, "the tile's transform has no such number")
    if payload[0]:
        return TRANSFORMS[payload[0]], payload[1:]
    need(len(payload) >= 49, "the tile ends before its transform")
    numbers = [int.from_bytes(payload[i : i + 4], "little", signed=True) for i in range(1, 49, 4)]
    return tuple(tuple(numbers[i : i + 4]) for i in (0, 4, 8)), payload[49:]


# Section 12.2.
def from_triples(decoder, transform, triples, width):
    counters, colors = Contexts(), [[], [], []]
    any_exception = decoder.decide(1 << 15)

    def decide(*context):
        counter = counters[context]
        bit = decoder.decide(clamp(counter.p, 1, 65535))
        counter.learn(bit, 511)
        return bit

    def exception(c, said, eighth):
        if decide("above", c, eighth):
            return (said + 1) & 255
        if decide("below", c, eighth):
            return (said - 1) & 255
        node = 1
        for _ in range(8):
            node = node << 1 | decide("byte", c, node)
        return node & 255

    row = [[0, 0, 0] for _ in range(width)]
    for at, (luma, first, second) in enumerate(zip(*triples)):
        column = at % width
        north, west, before = row[column], row[column - 1] if column else [0, 0, 0], 0
        row[column] = [0, 0, 0]
        for c, (y, p, q, one) in enumerate(transform):
            total = y * luma + p * (first - 128) + q * (second - 128) + one
            said, eighth, value = clamp(total >> 16, 0, 255), (total >> 13) & 7, None
            if any_exception and decide("is", c, eighth, west[c], north[c], before):
                value = exception(c, said, eighth)
            colors[c].append(said if value is None else value)
            row[column][c] = int(value is not None and value != said)
            before += row[column][c]
    return colors


# Section 1.1.
def code_tile(kind, payload, width, height, color, model):
    channels, size = CHANNELS[color]
    if kind == "fast":
        need(width >= 16 and height >= 8, "a fast tile is too small")
        return code_fast(payload, width, height, channels, size)
    if kind == "drawn":
        need(size == 1, "a drawn tile has samples of 8 bits")
        return code_drawn(payload, width, height, channels, Prior(artefact("drawn-tile.bin")))
    need(kind in TILES, "a tile has no such kind")
    colors = 3 if channels >= 3 else 1
    k = clamp((width * height - 1).bit_length() - 2, 10, 16)
    transform = None
    if kind.startswith("lattice"):
        need(colors == 3 and size == 1, "a lattice has three colours of eight bits")
        transform, payload = read_transform(payload)
    decoder, count = RangeDecoder(payload), channels * size
    mode, prior, prior_of_others = TILES[kind]
    network = PixelNetwork(weights_of(model), mode, width) if mode else None
    if prior_of_others:
        planes = code_photo(decoder, Photo(k, prior), network, width, height, colors)
        others = AllContexts(k, prior_of_others) if count > colors else None
    else:
        others = AllContexts(k, prior)
        planes = code_colors(decoder, others, network, width, height, colors)
    for plane in range(colors, count):
        side = planes[plane - channels] if plane >= channels else [0] * (width * height)
        planes.append(code_plane(decoder, others, width, height, plane, side))
    if transform:
        planes[:3] = from_triples(decoder, transform, planes[:3], width)
    # The upper bytes of all channels, then the lower ones, become whole samples.
    order = [channel + channels * part for channel in range(channels) for part in range(size)]
    return bytes(planes[plane][i] for i in range(width * height) for plane in order)


# format.md, section 5.
def read_image(stream):
    return read_pixels(stream)[0]


def read_pixels(stream):
    """The pixels and the image header."""
    need(stream.parameter == 0, "the parameter of an image is 0")
    pieces, header, kinds = [], None, set()
    tiles, sums = iter(()), []
    for chunk in stream.chunks():
        if chunk.kind == "end":
            # Section 5.4.
            need(chunk.final and next(tiles, None) is None, "the end is out of place")
            chunk.verify(b"".join(sums), chunk.checksum())
            need(chunk.body.number() == len(sums) and chunk.body.done(), "the end counts other chunks")
            continue
        need(not chunk.final or len(sums) == 1, "an image of several chunks needs an end")
        if chunk.kind is not None:
            sums.append(chunk.body.data[:4])
        if chunk.kind == "image header":
            need(header is None and not chunk.final, "the image header is out of place")
            header = read_header(chunk.checked_rest())
            tiles = iter(areas(*header))
        elif header is None:
            need(False, "the image header must come first")
        elif chunk.kind is None:
            chunk.checked_rest()
        elif chunk.kind == "empty":
            need(False, "an empty chunk in an image")
        elif chunk.kind == "metadata":
            need(not pieces, "metadata stands before tiles")
            code = chunk.checked_rest().byte()
            need(1 <= code <= 16 or chunk.type & 0x80, "metadata of unknown code may not be skipped")
            need(code not in kinds or code > 16, "metadata twice")
            kinds.add(code)
        else:
            area = next(tiles, None)
            need(area is not None, "there are too many tiles")
            pieces.append((area, read_tile(chunk, area, header, stream.model)))
    need(next(tiles, None) is None, "there are too few tiles")
    return assemble(pieces, header), header


def read_header(content):
    width, height = content.number(), content.number()
    color = content.byte()
    tile = content.number(), content.number()
    need(content.done() and color in CHANNELS, "the image header is wrong")
    need(1 <= tile[0] <= width and 1 <= tile[1] <= height and tile[0] * tile[1] <= 1 << 22, "tiles have a wrong size")
    need(tile[0] * tile[1] >= min(1 << 10, width * height), "tiles are too small")
    return width, height, color, *tile


def areas(width, height, _, tile_width, tile_height):
    for top in range(0, height, tile_height):
        for left in range(0, width, tile_width):
            yield left, top, min(tile_width, width - left), min(tile_height, height - top)


def read_tile(chunk, area, header, model):
    _, _, width, height = area
    color = header[2]
    size = width * height * CHANNELS[color][0] * CHANNELS[color][1]
    if chunk.kind == "fill":
        content = chunk.checked_rest()
        need(content.number() == size, "a fill has another length than its tile")
        pixel = content.rest()
        need(len(pixel) * width * height == size, "a fill has another pixel than its tile")
        return pixel * (width * height)
    checksum = chunk.checksum()
    payload = chunk.body.rest()
    raw = payload if chunk.kind == "stored" else code_tile(chunk.kind, payload, width, height, color, model)
    need(len(raw) == size and len(payload) <= size, "a tile has the wrong length")
    return chunk.verify(raw, checksum)


def assemble(pieces, header):
    width, height, color = header[:3]
    size = CHANNELS[color][0] * CHANNELS[color][1]
    rows = [bytearray(width * size) for _ in range(height)]
    for (left, top, columns, count), raw in pieces:
        for row in range(count):
            part = raw[row * columns * size : (row + 1) * columns * size]
            rows[top + row][left * size : (left + columns) * size] = part
    return b"".join(rows)
