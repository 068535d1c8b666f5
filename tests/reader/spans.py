"""Files in the place of spans: docs/spec/format.md, sections 4.4 and 4.6."""

from container import Reader, Stream, need
from deflate_file import deflate_file
from image_file import read_image
from jpeg_file import jpeg_file
from tiles import CHANNELS


class Span:
    def __init__(self, chunk, place):
        self.chunk, self.checksum, content = chunk, chunk.checksum(), chunk.body
        self.start = place + content.number()
        self.length, self.file, self.method = content.number(), content.number(), content.byte()
        self.end = self.start + self.length
        self.payload = content.rest()
        need(1 <= self.length and 1 <= self.file <= 1 << 30, "a span or a file has no such length")
        need(self.length <= (self.file if self.method != 2 else min(1032 * self.file, 1 << 30)), "a span is too long")

    def make(self, text):
        need(self.method in METHODS, "there is no such method")
        file = METHODS[self.method](text, self.payload, self.file)
        need(len(file) == self.file, "a file has another length")
        return self.chunk.verify(file, self.checksum)


def replace(data, spans, start, end):
    """`data[start:end]` with the files of the spans in it, which are taken from the front of the list."""
    out = []
    while spans and spans[0].start < end:
        span = spans.pop(0)
        need(start <= span.start and span.end <= end, "a span goes on behind what it lies in")
        out.append(data[start : span.start])
        out.append(span.make(replace(data, spans, span.start, span.end)))
        start = span.end
    out.append(data[start:end])
    return b"".join(out)


# Section 4.6.
def pack(samples, bits):
    if bits >= 8:
        return bytes(samples)
    out, value, count = bytearray(), 0, 0
    for sample in samples:
        need(sample < 1 << bits, "a sample has too many bits")
        value, count = value << bits | sample, count + bits
        if count == 8:
            out.append(value)
            value = count = 0
    if count:
        out.append(value << 8 - count)
    return bytes(out)


def filtered(row, above, kind, back):
    """PNG, third edition, section 9."""
    out = bytearray()
    for i, x in enumerate(row):
        a, b, c = row[i - back] if i >= back else 0, above[i], above[i - back] if i >= back else 0
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((x - (0, a, b, (a + b) // 2, nearest)[kind]) & 255)
    return bytes(out)


def rows_of(pixels, header, bits, kinds):
    width, height, color = header[:3]
    channels, size = CHANNELS[color]
    need(bits in (1, 2, 4, 8, 16) and size == 1 + (bits == 16), "samples have no such bits")
    need(bits >= 8 or channels == 1, "only grey samples have less than 8 bits")
    need(len(kinds) == height and max(kinds) <= 4, "there is no such filter")
    out, stride = [], width * channels * size
    above = bytes((width * channels * bits + 7) // 8)
    for y, kind in enumerate(kinds):
        row = pack(pixels[y * stride : (y + 1) * stride], bits)
        out += [bytes([kind]), filtered(row, above, kind, max(channels * bits // 8, 1))]
        above = row
    return b"".join(out)


def rows_file(text, payload, _):
    reader = Reader(payload)
    bits = reader.byte()
    stream = Stream(reader)
    need(stream.kind == "image", "rows need an image")
    pixels, header, _ = read_image(stream)
    need(reader.done(), "something follows an image")
    return rows_of(pixels, header, bits, text)


METHODS = {1: jpeg_file, 2: deflate_file, 3: rows_file}
