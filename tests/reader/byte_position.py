"""History, matches and contexts of bytes: docs/spec/bytes.md, sections 2.3, 5 and 6."""

from entropy import hash2, log2


# Section 5.
class History:
    def __init__(self, parameters):
        log = min(log2(parameters.counters) - 2, 21 - parameters.groups)
        self.log, self.places, self.far = log, [0] * (1 << log), {}
        # So many bytes are those of a dictionary.
        self.below, self.bytes, self.starts = 0, bytearray(), bytearray()

    # Section 2.3.
    def make_room(self, length):
        most = max((1 << 22) - length, 0)
        below, have = self.below, len(self.bytes) - self.below
        if have > most:
            gone = min(have, (max(have - most, 1 << 20) + 63) // 64 * 64)
            del self.bytes[below : below + gone], self.starts[below : below + gone]
            self.starts[below : below + 1] = b"\1" * len(self.starts[below : below + 1])
            self.places = [max(place - gone, 0) for place in self.places]
            self.far = {slot: max(place - gone, 0) for slot, place in self.far.items()}

    def append(self, byte, starts):
        self.bytes.append(byte)
        self.starts.append(starts)

    def byte(self, at):
        return self.bytes[at] if at < len(self.bytes) else None

    def long(self):
        """Where the place of the last sixteen bytes stands."""
        if len(self.bytes) - self.below < 16:
            return None
        w = [int.from_bytes(self.bytes[at : at + 4 or None], "little") for at in (-16, -12, -8, -4)]
        return hash2(hash2(w[0], w[1]), hash2(w[2], w[3])) >> (34 - self.log)

    def note(self, last):
        own = len(self.bytes) - self.below
        if own < 5:
            return None
        if own >= 16 and own % 4 == 0:
            self.far[self.long()] = len(self.bytes)
        slot = hash2(last & 0xFFFFFFFF, last >> 32 & 0xFF) >> (32 - self.log)
        before, self.places[slot] = self.places[slot], len(self.bytes)
        return before

    def take_over(self, data, starts):
        self.make_room(len(data))
        last = 0
        for i, byte in enumerate(data):
            self.append(byte, starts[i])
            last = last << 8 & 0xFFFFFFFFFF | byte
            if i >= 4:
                self.note(last)


def byte_class(b):
    c = chr(b)
    if "a" <= c <= "z" or b >= 128:
        return 0
    if "A" <= c <= "Z":
        return 1
    if "0" <= c <= "9":
        return 2
    for number, members in ((3, " "), (4, "\n\r"), (5, ".,;:!?-_"), (6, "<>=\"'/")):
        if c in members:
            return number
    return 7


# Section 4.
def length_class(agree):
    log = log2(agree)
    return 2 * (log - 3) + (agree >> (log - 1) & 1)


# Section 3.2.
def certainty(length):
    return sum(length >= least for least in (1, 5, 8, 16, 24, 32, 33))


# Section 3.3.
def by_word(word, number):
    return ((word + 0x9E3779B1 * number) & 0xFFFFFFFF) >> 21


# Section 6.
class Position:
    def __init__(self, history, groups, dictionary=None):
        self.history, self.groups, self.dictionary = history, groups, dictionary
        self.followers = {}
        self.begin()

    def begin(self):
        self.last = 0
        self.word = self.earlier = self.older = self.gap = 0
        self.line = self.before = self.oldest = 0
        self.shape = self.runs = self.run = self.letters = self.opened = self.closed = self.field = 0
        self.match, self.pending, self.refuted, self.streak, self.hint = None, False, False, 0, None

    def open(self, record=None):
        """A piece, of records of so many bytes or of text."""
        self.record = record
        self.line = self.before = self.oldest = len(self.history.bytes)
        self.match, self.pending, self.hint = None, False, None

    def append(self, b, starts):
        self.look_up()
        history = self.history
        history.append(b, starts)
        if self.groups == 2:
            pair = self.last & 0xFFFF
            self.followers[pair] = (self.followers.get(pair, 0) << 8 | b) & 0xFFFF
        self.last = (self.last << 8 | b) & 0xFFFFFFFFFFFFFFFF
        c = chr(b)
        code = 0
        if "a" <= c <= "z" or "0" <= c <= "9" or b >= 128:
            code = b + 1
        elif "A" <= c <= "Z":
            code = b + 33
        self.structure(b, c, code)
        self.letters = min(self.letters + 1, 7) if code else 0
        if code:
            self.word = hash2(self.word, code)
        else:
            if self.word:
                self.older, self.earlier, self.gap = self.earlier, self.word, 0
            self.gap = hash2(self.gap, b + 1)
            self.word = 0
        if len(history.bytes) == self.line + self.record if self.record else c == "\n":
            self.oldest, self.before, self.line = self.before, self.line, len(history.bytes)
        if self.match and history.byte(self.match[0]) == b:
            history.note(self.last)
            self.match = (self.match[0] + 1, min(self.match[1] + 1, 1023))
        else:
            self.pending = True
            if self.match:
                self.match = (self.match[0] + 1, max(min(self.match[1], 24) >> 1, 1))
        expected = history.byte(self.match[0]) if self.match else None
        self.hint = (expected, self.match[1]) if expected is not None and self.match[1] >= 8 else None

    def structure(self, b, c, code):
        self.shape = (8 * self.shape + byte_class(b)) & 0xFFFFFFFF
        if byte_class(b) == self.runs & 7:
            self.run = min(self.run + 1, 7)
        else:
            self.runs, self.run = (8 * self.runs + byte_class(b)) & 0xFFFFFFFF, 1
        if c in "<{[(":
            self.opened, self.field = hash2(b, 1), 0
        elif c in ">}])":
            self.closed, self.opened, self.field = self.opened, b, 0
        elif c in ",\t;|":
            self.field = (self.field + 1) & 255
        elif c == "\n":
            self.field = 0
        elif code and self.opened > 255:
            self.opened = hash2(self.opened, code)

    def look_up(self):
        if not self.pending:
            return
        self.pending = False
        history, data = self.history, self.history.bytes
        other = history.far.get(history.long(), 0)
        place = history.note(self.last) or 0
        found = place, self.agree(place)
        if found[1] < 16 and self.agree(other) >= 16:
            found = other, self.agree(other)
        if found[1] < 5:
            found = self.dictionary.match(data[history.below :]) if self.dictionary else None
        if found and (not self.match or found[1] >= self.match[1]):
            self.match = found

    def agree(self, place):
        """Bytes before a place that are those at the end of the history."""
        data, agree = self.history.bytes, 0
        while agree < min(32, place - self.history.below) and data[place - 1 - agree] == data[len(data) - 1 - agree]:
            agree += 1
        return agree

    def above(self, k):
        at = self.before + len(self.history.bytes) - self.line + k
        return self.history.bytes[at] if at < self.line else 256

    def selectors(self):
        """By two bytes, by four classes, and the hash of a word."""
        two, four = hash2(self.last & 0xFFFF, 0) >> 22, hash2(self.shape & 0xFFF, 0) >> 22
        return two, four, hash2(8 * (self.shape & 7) + self.letters, 0)

    def contexts(self, d):
        last, high = self.last & 0xFFFFFFFF, self.last >> 32
        b1 = last & 0xFF
        up, next_up = self.above(0), self.above(1)
        first = [
            hash2(b1, 256 + d),
            hash2(last & 0xFFFF, 512),
            hash2(last & 0xFFFFFF, 768),
            hash2(last, 1024),
            hash2(hash2(last, high & 0xFFFF), 1280),
            hash2(hash2(self.word, b1), 1536),
            hash2(hash2(self.runs & 0x7FFF, self.run), hash2(up, 1792)),
            hash2(hash2(self.word, self.earlier), hash2(self.gap, 2048)),
        ]
        if self.hint:
            expected, agree = self.hint
            first[0] = hash2(length_class(agree) << 8 | expected, 3072)
        if self.record:
            column = len(self.history.bytes) - self.line
            at = self.oldest + column
            two_above = self.history.bytes[at] if at < self.before else 256
            expected = (2 * up - two_above) & 255 if two_above < 256 else 256
            first[4] = hash2(hash2(column, up), 2304)
            first[5] = hash2(hash2(column, b1), 2560)
            first[7] = hash2(hash2(column, expected), 2816)
        if self.groups == 1:
            return [first]
        of_line = self.history.byte(self.line)
        of_line = 256 if of_line is None else of_line
        return [first, [
            hash2(hash2(self.word, self.field), 4352),
            hash2(last & 0xFFFFFF00, 4608),
            hash2(hash2(self.word, self.older), 4864),
            hash2(hash2(self.shape & 0xFFFFFF, b1), 5120),
            hash2(hash2(up << 9 | next_up, self.field << 9 | of_line), 5376),
            hash2(hash2(self.opened, self.closed), hash2(self.word, 5632)),
            hash2(hash2(self.followers.get(last & 0xFFFF, 0), b1), 5888),
            hash2(hash2(self.runs & 0xFFFFFF, self.run), 6144),
        ]]
