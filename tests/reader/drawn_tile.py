"""Drawn tiles, docs/spec/drawn.md."""

from entropy import Counter, RangeDecoder, clamp, f32, fine, hash2, squash
from pixels import Binarization, FACTORS, N, NE, NN, NNE, NW, State, TEMPLATE, W, WW, group

FURTHER = [WW, NN, (1, 2), (1, -2), NNE, (2, -1), (1, 3), (2, 2)]


def parts(pixel):
    return [pixel >> (8 * c) & 255 for c in range(4)]


# Section 1.
class Pixels:
    def __init__(self, width, height, channels):
        self.width, self.rows = width, [[None] * width for _ in range(height)]
        self.beyond = sum(128 << (8 * c) for c in range(channels))

    def near(self, row, column):
        def get(offset):
            r, c = row - offset[0], column + offset[1]
            if r < 0:
                return self.beyond
            if c < 0:
                return self.rows[r - 1][0] if r else self.beyond
            return self.rows[r][min(c, self.width - 1)]

        return get


# Section 4.
class Mixing:
    def __init__(self, sets, counters, start, rate):
        first = [f32(start)] * counters + [0.0] * (16 - counters)
        self.sets = [[list(first) for _ in range(sets[0])], [[0.0] * 16 for _ in range(sets[1])]]
        self.rate = f32(f32(rate) * 2.0**-24)

    def load(self, prior):
        for sets in self.sets:
            for weights in sets:
                weights[:] = [16 * (b - 128) * abs(b - 128) / 65536 for b in prior.take(16)]

    def decide(self, decoder, counters, selectors):
        x = [fine(counter.p) for counter in counters]
        x += [0] * (15 - len(x)) + [256]
        u, v = (sets[selector] for sets, selector in zip(self.sets, selectors))
        z = [f32(x[i] * f32(u[i] + v[i])) for i in range(16)]
        z = [f32(z[i] + z[i + 8]) for i in range(8)]
        z = [f32(z[i] + z[i + 4]) for i in range(4)]
        total = f32(f32(z[0] + z[2]) + f32(z[1] + z[3]))
        p = squash(int(min(max(total, -2815.0), 2815.0)))
        bit = decoder.decide(p)
        for counter in counters:
            counter.learn(bit, 255)
        error = f32((65536 * bit - p) * self.rate)
        for i in range(16):
            step = f32(x[i] * error)
            u[i], v[i] = f32(u[i] + step), f32(v[i] + step)
        return bit


# Section 3.
class Candidates:
    def __init__(self, k, prior):
        self.k, self.tables, self.hashed = k, [{} for _ in range(4)], {}
        self.templates = [Counter() for _ in range(4 * 3 * 16 * 4 * 3)]
        self.alike = [Counter() for _ in range(3 * 64 * 4)]
        self.around = [Counter() for _ in range(3 * 81 * 2)]
        self.mixing = Mixing([48, 192], 10, 0.25, 0.01)
        for counters in (self.templates, self.alike, self.around):
            prior.counters(counters)
        self.mixing.load(prior)

    def hashes(self, near):
        hashes, total = {}, 0
        for i, offset in enumerate(TEMPLATE):
            total = (total + (near(offset) + 1) * FACTORS[i]) % (1 << 64)
            hashes[i + 1] = hash2((total >> 32) ^ (total % (1 << 32)), 0)
        return [hashes[n] for n in (12, 8, 4, 2)]

    def look(self, hashes):
        states = []
        for table, h in zip(self.tables, hashes):
            check, state = table.get(h >> (32 - self.k), (0, None))
            states.append(state if check == h & 65535 | 1 else State(0, 0, 0, 0))
        return states

    def see(self, hashes, states, pixel):
        for table, h, state in zip(self.tables, hashes, states):
            table[h >> (32 - self.k)] = h & 65535 | 1, state.came(pixel)

    def shared(self, i, h):
        return self.hashed.setdefault((i, h >> (32 - self.k)), Counter())

    def code(self, decoder, near, states, hashes, excluded, around):
        """The pixel or none, and what became of it."""
        listed = [s.first for s in states if s.times] + [s.second for s in states if s.others]
        listed += [near(at) for at in (W, N, NE, NW)]
        candidates = [p for p in dict.fromkeys(listed) if p != excluded][:3]
        outcomes = 27 * around[0] + 9 * around[1] + 3 * around[2] + around[3]
        groups = [group(s.times) for s in states]
        for rank, v in enumerate(candidates):
            equal = sum((near(at) == v) << i for i, at in enumerate((W, N, NE, NW, WW, NN)))
            counters = []
            for i, s in enumerate(states):
                which = 0 if s.times and s.first == v else 1 if s.others and s.second == v else 2
                at = (((i * 3 + rank) * 16 + s.times) * 4 + min(s.others, 3)) * 3 + which
                counters.append(self.templates[at])
            counters.append(self.alike[(rank * 64 + equal) * 4 + groups[2]])
            counters.append(self.around[(rank * 81 + outcomes) * 2 + (equal & 1)])
            for i, other in enumerate((rank, hash2(near(W), near(N)), hashes[2], hashes[0])):
                counters.append(self.shared(i, hash2(v, other)))
            selectors = 16 * rank + 4 * groups[0] + groups[2], 64 * rank + equal
            if self.mixing.decide(decoder, counters, selectors):
                return v, int(rank > 0)
        return None, 2


