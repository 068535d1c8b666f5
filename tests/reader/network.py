"""The network: docs/spec/numerics.md. Vectors are tuples of numbers of binary32."""

import functools
import hashlib
import json
import math
import operator
import struct

from entropy import clamp
from least_squares import f32
from spec import ROOT

MODES = ("image", "text", "shallow")


@functools.lru_cache(None)
def _struct(count):
    return struct.Struct(f"{count}f")


def rounded(values):
    of = _struct(len(values))
    return of.unpack(of.pack(*values))


def add(a, b):
    return rounded([x + y for x, y in zip(a, b)])


def sub(a, b):
    return rounded([x - y for x, y in zip(a, b)])


def mul(a, b):
    return rounded([x * y for x, y in zip(a, b)])


def times(a, number):
    return rounded([x * number for x in a])


# Section 2.
def sum16(x):
    x = list(x)
    for s in (8, 4, 2, 1):
        x[:s] = rounded([x[j] + x[j + s] for j in range(s)])
    return x[0]


def total(x):
    sums = (0.0,) * 16
    for i in range(0, len(x), 16):
        sums = add(sums, x[i : i + 16])
    return sum16(sums)


def root(x):
    return f32(math.sqrt(x))


E5, E6, E3 = f32(1e-5), f32(1e-6), f32(1e-3)


# Sections 4 to 7.
def rms(x):
    mean = f32(total(mul(x, x)) * f32(1 / len(x)))
    return times(x, f32(1.0 / root(f32(mean + E5))))


def gate(x):
    roots = rounded([math.sqrt(y) for y in rounded([1 + y for y in mul(x, x)])])
    halves = times(x, 0.5)
    return rounded([0.5 + y for y in rounded([h / r for h, r in zip(halves, roots)])])


def fixed(t, low, high):
    if not t > low:
        return low
    return high if t >= high else round(t)


def quantise(x, inverse):
    return [fixed(t, -127, 127) for t in times(x, inverse)]


def squared_relu(h, inverse):
    h = [max(x, 0.0) for x in h]
    return quantise(mul(h, h), inverse)


class Weights:
    """Section 15."""

    def __init__(self, model):
        for path in (ROOT / "crates/dualcomp-model/weights").glob("*.safetensors"):
            data = path.read_bytes()
            if hashlib.sha256(data).digest()[:4] == model:
                break
        else:
            raise LookupError("no weights file has this name")
        length = struct.unpack("<Q", data[:8])[0]
        self.tensors, self.data = json.loads(data[8 : 8 + length]), data[8 + length :]
        self.settings = self.tensors.pop("__metadata__")
        self.layers = int(self.settings["layers"])
        self.matrices = {}

    def bytes(self, name):
        start, end = self.tensors[name]["data_offsets"]
        return self.data[start:end]

    @functools.lru_cache(None)
    def floats(self, name, *index):
        data = self.bytes(name)
        values = struct.unpack(f"<{len(data) // 4}f", data)
        for i, side in zip(index, self.tensors[name]["shape"]):
            part = len(values) // side
            values = values[i * part : (i + 1) * part]
        return values

    @functools.lru_cache(None)
    def matrix(self, name):
        rows, columns = self.tensors[name]["shape"]
        values = struct.unpack(f"{rows * columns}b", self.bytes(name))
        return [values[i * columns : (i + 1) * columns] for i in range(rows)], self.floats(name + ".scale")

    def product(self, name, x):
        """Section 3."""
        rows, scale = self.matrix(name)
        return mul(rounded([sum(map(operator.mul, row, x)) for row in rows]), scale)

    def row(self, name, i, x):
        rows, scale = self.matrix(name)
        return f32(f32(sum(map(operator.mul, rows[i], x))) * scale[i])

    def vocabulary(self):
        data, at, tokens = self.bytes("vocabulary"), 0, []
        while at < len(data):
            tokens.append(data[at + 1 : at + 1 + data[at]])
            at += 1 + data[at]
        return tokens


@functools.lru_cache(None)
def weights_of(model):
    return Weights(model)


class Site:
    """What one pixel or token leaves for others: the z of each shift."""

    def __init__(self):
        self.time, self.channel = [], []


