"""Tiles of blocks: docs/spec/image.md, section 14."""

from container import Reader, need
from entropy import RangeDecoder, clamp
from jpeg_coder import Plane, code_coefficients
from lattice import Contexts, from_triples, read_transform


class Form:
    """How chroma has its samples."""

    def __init__(self, code):
        need(code <= 7, "chroma has no such form")
        self.code, self.dx, self.dy = code, int(code > 0), int(code in (2, 4, 6, 7))
        self.is_smooth, self.has_whole_blocks = code not in (0, 3, 4), code in (5, 7)


# Section 14.2: digits, kept, more, F0 to F11.
TRANSFORMS = (
    (13, 2, 0, (4433, 6270, 15137, 9633, 7373, 20995, 16069, 3196, 12299, 25172, 16819, 2446)),
    (26, 14, 0, (36319055, 51362901, 124001012, 78911676, 60396382, 171994344, 131638772, 26184580, 100751954, 206206146,
                 137782542, 20040810)),
    (12, 2, 512, (2217, 3135, 7567, 4816, 3685, 10497, 8034, 1597, 6149, 12586, 8410, 1223)),
    (12, 2, 0, (2217, 3135, 7567, 4816, 3685, 10497, 8034, 1597, 6149, 12586, 8410, 1223)),
)


def one_pass(a, digits, f):
    a0, a1, a2, a3, a4, a5, a6, a7 = a
    e = (a2 + a6) * f[0]
    plus, minus = (a0 + a4) << digits, (a0 - a4) << digits
    s, t = plus + e + a2 * f[1], minus + e - a6 * f[2]
    u, v = minus - e + a6 * f[2], plus - e - a2 * f[1]
    all_odd = (a7 + a3 + a5 + a1) * f[3]
    g, h = (a7 + a1) * -f[4], (a5 + a3) * -f[5]
    i, j = (a7 + a3) * -f[6] + all_odd, (a5 + a1) * -f[7] + all_odd
    k0, k1, k2, k3 = a1 * f[8] + g + j, a3 * f[9] + h + i, a5 * f[10] + h + j, a7 * f[11] + g + i
    return s + k0, t + k1, u + k2, v + k3, v - k3, u - k2, t - k1, s - k0


def samples_of(c, q, transform):
    digits, kept, more, f = TRANSFORMS[transform]
    scaled = [coefficient * step for coefficient, step in zip(c, q)]
    if transform == 1:
        scaled = [clamp(value, -(1 << 15), 1 << 15) for value in scaled]
    p, w = digits - kept, digits + kept + 3
    columns = [one_pass([scaled[8 * row + column] for row in range(8)], digits, f) for column in range(8)]
    out = []
    for row in range(8):
        passed = one_pass([(column[row] + (1 << (p - 1))) >> p for column in columns], digits, f)
        out += [clamp(((n + (1 << (w - 1)) + more) >> (w - 6)) + 8192, -(1 << 20), 1 << 20) for n in passed]
    return out


class Samples:
    """The samples of a plane by row and column of the grid."""

    def __init__(self, plane, steps, rows, columns, form, transform):
        self.rows, self.columns, self.wide, self.form = rows, columns, plane.wide, form
        if form and form.has_whole_blocks:
            self.rows, self.columns = (rows + 7) // 8 * 8, (columns + 7) // 8 * 8
        self.blocks = [samples_of(block, steps, transform) for block in plane.blocks]

    def x(self, r, c):
        return self.blocks[(r >> 3) * self.wide + (c >> 3)][8 * (r & 7) + (c & 7)]

    def z(self, r, c):
        return clamp(self.x(r, c) >> 6, 0, 255)

    def y(self, r, c):
        dx, dy = (self.form.dx, self.form.dy) if self.form else (0, 0)
        if not dx or not self.form.is_smooth:
            return max(self.x(r >> dy, c >> dx), 0)
        m, n = beside(c, self.columns)
        if not dy:
            return 16 * (3 * self.z(r, m) + self.z(r, n) + (2 if self.form.code == 5 else 1 + (c & 1)))
        k, l = beside(r, self.rows)
        near, far = (3 * self.z(k, at) + self.z(l, at) for at in (m, n))
        if self.form.code == 7:
            return 16 * (3 * ((near + 2) >> 2) + ((far + 2) >> 2) + 2)
        return 4 * (3 * near + far + 8 - (0 if self.form.code == 6 else c & 1))