def far(d, most, bounds):
    size = min(abs(d), most) + sum(abs(d) > bound for bound in bounds)
    return size if d >= 0 else -size


def over(value, bounds):
    return sum(value > bound for bound in bounds)


# Section 5.
class Samples:
    CLASSES = 0, 2, 7, 15, 31, 79, 199
    ACTIVITIES = 0, 1, 3, 5, 9, 15, 24, 38, 62, 105, 190
    STEPS = 1, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 16

    def __init__(self, k, prior):
        self.k, self.entries, self.others = k, {}, {}
        self.predicted = [Counter() for _ in range(8 * 8 * 23 * 15)]
        self.cached = [Counter() for _ in range(4 * 3 * 64 * 15)]
        self.active = [Counter() for _ in range(4 * 12 * 15)]
        self.last = [Counter() for _ in range(4 * 42 * 15 * 2)]
        self.mixing = Mixing([60, 180], 15, 0.15, 0.009)
        for counters in (self.predicted, self.cached, self.active, self.last):
            prior.counters(counters)
        self.mixing.load(prior)

    def places(self, h):
        check, places = self.entries.get(h >> (32 - self.k), (0, []))
        return places if check == h else []

    def note(self, h, value):
        places = self.places(h)
        if not places:
            places = [[0, 0] for _ in range(8)]
            self.entries[h >> (32 - self.k)] = h, places
        for place in places:
            if place[0] == value and place[1]:
                place[1] += 1
                if place[1] == 255:
                    for p in places:
                        p[1] -= p[1] >> 1
                return
        min(places, key=lambda p: p[1])[:] = [value, 1]

    def predictions(self, near, pixel, c, before):
        w, n, nw, ne, ww, nn, nne = (parts(near(at))[c] for at in (W, N, NW, NE, WW, NN, NNE))
        own = [sorted((w, n, w + n - nw))[1], w, n, w + ne - n, 2 * w - ww, 2 * n - nn, n + ne - nne]
        more = [parts(pixel)[c - 1] - e for e in before] if c else [0] * 7
        said = [clamp(e + m, 0, 255) for e, m in zip(own, more)]
        if c == 0:
            return own, said + [(w + n + 1) >> 1]
        first = parts(near(W))[0]
        other = max((near(at) for at in (N, NE, NW, NN, WW)), key=lambda o: abs(parts(o)[0] - first))
        span, step = parts(other)[0] - first, parts(pixel)[0] - first
        if span:
            sign = 1 if span > 0 else -1
            step = (2 * step * (parts(other)[c] - w) * sign + abs(span)) // (2 * abs(span))
        return own, said + [clamp(w + step, 0, 255)]

    def code(self, decoder, near, channels, around):
        pixel, before, last, errors = 0, None, 0, []
        for c in range(channels):
            own, said = self.predictions(near, pixel, c, before)
            before = own
            off = [2 * (w + n) + nw + ne for w, n, nw, ne in zip(*(e[c] for e in around))]
            active = over(off[0], self.ACTIVITIES)
            known = (c << 24) + pixel
            west, north = near(W), near(N)
            if c == 0:
                hashes = hash2(known, west), hash2(known + (1 << 27), north), hash2(known + (1 << 28), hash2(west, north))
            else:
                hashes = hash2(known, 0), hash2(known + (1 << 27), west), hash2(known + (1 << 28), north)
            found = [[list(p) for p in self.places(h)] for h in hashes]
            step = self.STEPS[active]
            line = hash2(known, (said[0] << 8) + step) >> (34 - self.k)
            b = Binarization(said[0], step)
            while b.ask():
                counters = []
                for i in range(8):
                    at = (i * 8 + over(off[i], self.CLASSES)) * 23 + far(b.t - said[i], 8, (12, 20, 40)) + 11
                    counters.append(self.predicted[at * 15 + b.kind])
                for i, places in enumerate(found):
                    under = sum(count for value, count in places if b.low <= value < b.t)
                    above = sum(count for value, count in places if b.t <= value < b.high)
                    votes = 8 * min(under.bit_length(), 7) + min(above.bit_length(), 7)
                    counters.append(self.cached[((c * 3 + i) * 64 + votes) * 15 + b.kind])
                counters.append(self.active[(c * 12 + active) * 15 + b.kind])
                counters.append(self.last[((c * 42 + last) * 15 + b.kind) * 2 + (step > 2)])
                near_them = tuple(far(b.t - said[i], 1, (1, 6)) for i in (1, 2, 7))
                counters.append(self.others.setdefault((near_them, b.kind, c > 0), Counter()))
                counters.append(self.others.setdefault((line, b.kind), Counter()))
                b.answer(self.mixing.decide(decoder, counters, (15 * c + b.kind, 15 * active + b.kind)))
            for h in hashes:
                self.note(h, b.low)
            errors.append([abs(b.low - s) for s in said])
            last = clamp(b.low - own[0], -20, 20) + 21
            pixel |= b.low << (8 * c)
        return pixel, errors


