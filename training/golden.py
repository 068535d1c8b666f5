"""Inference once more in numpy, to the letter of docs/spec/numerics.md, and digests of what leaves the network.

`python golden.py --weights ../crates/dualcomp-model/weights/NAME.safetensors --out ../crates/dualcomp-model/tests/golden/NAME.txt`

The Rust test beside that file feeds the same numbers from the same generator and must get the same digests. Each
numpy operation on float32 is rounded on its own, as the page asks; sums whose order counts are loops.
"""
import argparse
import hashlib
import json
import pathlib

import numpy as np

NUMPY = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}
MODALITIES = ("image", "text", "shallow")
IMAGE, TEXT, SHALLOW = 0, 1, 2
NEIGHBOURS = [(0, -1), (0, -2), (0, -3), (1, -3), (1, -2), (1, -1), (1, 0), (1, 1), (1, 2),
              (2, -2), (2, -1), (2, 0), (2, 1), (2, 2), (2, 3), (3, -1), (3, 0), (3, 1)]
LANES, STEPS, BLOCK, NODES = 5, 60, 10, 40
WIDTH, HEIGHT = 11, 9
ONE = np.float32(1)


class Random:
    """Marsaglia, Xorshift RNGs, 2003."""

    def __init__(self, seed):
        self.x = seed * 0x9E3779B97F4A7C15 % 2 ** 64 | 1

    def below(self, n):
        self.x ^= self.x << 13 & 2 ** 64 - 1
        self.x ^= self.x >> 7
        self.x ^= self.x << 17 & 2 ** 64 - 1
        return (self.x >> 11) % n


def read(path):
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    tensors = json.loads(raw[8:start])
    sizes = tensors.pop("__metadata__")
    get = lambda t: np.frombuffer(raw[start:][slice(*t["data_offsets"])], NUMPY[t["dtype"]]).reshape(t["shape"])
    return {name: get(t) for name, t in tensors.items()}, sizes, hashlib.sha256(raw).hexdigest()[:8]


def sum16(x):
    """Section 2, along the last axis."""
    for s in (8, 4, 2, 1):
        x = x[..., :s] + x[..., s: 2 * s]
    return x[..., 0]


def rms(x):
    acc = np.zeros(16, np.float32)
    for row in (x * x).reshape(-1, 16):
        acc = acc + row
    return x * (ONE / np.sqrt(sum16(acc) * (ONE / np.float32(len(x))) + np.float32(1e-5)))


def gate(x):
    half = np.float32(0.5)
    return half + (half * x) / np.sqrt(ONE + x * x)


def fixed(t, low, high):
    with np.errstate(invalid="ignore"):
        return np.where(~(t > low), low, np.where(~(t < high), high, np.rint(t))).astype(np.int64)


def quantise(x, inverse):
    return fixed(x * inverse, -127, 127)


def present(weights):
    """The modalities of a weights file."""
    return [i for i, name in enumerate(MODALITIES) if f"channel.0.key.{name}" in weights]


