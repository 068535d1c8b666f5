"""The constant coefficient of a block: docs/spec/jpeg.md, section 7."""

from entropy import clamp
from jpeg_model import f32, level_of, salt_of, signed, trunc

# cos(k pi / 16) / 2; the square root of 1/8 for k = 0.
HALF_COSINES = [f32(x) for x in (0.3535534, 0.49039264, 0.46193976, 0.4157348, 0.3535534, 0.27778512, 0.19134172, 0.09754516)]
RATE, TENTH, CONSTANT, PARTS = f32(0.002), f32(0.1), f32(0.3), f32(7.99)


def basis(y, u):
    k = (2 * y + 1) * u % 32
    k = min(k, 32 - k)
    return -HALF_COSINES[16 - k] if k > 8 else HALF_COSINES[k]


BASIS = [[basis(y, u) for u in range(8)] for y in range(8)]


def total(numbers):
    sum = 0.0
    for x in numbers:
        sum = f32(sum + x)
    return sum


def border(c, is_column, is_last):
    """The eight samples beyond one border of a block without its constant, times the steps."""
    along = []
    for v in range(8):
        across = [c[8 * v + u] if is_column else c[8 * u + v] for u in range(8)]
        lines = []
        for y in (0, 1):
            even, odd = (total(f32(BASIS[y][u] * across[u]) for u in range(start, 8, 2)) for start in (0, 1))
            lines.append(f32(even - odd) if is_last else f32(even + odd))
        outer, inner = lines
        along.append(f32(outer + f32(f32(outer - inner) * 0.5)))
    return [total(f32(BASIS[y][v] * along[v]) for v in range(8)) for y in range(8)]


class Constants:
    def __init__(self, learner):
        self.learner = learner

    def code(self, b, interior):
        """The error of the block, and its borders to the right and below."""
        l, plane, q = self.learner, b.plane, b.q[0]
        c = [0.0] + [f32(b.c[k] * b.q[k]) for k in range(1, 64)]
        sides = []
        for has, is_column, x, y, of in ((b.has_w, True, b.x - 1, b.y, b.w), (b.has_n, False, b.x, b.y - 1, b.n)):
            if has:
                theirs = plane.borders[y * plane.wide + x][0 if is_column else 1]
                constant, ours = f32(f32(of[0] * q) * 0.125), border(c, is_column, False)
                scale = f32(8 / q)
                sides.append([f32(f32(f32(t + constant) - o) * scale) for t, o in zip(theirs, ours)])
        estimates = [x for side in sides for x in side]
        mw = mn = mean = mid = spread = 0.0
        if estimates:
            of_sides = [f32(total(side) * 0.125) for side in sides]
            mw, mn = of_sides[0], of_sides[-1]
            mean = f32(total(estimates) / len(estimates))
            quarter = len(estimates) // 4
            kept = sorted(estimates)[quarter:-quarter]
            mid, spread = f32(total(kept) / len(kept)), f32(kept[-1] - kept[0])
        w0, n0, nw0 = float(b.w[0]), float(b.n[0]), float(b.nw[0])
        both = b.has_w and b.has_n
        three = [w0, n0, f32(f32(w0 + n0) - nw0)]
        inputs = [f32(mw - mid), f32(mn - mid)] + [f32(x - mid) if both else 0.0 for x in three]
        inputs += [f32(TENTH * b.first[0]) if b.same_size else 0.0, f32(mean - mid), CONSTANT]
        linear = l.ev[b.kind][0]
        e = clamp(f32(mid + linear.predict(inputs)), -32768.0, 32767.0)
        base = trunc(f32(e + 65536.5)) - 65536
        part = f32(e - base)
        b.c[0] = clamp(base + self.value(b, interior, mw, mn, spread, e, part), -32768, 32767)
        error = f32(b.c[0] - e)
        linear.learn(error, RATE)
        return error, (border(c, True, True), border(c, False, True))

    def value(self, b, interior, mw, mn, spread, e, part):
        l, plane = self.learner, b.plane
        errors = [plane.at(plane.errors, b.x + dx, b.y + dy, 0.0) for dx, dy in ((-1, 0), (0, -1), (1, -1))]
        ew, en, ene = errors
        energy = f32(sum(abs(b.c[k]) * b.q[k] for k in range(1, 64)))
        s, g = level_of(spread, 4), level_of(energy, f32(1 / min(b.q[0] + 1, 64)))
        d, r = level_of(f32(mw - mn), 4), level_of(f32(abs(ew) + abs(en)), 4)
        x, c1, c2 = level_of(ene, 4), signed(b.first_error, 2), signed(b.second_error, 2)
        f = trunc(f32(f32(part + 0.5) * PARTS))
        contexts = [
            64 * s + d, 64 * s + r, 64 * d + r, 64 * (64 * s + d) + r, 64 * g + r, 64 * abs(c2) + abs(c1),
            64 * abs(c2) + r, 64 * g + s, 64 * interior + d, 64 * x + r, 64 * f + s,
            32 * (32 * (s // 2) + d // 2) + g // 2,
        ]
        l.symbol(contexts, [64 * b.kind, 256 + min(s, 60), 256 + min(r, 60)], 1936 + min(s, 63))

        def sign():
            together = f32(ew + en)
            if l.fast:
                return 4096 * b.kind + 8 * f + clamp(signed(together, 2), -4, 3) + 4
            low = lambda a, times: signed(a, times) & 255
            contexts = [
                f, 64 * f + s,
                256 * low(f32(mw - e), 4) + low(f32(mn - e), 4),
                256 * low(ew, 2) + low(en, 2),
                256 * (c2 & 255) + (c1 & 255), c2 & 255, c1 & 255,
                256 * low(f32(b.w[0] - e), 2) + low(f32(b.n[0] - e), 2),
                0, 256 * f + (c2 & 255), 8 * low(ew, 2) + f, 8 * low(together, 2) + f,
            ]
            return contexts, [241 + 2 * f, 343, 343], 2000 + f

        return l.value(salt_of(b.kind, 4), False, sign)