def code_drawn(payload, width, height, channels, prior):
    decoder, k = RangeDecoder(payload), clamp((width * height - 1).bit_length() - 2, 10, 16)
    flat = [Counter(65280, 0) for _ in range(256 * 8)]
    prior.counters(flat)
    candidates, samples = Candidates(k, prior), Samples(k, prior)
    prior.end()
    pixels, none = Pixels(width, height, channels), [[0] * 8] * channels
    outcomes, errors = {}, {}
    for row in range(height):
        run, all_flat = 0, True
        for column in range(width):
            near = pixels.near(row, column)
            west, is_flat = near(W), near(W) == near(N) == near(NW) == near(NE)
            if is_flat:
                alike = sum((near(at) == west) << i for i, at in enumerate(FURTHER))
                counter = flat[alike * 8 + (7 if all_flat else over(run, (0, 1, 3, 7, 15, 63)))]
                bit = decoder.decide(clamp(counter.p, 1, 65535))
                counter.learn(bit, 511)
                if bit:
                    pixels.rows[row][column] = west
                    run += 1
                    continue
            run, all_flat = 0, False
            at = [(row - up, column + right) for up, right in (W, N, NW, NE)]
            hashes = candidates.hashes(near)
            states = candidates.look(hashes)
            around = [outcomes.get(a, 0) for a in at]
            pixel, outcomes[row, column] = candidates.code(
                decoder, near, states, hashes, west if is_flat else None, around
            )
            if pixel is None:
                around = [errors.get(a, none) for a in at]
                pixel, errors[row, column] = samples.code(decoder, near, channels, around)
            pixels.rows[row][column] = pixel
            candidates.see(hashes, states, pixel)
    return bytes(sample for line in pixels.rows for pixel in line for sample in parts(pixel)[:channels])