class Network:
    """One modality; rows or lanes are `slots`, each with all its earlier vectors."""

    def __init__(self, weights, modality):
        self.w, self.m = weights, modality
        # Of the modalities that the file has: the row of this one in what each has a row of.
        self.row = present(weights).index(modality)
        self.layers = sum(name.endswith(".decay") for name in weights)
        self.slots = {}

    def product(self, name, x):
        """Section 3. An int64 sum is exact, and so is its way to float32 but for the rounding."""
        w = self.w
        return (w[name].astype(np.int64) @ x).astype(np.float32) * w[name + ".scale"]

    def trunk(self, x, slot, far):
        """Section 8; `far` is a slot and a place."""
        blank = lambda: [{"time": [], "channel": [], "state": 0} for _ in range(self.layers)]
        memory = self.slots.setdefault(slot, blank())
        name = MODALITIES[self.m]
        first = None
        for i in range(self.layers):
            at = lambda part: f"{part}.{i}"
            if f"{at('time')}.key.{name}" in self.w:
                x, first = self.time(x, memory[i], at("time"), far and self.slots[far[0]][i]["time"][far[1]], first)
            z = self.shift(x, memory[i]["channel"], far and self.slots[far[0]][i]["channel"][far[1]],
                           self.w[at("channel") + ".shift"][self.row][:, None])[0]
            q = quantise(z, self.w[at("channel") + ".in_inverse"][self.row])
            expert, inverse, weight = self.expert(at("channel"), q)
            h = self.product(f"{at('channel')}.key.{expert}", q)
            h = np.where(h > 0, h, np.float32(0))
            x = x + self.product(f"{at('channel')}.value.{expert}", quantise(h * h, inverse)) * weight
        return quantise(rms(x), self.w["final_inverse"][self.row])

    def expert(self, at, q):
        """Section 10: an expert, its inverse step, and what its output is multiplied by."""
        name = MODALITIES[self.m]
        if f"{at}.router.{name}" not in self.w:
            return name, self.w[at + ".hidden_inverse"][self.row], ONE
        logits = self.product(f"{at}.router.{name}", q)
        best = int(np.argmax(logits))
        g = gate(logits[best] - np.delete(logits, best).max())
        if best == 0:
            return name, self.w[at + ".hidden_inverse"][self.row], g + g
        row = [m for m in MODALITIES if f"{at}.router.{m}" in self.w].index(name)
        return f"common.{best - 1}", self.w[at + ".hidden_inverse.common"][row][best - 1], g + g

    def shift(self, x, earlier, far, mu):
        """Section 9: the streams, by mu[left or far][stream]."""
        z = rms(x)
        left = earlier[-1] if earlier else np.zeros_like(z)
        far = np.zeros_like(z) if far is None else far
        earlier.append(z)
        return [(z + (left - z) * a) + (far - z) * b for a, b in zip(mu[0], mu[1])]

    def time(self, x, memory, at, far, first):
        w, m = self.w, self.row
        streams = self.shift(x, memory["time"], far, w[at + ".shift"][m])
        g = gate(streams[0])
        r, k, v = (self.product(f"{at}.{part}.{MODALITIES[self.m]}", quantise(z, w[at + ".in_inverse"][j]))
                   for j, (part, z) in enumerate(zip(("receptance", "key", "value"), streams)))
        if first is None:
            first = v
        else:
            v = v + (first - v) * w[at + ".first_value"][m]
        heads = lambda y: y.reshape(-1, 16)
        one = lambda name: heads(w[f"{at}.{name}"][m])
        r, k, v = heads(r), heads(k), heads(v)
        kk = k * (ONE / np.sqrt(sum16(k * k) + np.float32(1e-6)))[:, None]
        k = k * one("key_scale")
        b = kk * one("rate")
        # S[head, j, i], section 12.
        state = memory["state"] if len(memory["time"]) > 1 else np.zeros((len(r), 16, 16), np.float32)
        removal, y = np.zeros_like(v), np.zeros_like(v)
        for j in range(16):
            removal = removal + state[:, j] * kk[:, j: j + 1]
        state = (state * one("decay")[:, :, None] - removal[:, None] * b[:, :, None]) + v[:, None] * k[:, :, None]
        for j in range(16):
            y = y + state[:, j] * r[:, j: j + 1]
        memory["state"] = state
        part = np.float32(1 / 16)
        c = y - (sum16(y) * part)[:, None]
        n = c * (ONE / np.sqrt(sum16(c * c) * part + np.float32(1e-3)))[:, None]
        n = n * heads(w[at + ".norm_weight"]) + heads(w[at + ".norm_bias"])
        y = (n + sum16((r * k) * one("bonus"))[:, None] * v).reshape(-1)
        return x + self.product(at + ".output", quantise(y * g, w[at + ".out_inverse"][0])), first

    def token(self, lane, token):
        """What the token head is applied to."""
        x = rms(self.w["embedding"][token].astype(np.float32) * self.w["embedding.scale"][0])
        places = len(self.slots[lane][0]["time"]) if lane in self.slots else 0
        return self.trunk(x, lane, (lane, places - 2) if places > 1 else None)

    def pixel(self, row, features, far):
        """The real numbers of the pixel head, by channel."""
        m = MODALITIES[self.m]
        x = rms(self.product(f"pixel_input.{m}", features) + self.w[f"pixel_input.{m}.bias"])
        return (self.product(f"pixel_head.{m}", self.trunk(x, row, far)) + self.w[f"pixel_head.{m}.bias"]).reshape(3, -1)

    def mixture(self, c, y, residuals):
        """Section 14."""
        m = MODALITIES[self.m]
        d = np.clip(np.array(residuals[:c], np.int64), -255, 255)
        if c:
            f = [np.clip(8 * d, -127, 127), self.w["difference"][d + 255].astype(np.int64),
                 np.clip(2 * d, -127, 127), np.minimum(4 * abs(d), 127)]
            y = y + self.product(f"condition.{c}.{m}", np.stack(f, 1).reshape(-1))
        a = quantise(y * gate(y), self.w[f"mixture.{m}.inverse"][c])
        o = self.product(f"mixture.{c}.{m}", a) + self.w[f"mixture.{m}.bias"][c]
        weights, means, scales = o.reshape(3, 5)
        return np.concatenate([fixed(weights * np.float32(256), -2815, 2815),
                               fixed(means * np.float32(256), -8192, 8192), fixed(scales * np.float32(32), -96, 160)])


