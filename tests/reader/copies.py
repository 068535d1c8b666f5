"""Window and copies: docs/spec/format.md, section 4.7."""

from container import need


class Copies:
    def __init__(self):
        self.window, self.all = 0, []
        # Where the last copy ends: bytes in no copy up to there, and all bytes.
        self.literal, self.end = 0, 0

    def open(self, content):
        log2 = content.byte()
        need(16 <= log2 <= 28 and content.done(), "the window is wrong")
        self.window = 1 << log2

    def take(self, content, given):
        """Copies of a chunk in front of which so many bytes in no copy came, at least."""
        need(self.window, "copies in a stream without a window")
        need(len(content.data) <= 1 << 16, "a chunk of copies is too long")
        while not content.done():
            skip, length, distance = content.number(), content.number(), content.number()
            self.literal += skip
            start = self.end + skip
            need(1 <= length <= 1 << 30 and 1 <= distance <= min(self.window, start), "a copy is out of range")
            need(self.literal >= given, "a copy comes too late")
            self.all.append((self.literal, length, distance))
            self.end = start + length

    def put(self, literals):
        """The bytes in no copy, with copies between them."""
        need(self.literal <= len(literals), "a copy lies behind the last byte")
        out, at = bytearray(), 0
        for place, length, distance in self.all:
            out += literals[at:place]
            at = place
            while length:
                now = out[-distance:][:length]
                out += now
                length -= len(now)
        return bytes(out + literals[at:])
