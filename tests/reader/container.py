"""Header, chunks and checksums: docs/spec/format.md."""

import zlib

KINDS = {
    0: "empty", 1: "stored", 2: "contexts-only", 3: "network", 4: "fill",
    5: "photo", 6: "linear", 7: "deep", 8: "image header", 9: "metadata",
    10: "end", 11: "lattice photo", 12: "lattice linear", 13: "lattice deep",
    14: "file span", 15: "file header", 16: "fast", 17: "tile bytes", 18: "lattice fast", 19: "original file",
    20: "drawn", 21: "tile blocks", 22: "window", 23: "copies", 24: "tile mapped",
}


class Corrupt(Exception):
    pass


def need(condition, rule):
    if not condition:
        raise Corrupt(rule)


class Reader:
    """Bytes that are taken from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data), "the input ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def rest(self):
        return self.take(len(self.data) - self.at)

    def done(self):
        return self.at == len(self.data)

    # Section 1.
    def number(self, short=True):
        value = length = 0
        while True:
            b = self.byte()
            value |= (b & 0x7F) << 7 * length
            length += 1
            if b < 0x80:
                need(b or length == 1 or not short, "a number is longer than it needs to be")
                return value
            need(length < 9, "a number is too large")


class Chunk:
    def __init__(self, reader):
        self.type = reader.byte()
        self.kind, self.final = KINDS.get(self.type & 0x3F), bool(self.type & 0x40)
        need(self.kind or self.type & 0x80, "a chunk of unknown kind may not be skipped")
        may = self.kind in (None, "metadata", "original file")
        need(may or not self.type & 0x80, "a chunk that must not be skipped says that it may be")
        self.body = Reader(reader.take(reader.number()))

    def checksum(self):
        return int.from_bytes(self.body.take(4), "little")

    def verify(self, content, checksum):
        need(zlib.crc32(bytes([self.type]), zlib.crc32(content)) == checksum, "checksum")
        return content

    def checked_rest(self):
        """The rest of a body whose checksum is over the rest itself."""
        checksum = self.checksum()
        rest = self.body.rest()
        return Reader(self.verify(rest, checksum))


KINDS_OF_STREAMS = {0x42: "bytes", 0x57: "bytes with a dictionary", 0x49: "image", 0x46: "image file"}


# Sections 2 and 3.
class Stream:
    def __init__(self, reader):
        need(reader.take(3) == b"\x89DC", "the signature is wrong")
        self.kind = KINDS_OF_STREAMS.get(reader.byte())
        need(reader.byte() == 1, "the version is unknown")
        need(self.kind, "the kind is wrong")
        self.model, self.parameter = reader.take(4), reader.byte()
        self.reader = reader

    def chunks(self):
        passed = 0
        while True:
            chunk = Chunk(self.reader)
            passed = 0 if chunk.kind else passed + 1
            need(passed <= 1024, "too many chunks are skipped")
            need(chunk.kind or not chunk.final, "the stream ends with a chunk of unknown kind")
            yield chunk
            if chunk.final:
                return
