"""Matches as zlib looks for them: docs/spec/deflate.md, section 3."""

LEVELS = {
    1: (4, 4, 8, 4), 2: (4, 5, 16, 8), 3: (4, 6, 32, 32),
    4: (4, 4, 16, 16), 5: (8, 16, 32, 32), 6: (8, 16, 128, 128),
    7: (8, 32, 128, 256), 8: (32, 128, 258, 1024), 9: (32, 258, 258, 4096),
}  # fmt: skip
NONE = (0, 0)


class Search:
    """A match is its length and its distance; none has the length 0."""

    def __init__(self, text, level, filtered, far, bits):
        self.text, self.level, self.filtered, self.reach = text, level, filtered, 32768 if far else 32506
        self.good, self.lazy, self.nice, self.chain = LEVELS[level]
        self.shift, self.mask = (bits + 2) // 3, (1 << bits) - 1
        # For each hash the place entered last, and for each place the one entered before it.
        self.heads, self.before = {}, []
        self.advance = None
        self.steps = 0

    def hash(self, i):
        b0, b1, b2 = self.text[i : i + 3]
        return ((b0 << self.shift ^ b1) << self.shift ^ b2) & self.mask

    def enter(self, end):
        """All places before `end` that are not; those of the last two bytes are in no list."""
        for i in range(len(self.before), min(end, len(self.text) - 2)):
            h = self.hash(i)
            self.before.append(self.heads.get(h, 0))
            self.heads[h] = i

    def walk(self, i, places):
        if i + 3 > len(self.text):
            return
        at = self.before[i] if i < len(self.before) else self.heads.get(self.hash(i), 0)
        reach = self.reach
        while places and at > 0 and i - at <= reach:
            self.steps += 1
            yield at
            at, places, reach = self.before[at], places - 1, self.reach - 1

    def agree(self, at, i, most):
        text, count = self.text, 0
        while count < most and text[at + count] == text[i + count]:
            count += 1
        self.steps += count // 8
        return count

    def find(self, i, known):
        best, match, text = max(known, 2), NONE, self.text
        most = min(258, len(text) - i)
        if best >= most:
            return NONE
        for at in self.walk(i, self.chain >> 2 if known >= self.good else self.chain):
            if text[at + best] != text[i + best]:
                continue
            count = self.agree(at, i, most)
            if count > best:
                best, match = count, (count, i - at)
                if best >= min(self.nice, most):
                    break
        length, distance = match
        if self.level >= 4 and (self.filtered and length <= 5 or length == 3 and distance > 4096):
            return NONE
        return match

    def outlook(self, i):
        """The match here, and how much longer the next one is."""
        here, self.advance, longer = self.advance or self.find(i, 0), None, 0
        if self.level >= 4 and 3 <= here[0] < self.lazy and i + 1 < len(self.text):
            self.enter(i + 1)
            following = self.find(i + 1, here[0])
            if following[0] > here[0]:
                self.advance, longer = following, following[0] - here[0]
        return here, longer

    def literal(self, i):
        self.enter(i + 1)

    def matched(self, i, length):
        self.advance = None
        if self.level <= 3 and length > self.lazy:
            self.enter(i + 1)
            while len(self.before) < min(i + length, len(self.text) - 2):
                self.before.append(None)
        else:
            self.enter(i + length)

    def stored(self, end):
        self.advance = None
        self.enter(end)
