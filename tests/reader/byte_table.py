"""The context table and what it begins with: docs/spec/bytes.md, sections 7 and 8."""

from byte_tree import GROUPS
from entropy import Counter, SmallCounter, hash2, log2
from spec import artefact


class Slot:
    """Counters that are fresh are not there yet."""

    begun = False

    def __init__(self, check=0):
        self.check, self.end, self.counters = check, SmallCounter(), {}

    def counter(self, index):
        if index not in self.counters:
            self.counters[index] = Counter()
        return self.counters[index]

    def copy(self):
        new = Slot(self.check)
        new.end.p16, new.end.n = self.end.p16, self.end.n
        for index, counter in self.counters.items():
            of = new.counters[index] = Counter(0, counter.n, counter.known)
            of.p22 = counter.p22
        return new


PRETRAINED = artefact("pretrained.bin")
BUCKETS = len(PRETRAINED) // 32


# Section 8.
def pretrain(slot, h, group):
    at = 32 * (h * BUCKETS >> 32)
    entries = [int.from_bytes(PRETRAINED[at + 2 * i : at + 2 * i + 2], "little") for i in range(16)]
    exits, ends = max(h & 0x3FF, 1), max(h & 0x3FF ^ 0x2AA, 1)
    counts = [0] * 16
    for entry in entries:
        a, w = entry >> 2 & 15, entry & 3
        if entry >> 6 == ends:
            slot.end = SmallCounter((2 * a + 1) << 11, 2)
        if entry >> 6 == exits:
            counts[a] = (2, 6, 20, 64)[w]

    def add_up(node):
        sums = []
        for exit, child in zip(node.exits, node.children):
            sums.append(counts[exit] if exit is not None else add_up(child))
        zeros, ones = sums
        if zeros + ones:
            p = ((10 * ones + 4) << 16) // (10 * (ones + zeros) + 8)
            n = (1, 1, 2, 2, 2, 2, 3, 3)[min(log2(ones + zeros), 7)]
            slot.counters[node.index] = Counter(p, n, 1)
        return zeros + ones

    add_up(GROUPS[group][0])


# Section 7.
class ContextTable:
    def __init__(self, counters):
        self.size, self.slots, self.below = counters // 16, {}, None

    def slot(self, at):
        if at not in self.slots:
            self.slots[at] = Slot()
        return self.slots[at]

    def place(self, h):
        """The slot of a context, and whether it has one."""
        first = ((h * 0x9E3779B1 & 0xFFFFFFFF) * self.size) >> 32
        here = self.slot(first).check == h >> 22
        return first if here else first ^ 1, here or self.slot(first ^ 1).check == h >> 22

    def of_dictionary(self, h):
        """dictionary.md, section 4."""
        at, exists = self.below.place(h) if self.below else (0, False)
        if not exists:
            return None
        slot = self.below.slot(at).copy()
        for counter in slot.counters.values():
            counter.n = min(counter.n, 12)
        slot.begun = True
        return slot

    def find(self, contexts, group, pretrained):
        hashes = [hash2(context, group) for context in contexts]
        found = []
        for h in hashes:
            found.append(self.place(h))
        places = []
        for h, (at, exists) in zip(hashes, found):
            if not exists:
                even, odd = at & ~1, at | 1
                n = [self.slot(i).counter(1).n for i in (even, odd)]
                at = odd if n[1] <= n[0] else even
                self.slots[at] = self.of_dictionary(h) or Slot(h >> 22)
                if pretrained and not self.slots[at].begun:
                    pretrain(self.slots[at], h, group)
            places.append(at)
        return places