def beside(c, columns):
    m = c >> 1
    return m, clamp(m + 1 if c & 1 else m - 1, 0, columns - 1)


BOUNDS = (0, 1, 2, 3, 5, 9, 17)


def part_of(y):
    z = y & 63
    return sum(b < z for b in BOUNDS) if z < 32 else 8 + sum(b < 63 - z for b in BOUNDS)


# Section 14.3.
def correct(decoder, samples, width, height, top, left):
    counters, out, off = Contexts(), [], []
    dx, dy = (samples.form.dx, samples.form.dy) if samples.form else (0, 0)

    def decide(*context):
        counter = counters[context]
        bit = decoder.decide(clamp(counter.p, 1, 65535))
        counter.learn(bit, 511)
        return bit

    def is_cut(at, size, first, length):
        start = at // size * size
        return start < first or start + size > first + length

    for row in range(height):
        off.append([])
        for column in range(width):
            y = samples.y(row + top, column + left)
            said, part = min(y >> 6, 255), part_of(y)
            west, north = off[-1][-1] if column else 0, off[-2][column] if row else 0
            kind = min((west + north).bit_length(), 5)
            if is_cut(row + top, 8 << dy, top, height) or is_cut(column + left, 8 << dx, left, width):
                kind += 6
            value = said
            if decide("not", kind, part):
                sign, digits, distance = 1 if decide("above", kind, part) else -1, 0, 1
                while digits < 7 and decide("more", kind, digits):
                    digits += 1
                for digit in range(digits - 1, -1, -1):
                    distance = 2 * distance + decide("digit", digits, digit)
                value = (said + sign * distance) & 255
            out.append(value)
            off[-1].append(abs(value - said))
    return out


# Section 14.1.
def code_blocks(payload, width, height, channels, size):
    need(channels in (1, 3) and size == 1, "a tile of blocks is grey or of three colours, of eight bits")
    need(width >= 16 and height >= 16, "a tile of blocks is too small")
    transform, form = None, None
    if channels == 3:
        transform, payload = read_transform(payload)
    reader = Reader(payload)
    if channels == 3:
        form = Form(reader.byte())
    top, left = reader.take(2)
    inverse, top = top >> 4, top & 15
    need(inverse < len(TRANSFORMS), "there is no such inverse transform")
    dx, dy = (form.dx, form.dy) if form else (0, 0)
    need(top < 8 << dy and left < 8 << dx, "a tile begins beyond the first block")
    steps = [list(reader.take(64)) for _ in range(2 if form else 1)]
    sides = [(top + height, left + width)]
    if form:
        sides += [(-(-sides[0][0] >> dy), -(-sides[0][1] >> dx))] * 2
    planes = []
    for i, (rows, columns) in enumerate(sides):
        h, v = (1, 1) if i else (1 << dx, 1 << dy)
        planes.append(Plane((rows + 7) // 8, (columns + 7) // 8, h, v, steps[min(i, 1)]))
    coefficients = reader.take(int.from_bytes(reader.take(4), "little"))
    need(len(coefficients) >= 2 and coefficients[0] <= 1 and coefficients[1] == 0, "the coefficients have no such form")
    code_coefficients(coefficients, planes, 8 * (width + 32) * (height + 32))
    decoder, triples = RangeDecoder(reader.rest()), []
    for i, (plane, of) in enumerate(zip(planes, sides)):
        samples = Samples(plane, steps[min(i, 1)], *of, form if i else None, inverse)
        triples.append(correct(decoder, samples, width, height, top, left))
    if not form:
        return bytes(triples[0])
    return bytes(x for pixel in zip(*from_triples(decoder, transform, triples, width)) for x in pixel)
