"""Fast tiles: docs/spec/fast.md."""

import struct

from entropy import f32
from fast_model import LANES, N, NE, NN, NW, SKEW, W, WW, Local, Slow
from fast_symbols import PlaneCoder, Range

# Section 6.1, in thousandths.
ENERGY = {
    1: [[225, 193, 158, 202, 157, 135, 0, 0]],
    3: [
        [225, 193, 158, 202, 157, 135, 0, 0],
        [200, 148, 122, 155, 161, 144, 27, 0],
        [170, 126, 108, 122, 146, 137, 135, 20],
    ],
}


# Section 6.
def log(v, low, high, power, fine):
    v = min(max(v, f32(low)), f32(high))
    return (struct.unpack("<i", struct.pack("<f", v))[0] >> (23 - fine)) - (127 + power << fine)


def clamp(v, low, high):
    v = v if v > low else low
    return min(v, high)


class Plane:
    def __init__(self, planes, plane, timing, bits, mask):
        self.slow, self.local = Slow(planes, plane), Local(planes, plane, timing.pitch // SKEW)
        self.coder = PlaneCoder(bits, mask)
        self.energy = [f32(w / 1000) for w in ENERGY[planes][plane]]
        self.rows = [[None, None] for _ in range(SKEW)]
        self.weights = [None] * SKEW


class Timing:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.pitch = max((width + SKEW - 1) // SKEW * SKEW + SKEW, (LANES + 1) * SKEW)
        self.steps = (height + LANES - 1) // LANES * self.pitch + (LANES - 1) * SKEW


# Section 3.
class Store:
    """What lanes, and the two rows above lane 0, had in all steps."""

    def __init__(self, begin, pitch):
        self.begin, self.delay, self.steps = begin, pitch - LANES * SKEW, []

    def get(self, lane, step):
        """Lane -1 and -2 are the last lanes of the band before."""
        if lane < 0:
            lane, step = lane + LANES, step - self.delay
        return self.steps[step][lane] if step >= 0 else self.begin


def decode_group(decoder, width, height, count, bits, mask):
    timing = Timing(width, height)
    unit, largest = float(1 << bits - 8), (1 << bits) - 1
    out = [[0] * (width * height) for _ in range(count)]
    planes = [Plane(count, plane, timing, bits, mask) for plane in range(count)]
    stores = {
        kind: [Store(begin, timing.pitch) for _ in range(3)]
        for kind, begin in (("sample", 128.0), ("error", 1.0), ("residual", 0.0))
    }
    for segment in range(timing.steps // SKEW):
        for plane in planes:
            plane.local.solve()
        for step in range(segment * SKEW, (segment + 1) * SKEW):
            code_step(decoder, timing, step, planes, stores, out, unit, largest)
        for plane in planes:
            slow = [plane.rows[q][0] for q in range(SKEW)]
            local = [plane.rows[q][1] for q in range(SKEW)]
            plane.local.update(segment, local, plane.weights)
            plane.slow.update(segment, slow, plane.weights)
    return out


def code_step(decoder, timing, step, planes, stores, out, unit, largest):
    def near(kind, plane, lane, offset):
        up, right = offset
        return stores[kind][plane].get(lane - up, step + right - up * SKEW)

    count = len(planes)
    references = [
        [f32(f32(near("sample", p, lane, W) + near("sample", p, lane, N)) * 0.5) for lane in range(LANES)]
        for p in range(count)
    ]
    errors, samples = [], []

    def regressor(of, lane):
        kind, plane, offset = of
        if kind == "constant":
            return 4.0
        value = near(kind, plane, lane, offset)
        return f32(value - references[plane][lane]) if kind == "sample" else value

    def predicted(start, regressors, weights):
        sums = [start, 0.0]
        for i, (r, w) in enumerate(zip(regressors, weights)):
            sums[i % 2] = f32(sums[i % 2] + f32(w * r))
        return f32(sums[0] + sums[1])

    for p, plane in enumerate(planes):
        states = []
        for lane in range(LANES):
            slow_row = [regressor(of, lane) for of in plane.slow.regressors]
            reference = references[p][lane]
            slow = clamp(predicted(reference, slow_row, plane.slow.weights[step % 2][lane % 2]), -255.0, 510.0)
            local_row = [regressor(of, lane) for of in plane.local.regressors]
            last = clamp(predicted(slow, local_row, plane.local.weights[lane]), 0.0, 255.0)
            error = lambda offset: near("error", p, lane, offset)
            of = lambda offset: near("sample", p, lane, offset)
            own = f32(error(W) * plane.energy[0])
            for weight, offset in zip(plane.energy[1:], (N, NW, NE, WW, NN)):
                own = f32(own + f32(error(offset) * weight))
            energy = own
            if count == 1:
                other = own
            elif p == 0:
                e = lambda q, offset: near("error", q, lane, offset)
                other = f32(f32(e(1, W) + e(1, N)) + f32(e(2, W) + e(2, N)))
            elif p == 1:
                other = errors[0][lane]
                energy = f32(own + f32(other * plane.energy[6]))
            else:
                other = f32(errors[1][lane] + f32(errors[0][lane] * 0.25))
                energy = f32(f32(own + f32(errors[1][lane] * plane.energy[6])) + f32(errors[0][lane] * plane.energy[7]))
            weight = f32(1 / f32(energy + f32(0.2)))
            parity = step % 2 * 2 + lane % 2
            first = (log(own, 0.126, 31.0, -3, 1) << 4) + (log(other, 0.126, 15.0, -3, 1) >> 2 << 2) + parity
            texture = f32(f32(abs(f32(of(W) - of(NW))) + abs(f32(of(N) - of(NW)))) + abs(f32(of(N) - of(NE))))
            disagree = log(f32(abs(f32(last - slow)) * 2.0), 0.126, 15.0, -3, 1) > 6
            second = (log(f32(f32(error(W) + error(N)) * 0.5), 0.126, 31.0, -3, 1) << 4) + disagree
            second += log(texture, 1.01, 127.0, 0, 0) << 1
            quarters = int(f32(f32(last * (4.0 * unit)) + 0.5))
            states.append((slow_row, local_row, slow, last, weight, energy, first, second, quarters))
        now = {kind: [] for kind in stores}
        integers = []
        plane.weights[step % SKEW] = []
        for lane, (slow_row, local_row, slow, last, weight, energy, first, second, quarters) in enumerate(states):
            own = step - lane * SKEW
            row, column = own // timing.pitch * LANES + lane, own % timing.pitch
            value = 0
            if own < 0:
                sample, e, r, weight = 128.0, 1.0, 0.0, 0.0
            elif row < timing.height and column < timing.width:
                mask_row, base = 0, 0
                if p == 1:
                    mask_row = int(f32(f32(references[2][lane] - references[0][lane]) + 256.5))
                    base = samples[0][lane]
                elif p == 2:
                    mask_row, base = samples[0][lane] - samples[1][lane] + 256, samples[1][lane]
                level = log(energy, 0.0626, 100.0, -4, 2)
                value = plane.coder.decode(decoder, lane % 4, level, (first, second), quarters, mask_row, base)
                value = min(max(value, 0), largest)
                out[p][row * timing.width + column] = value
                sample = value / unit
                e, r = abs(f32(sample - last)), f32(sample - slow)
            else:
                left = timing.pitch - column
                if left >= SKEW or timing.width <= column < timing.width + 4:
                    at = lane, step - 1
                else:
                    at = lane - 1, step - (SKEW - left)
                sample, e = (stores[kind][p].get(*at) for kind in ("sample", "error"))
                r, weight = 0.0, 0.0
            integers.append(value)
            for kind, v in (("sample", sample), ("error", e), ("residual", r)):
                now[kind].append(v)
            plane.weights[step % SKEW].append(weight)
        for kind, lanes in now.items():
            stores[kind][p].steps.append(lanes)
        errors.append(now["error"])
        samples.append(integers)
        plane.rows[step % SKEW] = [
            [s[0] + [f32(v - r)] for s, v, r in zip(states, now["sample"], references[p])],
            [s[1] + [r] for s, r in zip(states, now["residual"])],
        ]


# Section 1.
GROUPS = {1: [[0]], 2: [[0], [1]], 3: [[0, 2, 1]], 4: [[0, 2, 1], [3]]}


def code_fast(payload, width, height, channels, size):
    at, forms = 0, []
    for _ in GROUPS[channels]:
        byte = int.from_bytes(payload[at : at + 1], "little")
        code, bits = byte % 8, 16 - min(byte >> 4, 7) if size == 2 else 8
        forms.append((code, int.from_bytes(payload[at + 1 : at + 3], "little"), bits))
        at += 3 if code >= 4 else 1
    decoder = Range(payload[at:])
    samples = [None] * channels
    for group, (code, value, bits) in zip(GROUPS[channels], forms):
        if code >= 4:
            planes = [[value] * (width * height)]
        else:
            count = 1 if code & 2 else len(group)
            planes = decode_group(decoder, width, height, count, bits, code % 2 == 1 and size == 1)
        for i, channel in enumerate(group):
            samples[channel] = planes[min(i, len(planes) - 1)]
    return b"".join(
        samples[channel][i].to_bytes(size, "big") for i in range(width * height) for channel in range(channels)
    )
