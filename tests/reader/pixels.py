"""Neighbours, distributions, predictions, histories and caches: docs/spec/image.md."""

from entropy import Counter, DECAY, T, clamp, hash2, log2, odds, stretch
from least_squares import GREY, f32
from spec import numbers

W, N, NW, NE, WW, NN, NNE = (0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (2, 1)


def word(pixel):
    return pixel[0] | pixel[1] << 8 | pixel[2] << 16


# Section 1.3.
class Canvas:
    GREY = (128, 128, 128)

    def __init__(self, width, height):
        self.width, self.rows = width, [[None] * width for _ in range(height)]

    def near(self, row, column):
        def get(offset):
            r, c = row - offset[0], column + offset[1]
            if r < 0:
                return self.GREY
            if c < 0:
                return self.rows[r - 1][0] if r else self.GREY
            return self.rows[r][min(c, self.width - 1)]

        return get


def med(near, c):
    w, n, corner = near(W)[c], near(N)[c], near(NW)[c]
    return sorted((w, n, w + n - corner))[1]


# Section 1.4.
DIFFERENCE = numbers("image.md", "1.4")


def difference(d):
    return DIFFERENCE[min(d, 255)] if d >= 0 else -DIFFERENCE[min(-d, 255)]


def features(near, expected, errors):
    """`errors` are the local errors of sub-predictor 0 for the first two colours."""
    middle = [med(near, c) for c in range(3)]
    out = [difference(near(at)[c] - middle[c]) for at in GREY for c in range(3)]
    out += [clamp(m - 128, -127, 127) for m in middle]
    out += [difference(middle[(c + 1) % 3] - middle[c]) for c in range(3)]
    a = expected - 16 * middle[0]
    return out + [clamp(a, -127, 127), difference((a + 8) >> 4)] + [5 * error_class(off) for off in errors]


# Section 2.
def table(place):
    i = place >> 8
    return T[i] + (((T[i + 1] - T[i]) * (place & 255)) >> 8)


def floor(b, t):
    return b - (b >> 8) + 256 * t


class Distribution:
    def __init__(self, mixture, base):
        weights, means, scales = mixture
        shares = [DECAY[min(max(weights) - w, 2815)] for w in weights]
        q = (1 << 32) // sum(shares)
        self.w = [(share * q) >> 16 for share in shares]
        self.inv = [(DECAY[8 * (clamp(s, -96, 160) + 96)] * 2632652) >> 16 for s in scales]
        self.far = [89856 * 256 // inv + 1 for inv in self.inv]
        self.m = [mean + 16 * base for mean in means]
        self.spread = max((1 << 37) // max(sum(w * i for w, i in zip(self.w, self.inv)), 1), 1)
        total = sum(w * m for w, m in zip(self.w, self.m))
        self.center = clamp(((total >> 16) + 8) >> 4, 0, 255)

    def below(self, t):
        if t in (0, 256):
            return t << 16
        total = 0
        for w, inv, far, m in zip(self.w, self.inv, self.far, self.m):
            d = clamp(16 * t - 8 - m, -far, far)
            total += w * table(clamp((d * inv) >> 8, -89856, 89855) + 89856)
        return floor(total >> 16, t)


def of_activity(activity, base):
    scale = (-73, -51, -34, -16, 0, 15, 29, 44, 60, 77, 96, 118)[activity]
    scales = [scale + wider for wider in (-16, 0, 16, 32, 64)]
    return Distribution(((0, 128, 0, -256, -512), (0,) * 5, scales), base)


# Section 4.
class Logistic:
    def __init__(self, mean, off):
        self.mean, self.scale = mean, off + (off >> 1) + 6
        self.slope = f32(32768 / self.scale)

    def below(self, t):
        if t in (0, 256):
            return t << 16
        place = f32((16 * t - 8 - self.mean) * self.slope)
        return floor(table(int(f32(min(max(place, -89856.0), 89855.0) + 89856.0))), t)


def own_predictions(near, c):
    w, n, ne = near(W)[c], near(N)[c], near(NE)[c]
    return [
        0, med(near, c), w, n, w + ne - n, 2 * w - near(WW)[c], 2 * n - near(NN)[c], n + ne - near(NNE)[c],
    ]


def predictions(near, c, values, expected):
    own = own_predictions(near, c)
    if c:
        before, first = own_predictions(near, c - 1), own_predictions(near, 0)
        for k in range(8):
            own[k] += values[c - 1] - before[k] if k < 6 else values[0] - first[k]
    return [expected] + [16 * clamp(e, 0, 255) for e in own[1:]]


class Errors:
    """Numbers of known samples, with zeros beyond the tile."""

    def __init__(self, zero=0):
        self.known, self.zero = {}, zero

    def __call__(self, row, column, offset):
        return self.known.get((row - offset[0], column + offset[1]), self.zero)

    def set(self, row, column, value):
        self.known[row, column] = value


def local_errors(errors, row, column):
    sums = [0] * 8
    for offset, times in ((W, 2), (N, 2), (NW, 1), (NE, 1), (WW, 1), (NN, 1)):
        for k, off in enumerate(errors(row, column, offset)):
            sums[k] += times * off
    return sums


def error_class(off):
    e = log2(off + 1)
    return 2 * e + ((off + 1) >> (e - 1) & 1 if e else 0)


def activity(errors, row, column):
    total = sum(times * errors(row, column, at) for at, times in ((W, 2), (N, 2), (NW, 1), (NE, 1)))
    return sum(total > bound for bound in (0, 1, 3, 5, 9, 15, 24, 38, 62, 105, 190))


# Section 6.1.
class Binarization:
    def __init__(self, center, step):
        self.low, self.high, self.up, self.width = 0, 256, True, step
        self.center, self.stage = center, 0 if center else 1

    def ask(self):
        if self.high - self.low == 1:
            return False
        if self.stage == 0:
            self.t, self.kind = self.center, 0
        if 1 <= self.stage < 9:
            t = self.low + self.width if self.up else self.high - self.width
            if self.low < t < self.high:
                self.t, self.kind = t, min(self.stage, 5) + (0 if self.up else 5)
            else:
                self.stage = 9
        if self.stage >= 9:
            self.t, self.kind = self.low + (self.high - self.low) // 2, 11 + min(self.stage - 9, 3)
        return True

    def answer(self, bit):
        if bit:
            self.low = self.t
        else:
            self.high = self.t
        if self.stage == 0:
            self.up, self.stage = bool(bit), 1
        elif self.stage >= 9:
            self.stage += 1
        elif bool(bit) != self.up:
            self.stage = 9
        else:
            if self.stage > 1:
                self.width *= 2
            self.stage += 1


def known_logit(counter):
    return stretch(counter.p) if counter.n else 0


# Section 8.
TEMPLATE = [W, N, NW, NE, WW, NN, (1, 2), (1, -2), (2, -1), (2, 1), (0, -3), (2, 2)]
FACTORS = [0x9E3779B97F4A7C15]
for _ in range(11):
    FACTORS.append(FACTORS[-1] * 0x5851F42D4C957F2D & (1 << 64) - 1)


def template_hashes(near, known):
    hashes, total = {}, 0
    for i, offset in enumerate(TEMPLATE):
        total = (total + (word(near(offset)) + 1) * FACTORS[i]) & (1 << 64) - 1
        hashes[i + 1] = hash2((total >> 32) ^ (total & 0xFFFFFFFF), known)
    return [hashes[n] for n in (12, 8, 4, 2)]


class State:
    __slots__ = ("first", "times", "second", "others")

    def __init__(self, first=(0, 0, 0), times=0, second=(0, 0, 0), others=0):
        self.first, self.times, self.second, self.others = first, times, second, others

    def came(self, pixel):
        if self.times == 0:
            return State(pixel, 1)
        if self.first == pixel:
            return State(pixel, min(self.times + 1, 15), self.second, self.others)
        again = self.others > 0 and self.second == pixel
        others = min(self.others + 1, 15) if again else 1
        times = (self.times + 1) // 2
        if others >= times:
            return State(pixel, others, self.first, times)
        return State(self.first, times, pixel, others)


def group(times):
    return (0, 1, 2, 2, 2, 2)[times] if times < 6 else 3


class States:
    """What the four templates say of a pixel."""

    def __init__(self, states):
        self.states = [State(s.first, s.times, s.second, s.others) for s in states]

    def groups(self):
        return group(self.states[0].times), group(self.states[2].times)

    def known(self):
        return any(s.times or s.others for s in self.states)

    def forget(self, wrong):
        for s in self.states:
            if wrong(s.first):
                s.times = 0
            if wrong(s.second):
                s.others = 0


class PixelHistory:
    def __init__(self, k, prior):
        self.k, self.tables = k, [{} for _ in range(4)]
        self.counters = [Counter() for _ in range(4 * 16 * 4 * 15)]
        prior.counters(self.counters)

    def look(self, hashes):
        return States([self.state(i, h) for i, h in enumerate(hashes)])

    def state(self, i, h):
        check, state = self.tables[i].get(h >> (32 - self.k), (0, State()))
        return state if check == h & 255 | 1 else State()

    def note(self, hashes, pixel):
        for i, h in enumerate(hashes):
            self.tables[i][h >> (32 - self.k)] = (h & 255 | 1, self.state(i, h).came(pixel))

    def ask(self, states, c, b):
        """For each template the input, and the counter with the outcome it expects."""
        inputs, asked = [0] * 4, []
        for i, s in enumerate(states.states):
            first_in = s.times > 0 and b.low <= s.first[c] < b.high
            second_in = s.others > 0 and b.low <= s.second[c] < b.high
            one, two = s.first[c] >= b.t, s.second[c] >= b.t
            if first_in:
                second = 0 if not second_in else 1 if one == two else 2 + (s.others > 1)
                times, expected = s.times, one
            elif second_in:
                second, times, expected = min(s.others, 4) - 1, 0, two
            else:
                continue
            counter = self.counters[((i * 16 + times) * 4 + second) * 15 + b.kind]
            inputs[i] = stretch(counter.p) if expected else -stretch(counter.p)
            asked.append((counter, expected))
        return inputs, asked


# Section 9.
def cache_hashes(near, c, values):
    west, north = word(near(W)), word(near(N))
    known = c << 16 | values[0] << 8 | values[1]
    if c == 0:
        return [hash2(known, west), hash2(known + (1 << 24), north), hash2(known + (2 << 24), hash2(west, north))]
    return [hash2(known, 0), hash2(known + (1 << 24), west), hash2(known + (2 << 24), north)]


class ValueCaches:
    def __init__(self, k, channels, kinds, prior):
        self.k, self.entries, self.kinds = k, {}, kinds
        self.counters = [Counter() for _ in range(channels * 3 * 64 * kinds)]
        prior.counters(self.counters)

    def look(self, hashes):
        found = []
        for h in hashes:
            check, places = self.entries.get(h >> (32 - self.k), (0, []))
            found.append([tuple(place) for place in places] if check == h else [])
        return found

    def note(self, hashes, value):
        for h in hashes:
            at = h >> (32 - self.k)
            check, places = self.entries.get(at, (0, None))
            if check != h or places is None:
                places = [[0, 0] for _ in range(8)]
                self.entries[at] = (h, places)
            for place in places:
                if place[0] == value and place[1]:
                    place[1] += 1
                    if any(count == 255 for _, count in places):
                        for p in places:
                            p[1] -= p[1] >> 1
                    break
            else:
                rarest = min(places, key=lambda p: p[1])
                rarest[:] = [value, 1]

    def ask(self, found, c, b):
        counters = []
        for i, places in enumerate(found):
            under = sum(count for value, count in places if b.low <= value < b.t)
            over = sum(count for value, count in places if b.t <= value < b.high)
            said = 8 * min(under.bit_length(), 7) + min(over.bit_length(), 7)
            counters.append(self.counters[((c * 3 + i) * 64 + said) * self.kinds + b.kind] if said else None)
        return counters


def share(low, at, high):
    return clamp(((high - at) << 16) // (high - low), 1, 65535)


def logit_of(low, at, high):
    return odds(high - at, at - low)