class Network:
    def __init__(self, weights, mode):
        self.w, self.mode, self.m = weights, mode, MODES.index(mode)
        self.zeros = (0.0,) * int(weights.settings["channels"])
        self.times = int(weights.settings["shallow_times"]) if mode == "shallow" else weights.layers

    def fresh_state(self):
        return [[[(0.0,) * 16] * 16 for _ in range(len(self.zeros) // 16)] for _ in range(self.times)]

    # Section 9.
    def shifted(self, name, z, left, far, stream=None):
        index = () if stream is None else (stream,)
        a, b = (self.w.floats(name, self.m, k, *index) for k in (0, 1))
        return add(add(z, mul(sub(left, z), a)), mul(sub(far, z), b))

    # Section 8: the vector `h`, and what the site leaves. `left` and `far` are sites or none.
    def run(self, x, state, left, far):
        w, site, first = self.w, Site(), None
        x = rms(x)
        for layer in range(w.layers):
            if layer < self.times:
                z = rms(x)
                site.time.append(z)
                near = [of.time[layer] if of else self.zeros for of in (left, far)]
                y, first = self.time_mix(layer, z, near, state[layer], first)
                x = add(x, w.product(f"time.{layer}.output", y))
            z = rms(x)
            site.channel.append(z)
            near = [of.channel[layer] if of else self.zeros for of in (left, far)]
            shifted = self.shifted(f"channel.{layer}.shift", z, *near)
            h = quantise(shifted, w.floats(f"channel.{layer}.in_inverse")[self.m])
            h = w.product(f"channel.{layer}.key.{self.mode}", h)
            h = squared_relu(h, w.floats(f"channel.{layer}.hidden_inverse")[self.m])
            x = add(x, w.product(f"channel.{layer}.value.{self.mode}", h))
        return quantise(rms(x), w.floats("final_inverse")[self.m]), site

    # Sections 9 and 11 to 13.
    def time_mix(self, layer, z, near, state, first):
        w, m, name = self.w, self.m, f"time.{layer}."
        streams, products = [], []
        for i, of in enumerate(("receptance", "key", "value")):
            streams.append(self.shifted(name + "shift", z, *near, stream=i))
            q = quantise(streams[i], w.floats(name + "in_inverse")[i])
            products.append(w.product(f"{name}{of}.{self.mode}", q))
        g, (r, k, v) = gate(streams[0]), products
        if layer == 0:
            first = v
        else:
            v = add(v, mul(sub(first, v), w.floats(name + "first_value", m)))
        vectors = [w.floats(name + of, m) for of in ("key_scale", "rate", "decay", "bonus")]
        norm = [w.floats(name + of) for of in ("norm_weight", "norm_bias")]
        out = ()
        for head in range(len(z) // 16):
            part = slice(16 * head, 16 * head + 16)
            out += self.head(state[head], *(of[part] for of in (r, k, v, *vectors, *norm)))
        return quantise(mul(out, g), w.floats(name + "out_inverse")[0]), first

    @staticmethod
    def head(state, r, k, v, key_scale, rate, decay, bonus, weight, bias):
        kk = times(k, f32(1.0 / root(f32(sum16(mul(k, k)) + E6))))
        scaled, b = mul(k, key_scale), mul(kk, rate)
        removal = y = (0.0,) * 16
        for j in range(16):
            removal = add(removal, times(state[j], kk[j]))
        for j in range(16):
            kept = sub(times(state[j], decay[j]), times(removal, b[j]))
            state[j] = add(kept, times(v, scaled[j]))
            y = add(y, times(state[j], r[j]))
        c = rounded([x - f32(sum16(y) * 0.0625) for x in y])
        spread = f32(f32(sum16(mul(c, c)) * 0.0625) + E3)
        n = add(mul(times(c, f32(1.0 / root(spread))), weight), bias)
        return add(n, times(v, sum16(mul(mul(r, scaled), bonus))))


class TextNetwork(Network):
    def __init__(self, weights):
        super().__init__(weights, "text")
        self.state, self.left, self.far = self.fresh_state(), None, None

    def feed(self, token):
        rows, scale = self.w.matrix("embedding")
        x = times([float(n) for n in rows[token]], scale[0])
        self.h, site = self.run(x, self.state, self.left, self.far)
        self.left, self.far = site, self.left

    # Section 14.
    def logit(self, decision):
        logit = f32(self.w.row("token_head", decision, self.h) + self.w.floats("token_head.bias")[decision])
        return fixed(f32(logit * 256), -2815, 2815)


class PixelNetwork(Network):
    """One pixel after the other, in an order in which its neighbours come first."""

    def __init__(self, weights, mode, width):
        super().__init__(weights, mode)
        self.width, self.sites, self.states = width, {}, {}

    def feed(self, row, column, features):
        w, name = self.w, "pixel_input." + self.mode
        u = add(w.product(name, features), w.floats(name + ".bias"))
        if column == 0:
            self.states[row] = self.fresh_state()
        left = self.sites.get((row, column - 1))
        far = self.sites.get((row - 1, column + 1))
        h, self.sites[row, column] = self.run(u, self.states[row], left, far)
        return h

    # Section 14. `differences` are those of the earlier colours from their MED.
    def mixture(self, h, c, differences, difference):
        w, mode, count = self.w, self.mode, int(self.w.settings["pixel_hidden"])
        part = slice(c * count, (c + 1) * count)
        rows, scale = w.matrix("pixel_head." + mode)
        products = rounded([sum(map(operator.mul, row, h)) for row in rows[part]])
        y = add(mul(products, scale[part]), w.floats(f"pixel_head.{mode}.bias")[part])
        features = []
        for d in differences[:c]:
            d = clamp(d, -255, 255)
            features += [clamp(8 * d, -127, 127), difference(d), clamp(2 * d, -127, 127), min(4 * abs(d), 127)]
        if c:
            y = add(y, w.product(f"condition.{c}.{mode}", features))
        a = quantise(mul(y, gate(y)), w.floats(f"mixture.{mode}.inverse")[c])
        o = add(w.product(f"mixture.{c}.{mode}", a), w.floats(f"mixture.{mode}.bias", c))
        bounds = [(256, -2815, 2815), (256, -8192, 8192), (32, -96, 160)]
        return [
            [fixed(f32(x * scale), low, high) for x in o[5 * i : 5 * i + 5]]
            for i, (scale, low, high) in enumerate(bounds)
        ]
