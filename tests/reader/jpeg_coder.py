"""Coefficients of JPEG files: docs/spec/jpeg.md, sections 1 and 4 to 6."""

from container import Reader, need
from entropy import clamp
from jpeg_constant import Constants
from jpeg_model import Learner, f32, level, level_of, salt_of, signed, trunc

ZIGZAG = sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8 if (k // 8 + k % 8) % 2 else k % 8))
INTERIOR = [k for k in ZIGZAG if k // 8 and k % 8]
PASSES = [INTERIOR, list(range(7, 0, -1)), list(range(56, 0, -8))]
EDGES = [list(range(1, 8)), list(range(8, 64, 8))]
NOTHING = [0] * 64
G = [f32(0.70710677)] + [-1.0 if u % 2 else 1.0 for u in range(1, 8)]
EM_RATE, EV_RATE = f32(0.006), f32(0.004)


class Plane:
    """`rows` times `wide` blocks, and what is known of each."""

    def __init__(self, rows, wide, h, v, steps):
        self.rows, self.wide, self.h, self.v, self.q = rows, wide, h, v, [max(q, 1) for q in steps]
        self.blocks, self.counts, self.errors, self.borders = [], [], [], []

    def at(self, of, x, y, other):
        return of[y * self.wide + x] if 0 <= x < self.wide and 0 <= y < self.rows and y * self.wide + x < len(of) else other

    def part(self, first, end):
        return Plane(end - first, self.wide, self.h, self.v, self.q)


class Block:
    """A block that is coded, with its surroundings: section 4."""

    def __init__(self, planes, number, x, y):
        self.number, self.kind, self.x, self.y = number, min(number, 2), x, y
        self.plane = plane = planes[number]
        self.c, self.q = [0] * 64, plane.q
        self.has_w, self.has_n = x > 0, y > 0
        places = ((-1, 0), (0, -1), (-1, -1), (1, -1), (-2, 0), (0, -2))
        self.w, self.n, self.nw, self.ne, self.ww, self.nn = (
            plane.at(plane.blocks, x + dx, y + dy, NOTHING) for dx, dy in places
        )
        self.near_counts = [plane.at(plane.counts, x + dx, y + dy, (0, 0, 0)) for dx, dy in places]
        self.means, self.first, self.first_count, self.first_error = [0.0] * 64, NOTHING, 0, 0.0
        self.same_size = False
        if number and planes[0].blocks:
            self.look(planes[0])
        self.second, self.second_counts, self.second_error = NOTHING, (0, 0, 0), 0.0
        if number > 1 and (planes[1].rows, planes[1].wide) == (plane.rows, plane.wide):
            at = y * plane.wide + x
            self.second, self.second_counts, self.second_error = (
                of[at] for of in (planes[1].blocks, planes[1].counts, planes[1].errors)
            )
        self.r, self.k = [], []
        for i in range(8):
            for sums, of, places in ((self.r, self.w, range(8 * i, 8 * i + 8)), (self.k, self.n, range(i, 64, 8))):
                total = 0.0
                for g, k in zip(G, places):
                    total = f32(total + f32(f32(of[k] * self.q[k]) * g))
                sums.append(total)

    def look(self, first):
        sx, sy = max(first.h // self.plane.h, 1), max(first.v // self.plane.v, 1)
        self.same_size = (first.rows, first.wide) == (self.plane.rows, self.plane.wide)
        places = []
        for y in range(sy * self.y, sy * self.y + sy):
            for x in range(sx * self.x, sx * self.x + sx):
                places.append(min(y, first.rows - 1) * first.wide + min(x, first.wide - 1))
        blocks = [first.blocks[at] for at in places]
        share = f32(1 / (sx * sy))
        self.means = [f32(f32(sum(abs(b[k]) for b in blocks)) * share) for k in range(64)]
        self.first, self.first_error = blocks[0], first.errors[places[0]]
        self.first_count = sum(first.counts[at][0] for at in places) // (sx * sy)

    def set(self, k, value):
        self.c[k] = value
        if value:
            lost = f32(value * self.q[k])
            self.r[k // 8] = f32(self.r[k // 8] - lost)
            self.k[k % 8] = f32(self.k[k % 8] - lost)

    def from_west(self, k):
        scale = f32(f32(1 / self.q[k]) * (ROOT if k % 8 == 0 else 1.0))
        return f32(self.r[k // 8] * scale) if self.has_w else 0.0

    def from_north(self, k):
        scale = f32(f32(1 / self.q[k]) * (ROOT if k < 8 else 1.0))
        return f32(self.k[k % 8] * scale) if self.has_n else 0.0


ROOT = f32(1.4142135)


class BandCoder:
    def __init__(self, learner, planes):
        self.learner, self.planes, self.constants = learner, planes, Constants(learner)

    def code(self):
        for number, plane in enumerate(self.planes):
            for y in range(plane.rows):
                for x in range(plane.wide):
                    self.block(Block(self.planes, number, x, y))

    def block(self, b):
        interior = self.interior_count(b)
        self.coefficients(b, 0, interior, interior)
        counts = [interior]
        for edge in (0, 1):
            count = self.edge_count(b, edge, interior, counts[1] if edge else 0)
            counts.append(count)
            self.coefficients(b, edge + 1, count, interior)
        error, borders = self.constants.code(b, interior)
        for of, what in zip((b.plane.blocks, b.plane.counts, b.plane.errors, b.plane.borders), (b.c, counts, error, borders)):
            of.append(what)

    # Section 5.
    def interior_count(self, b):
        w, n, nw, ne = (of[0] for of in b.near_counts[:4])
        mean, f, s2 = (2 * w + 2 * n + nw + ne + 3) // 6, b.first_count, b.second_counts[0]
        energy = level(sum(abs(b.w[k]) + abs(b.n[k]) for k in range(1, 64)))
        contexts = [
            mean, 64 * w + n, 4096 * w + 64 * n + nw, 64 * n + ne, 64 * f + mean, 64 * f + s2, 64 * s2 + mean,
            64 * ((w + n) // 2) + (ne + nw) // 2, energy, 64 * energy + mean, b.x // 2, 0,
        ]
        self.learner.symbol(contexts, [192 + 9 * b.kind, 330, 330], 1536 + 64 * b.kind + mean)
        return min(self.learner.count(6, salt_of(b.kind, 0)), 49)

    def edge_count(self, b, edge, i, o):
        w, n, nw = (of[1 + edge] for of in b.near_counts[:3])
        a = w if edge else n
        f = sum(b.means[k] > 0.49 for k in EDGES[edge])
        s2 = sum(b.second[k] != 0 for k in EDGES[edge])
        inwards = 1 if edge else 8
        near = sum(b.c[k + times * inwards] != 0 for k in EDGES[edge] for times in (1, 2))
        contexts = [
            8 * i + o, 8 * w + n, 8 * (8 * w + n) + o, 64 * (8 * w + n) + i, 64 * i + 8 * w + f, 64 * s2 + 8 * f + o,
            8 * s2 + a, 64 * a + i, 64 * (8 * a + o) + i, 64 * nw + 8 * w + n, 64 * near + 8 * w + n, 64 * near + i,
        ]
        self.learner.symbol(contexts, [219 + 2 * b.kind + edge, 340 + edge, 340 + edge], 1728 + 8 * near + o)
        return self.learner.count(3, salt_of(b.kind, 1 + edge))

    # Section 6.
    def coefficients(self, b, number, left, interior):
        places = PASSES[number]
        for i, k in enumerate(places):
            if not left:
                return
            before = abs(b.c[places[i - 1]]) if i else 0
            left -= self.coefficient(b, number, k, left, len(places) - i, interior, before) != 0

    def coefficient(self, b, number, k, left, remain, interior, before):
        row, column, fast, l = k // 8, k % 8, self.learner.fast, self.learner
        c = [abs(x) for x in b.c]
        west, north, nw, ne, ww, nn = (abs(of[k]) for of in (b.w, b.n, b.nw, b.ne, b.ww, b.nn))
        if number == 0:
            d = [c[k - 8] * (row > 1), c[k - 1] * (column > 1), c[k - 9] * (row > 1 and column > 1), before]
        else:
            on, out, along = (1, 8, column) if number == 1 else (8, 1, row)
            d = [c[k + out]] + [c[k + by] if along < 7 else 0 for by in (on, 9)] + [c[k + 2 * on] if along < 6 else 0]
        pw, pn = b.from_west(k), b.from_north(k)
        expected = f32(f32(pw + pn) * 0.25) if number == 0 else pn if number == 1 else pw
        around = []
        for inside, j in ((row < 7, k + 8), (column < 7, k + 1), (row > 0, k - 8), (column > 0, k - 1)):
            around.append(None if not inside else abs(b.w[j]) + abs(b.n[j]) if j else 0)
        total = west + north + sum(of or 0 for of in around)
        other = 0 if fast else west + north
        around = [float(other if of is None else of) for of in around]
        magnitudes = min(sum(c), 1 << 20)
        inputs = [west, north, nw] if fast else [west, north, nw, ne, ww, nn]
        inputs = [float(x) for x in inputs + d] + [b.means[k], float(abs(b.second[k])), abs(expected)]
        inputs += around[:2] + [of * 0.5 for of in around[2:]] + [f32(left / remain)]
        inputs += [] if fast else [f32(magnitudes * f32(0.1))]
        inputs.append(f32(0.3))
        em = max(l.em[b.kind][k].predict(inputs), 0.0)
        signs = self.value_inputs(b, number, k, pw, pn)
        ev = l.ev[b.kind][k].predict(signs)
        m, v, bent = level_of(em, 16), signed(ev, 8), signed(expected, 8)
        l1, l2 = trunc(f32(f32(b.means[k] * 4) + 0.5)), abs(b.second[k])
        near, wide = level(4 * sum(d[:3])), level(2 * total)
        short, z = min(left, 15), k << 20
        of_left = 64 * short + remain
        contexts = [
            1024 * m + of_left,
            z + 256 * min(d[0], 15) + 16 * min(d[1], 15) + min(d[2], 15),
            4096 * m + 64 * abs(bent) + near,
            z + 16 * wide + short,
            z + of_left,
            z + 32 * min(l2, 31) + min(l1, 31),
            z + 16 * interior + short,
            z + 64 * min(d[3], 31) + level(2 * magnitudes),
            z + 64 * min(l2, 31) + m,
            z + 64 * wide + near,
            z + 64 * of_left + min(m, 31) + (min(abs(bent), 31) << 17),
            z + abs(v),
        ]
        sets = [64 * b.kind + k, min(m, 60) + 64 * number, 16 * short + min(remain // 3, 15)]
        l.symbol(contexts, sets, 24 * k + min(m // 2, 23))
        t = clamp(int(v / 2), -31, 31) + 32
        w4, n4 = signed(pw, 4), signed(pn, 4)

        def sign():
            if fast:
                return 64 * (64 * b.kind + k) + t
            three, f1, second = lambda x: clamp(x, -3, 3) & 15, b.first[k] if b.same_size else 0, b.second[k] & 255
            contexts = [
                z + (v & 1023), z + (bent & 1023), z + 256 * (w4 & 255) + (n4 & 255), z + second, v & 1023,
                z + 16 * three(b.w[k]) + three(b.n[k]), z, z + (w4 & 1023), z + (n4 & 1023),
                z + 1024 * (f1 & 255) + second, (bent & 1023) + 4096 * number, z + 256 * (v & 255) + m,
            ]
            return contexts, [241 + t, 342, 342], 1870 + t

        value = clamp(l.value(salt_of(b.kind, 3), left == remain, sign), -32768, 32767)
        l.em[b.kind][k].learn(f32(abs(value) - em), EM_RATE)
        if value or not fast:
            l.ev[b.kind][k].learn(f32(value - ev), EV_RATE)
        b.set(k, value)
        return value

    def value_inputs(self, b, number, k, pw, pn):
        row, column = k // 8, k % 8
        first = float(b.first[k])
        ahead = across = 0
        if number:
            along, on, out = (column, 2, 16) if number == 1 else (row, 16, 2)
            ahead, across = b.c[k + on] if along < 6 else 0, b.c[k + out]
        return [
            pw, pn, float(b.w[k]), float(b.n[k]),
            first if b.same_size else 0.0,
            float(b.second[k]),
            float(-b.w[k] if column % 2 else b.w[k]), float(-b.n[k] if row % 2 else b.n[k]),
            float(b.c[k - 8]) if number == 0 and row > 1 else 0.0,
            float(b.c[k - 1]) if number == 0 and column > 1 else 0.0,
            float(ahead), float(across),
            0.0 if b.same_size else first,
        ]


# Section 1.
def code_coefficients(payload, planes, file):
    """Planes of blocks, for a file of so many bytes."""
    reader = Reader(payload)
    profile, count = reader.byte(), reader.byte() + 1
    need(profile <= 2, "there is no such profile")
    need(count == 1 or sum(p.rows * p.wide for p in planes) >= count << 12, "there are too many bands")
    lengths = [int.from_bytes(reader.take(4), "little") for _ in range(count - 1)]
    units, bits = max(-(-p.rows // p.v) for p in planes), 0
    for i in range(count):
        ends = [[min(units * n // count * p.v, p.rows) for n in (i, i + 1)] for p in planes]
        band = [p.part(*of) for p, of in zip(planes, ends)]
        part = reader.take(lengths[i]) if i < count - 1 else reader.rest()
        BandCoder(Learner(profile, part), band).code()
        for plane, of in zip(planes, band):
            plane.blocks += of.blocks
            bits += sum(1 + abs(x).bit_length() for block in of.blocks for x in block[1:] if x)
    need(bits <= 8 * file, "the coefficients have too many bits")