def digest(numbers):
    """SHA-256 of little-endian 16-bit numbers."""
    return hashlib.sha256(np.array(numbers, "<i2").tobytes()).hexdigest()


def text(w, tokens):
    """Lanes that start with the mark, are idle now and then, and read any tokens."""
    g, net, out, numbers = Random(1), Network(w, TEXT), [], []
    for step in range(STEPS):
        fed = [lane for lane in range(LANES) if step == 0 or g.below(5) > 0]
        read = [tokens if step == 0 else g.below(tokens + 1) for _ in fed]
        for lane, token in zip(fed, read):
            h = net.token(lane, token)
            for _ in range(NODES):
                node = g.below(tokens - 1)
                dot = np.float32(w["token_head"][node].astype(np.int64) @ h) * w["token_head.scale"][node]
                numbers.append(int(fixed((dot + w["token_head.bias"][node]) * np.float32(256), -2815, 2815)))
        if (step + 1) % BLOCK == 0:
            out.append(f"text {step // BLOCK} {digest(numbers)}")
            numbers = []
    return out


def image(w, modality):
    """A slanted pattern with noise; image.md, section 1, for what a pixel sees."""
    g, net, out = Random(2), Network(w, modality), []
    pixels = np.array([[[(37 * y + 11 * x + 60 * c + g.below(23)) % 256 for c in range(3)] for x in range(WIDTH)]
                       for y in range(HEIGHT)], np.int64)

    def at(y, x):
        if y < 0:
            return np.full(3, 128)
        if x < 0:
            return pixels[y - 1, 0] if y else np.full(3, 128)
        return pixels[y, min(x, WIDTH - 1)]

    difference = lambda d: w["difference"][d + 255].astype(np.int64)
    for y in range(HEIGHT):
        numbers = []
        for x in range(WIDTH):
            west, north, corner = at(y, x - 1), at(y - 1, x), at(y - 1, x - 1)
            median = np.median([west, north, west + north - corner], 0).astype(np.int64)
            f = [difference(at(y - up, x + right) - median) for up, right in NEIGHBOURS]
            f += [np.clip(median - 128, -127, 127), difference(np.roll(median, -1) - median), np.zeros(4, np.int64)]
            hidden = net.pixel(y, np.concatenate(f), (y - 1, x + 1) if y and x + 1 < WIDTH else None)
            for c in range(3):
                numbers += net.mixture(c, hidden[c], pixels[y, x] - median).tolist()
        out.append(f"{MODALITIES[modality]} {y} {digest(numbers)}")
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--weights", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    w, sizes, name = read(a.weights)
    lines = [f"weights 0 {name}"]
    for modality in sorted(present(w), key=[TEXT, IMAGE, SHALLOW].index):
        lines += text(w, int(sizes["vocabulary"])) if modality == TEXT else image(w, modality)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} lines to {a.out}")


if __name__ == "__main__":
    main()
