"""Maps of mapped tiles: docs/spec/image.md, section 15."""

from container import need

CODED = {2, 3, 5, 6, 7, 11, 12, 13, 16, 17, 18, 20, 21}


def read_map(reader, size):
    """The values that numbers stand for, or none if that is themselves."""
    first = reader.byte()
    if first == 0:
        return None
    if first == 1 and size == 1:
        bits = reader.take(32)
        values = [v for v in range(256) if bits[v >> 3] >> (v & 7) & 1]
        need(values, "a map has no value")
        return values
    need(size == 2, "a channel has no such map")
    if first == 1:
        values, next_value = [], 0
        for _ in range(reader.byte() + 1):
            values.append(next_value + reader.number())
            next_value = values[-1] + 1
        need(values[-1] <= 65535, "a value is too large")
        return values
    way, bits = first >> 4, first & 15
    need(1 <= way <= 4 and bits >= 8, "a channel has no such map")
    most = (1 << bits) - 1
    return [
        (
            n << 16 - bits,
            (n << 16 - bits) + (n >> 2 * bits - 16),
            (65535 * n + (1 << bits - 1) - 1) // most,
            n,
        )[way - 1]
        for n in range(most + 1)
    ]


def small(maps, size):
    return size == 1 or all(values is not None and len(values) <= 256 for values in maps)


def samples(data, maps, size, inner):
    """Samples of `size` bytes for numbers of `inner`."""
    out = bytearray()
    for i in range(0, len(data), inner):
        number, values = int.from_bytes(data[i : i + inner], "big"), maps[i // inner % len(maps)]
        need(values is None or number < len(values), "a number stands for no sample")
        out += (number if values is None else values[number]).to_bytes(size, "big")
    return bytes(out)
