"""Dictionaries: docs/spec/dictionary.md."""

import copy
import hashlib
import zlib

from byte_coder import Parameters, Substream
from container import Reader, need
from entropy import clamp, hash2

LIBRARY = bytes.fromhex("7d1b2306")


def file_of(samples, model=LIBRARY):
    """Section 1."""
    numbers = [len(samples)] + [len(sample) for sample in samples]
    data = b"\x89DCD\x01" + model + b"".join(number(n) for n in numbers) + b"".join(samples)
    return data + zlib.crc32(data).to_bytes(4, "little")


def number(n):
    out = b""
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


class Dictionary:
    def __init__(self, data):
        if data[:4] != b"\x89DCD":
            data = file_of([data])
        self.id, reader = hashlib.sha256(data).digest()[:4], Reader(data[:-4])
        need(reader.take(5) == b"\x89DCD\x01", "this is no dictionary")
        need(zlib.crc32(reader.data) == int.from_bytes(data[-4:], "little"), "the checksum of a dictionary")
        self.model, count = reader.take(4), reader.number()
        need(1 <= count <= 1 << 16, "a dictionary has no such number of samples")
        lengths = [reader.number() for _ in range(count)]
        need(min(lengths) >= 1 and sum(lengths) <= 1 << 24, "samples have no such length")
        self.samples = [reader.take(length) for length in lengths]
        need(reader.done(), "something follows the samples")
        self.text, self.prepared = b"".join(self.samples), {}
        self.places, self.long = self.look()

    # Section 4.
    def look(self):
        self.k = max(12, 1 + (len(self.text) - 1).bit_length())
        places, long = {}, {}
        for at in range(1, len(self.text) + 1):
            if at >= 5:
                places[self.slot(self.text[at - 5 : at])] = at
            if at >= 16:
                long[self.long_slot(self.text[at - 16 : at])] = at
        return places, long

    def slot(self, five):
        return hash2(int.from_bytes(five[1:], "big"), five[0]) >> (32 - self.k)

    def long_slot(self, sixteen):
        h = 0
        for byte in sixteen:
            h = hash2(h, byte)
        return h >> (32 - self.k)

    def match(self, own):
        """For the last bytes of a stream."""
        for least, slots, slot in ((16, self.long, self.long_slot), (5, self.places, self.slot)):
            at, agree = slots.get(slot(own[-least:]), 0) if len(own) >= least else 0, 0
            while agree < min(32, at, len(own)) and self.text[at - 1 - agree] == own[-1 - agree]:
                agree += 1
            if agree >= 5:
                return at, agree
        return None

    # Section 3.
    def prepare(self, network, groups):
        if (network, groups) not in self.prepared:
            k = clamp(6 + (len(self.text) - 1).bit_length(), 18, 24)
            # Before its last 2^16 bytes the network would read nothing.
            need(not network or len(self.text) <= 1 << 16, "so large dictionaries are not read here")
            coder = Substream(Parameters(k + 64 * (groups - 1)))
            for sample in self.samples:
                coder.position.begin()
                coder.network = coder.last_token = None
                coder.learn(sample, self.model if network else None)
            self.prepared[network, groups] = coder
        return self.prepared[network, groups]

    def begin(self, coder, network):
        """What a substream begins with."""
        of = self.prepare(network, coder.groups)
        coder.states[network] = copy.deepcopy(of.states[network])
        coder.whole, coder.by_byte = copy.deepcopy(of.whole), copy.deepcopy(of.by_byte)
        coder.position.followers = dict(of.position.followers)
        coder.table.below = of.table
        history = coder.history
        history.below = len(self.text)
        history.bytes[:0], history.starts[:0] = of.history.bytes, of.history.starts
