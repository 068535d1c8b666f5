"""Transforms and exceptions of tiles of luma and chroma: docs/spec/image.md, section 12."""

from container import need
from entropy import Counter, clamp


class Contexts:
    """Counters by any context, fresh at first."""

    def __init__(self):
        self.counters = {}

    def __getitem__(self, key):
        if key not in self.counters:
            self.counters[key] = Counter()
        return self.counters[key]


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
