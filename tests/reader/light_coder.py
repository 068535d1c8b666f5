"""Substreams in the light form: docs/spec/bytes.md, section 11."""

import functools

from byte_coder import WholeTokens
from byte_position import History, Position, by_word, certainty
from byte_table import BUCKETS, PRETRAINED
from byte_tree import GROUPS, NODES
from container import need
from entropy import Prior, RangeDecoder, clamp, coarse, f32, hash2, log2, squash, stretch
from spec import artefact


# Section 11.2.
MOST = (24, 14, 9, 6, 5, 5)
TYPICAL = (0, 2, 4, 7, 14, 28, 56, 110, 220)
WORTH = (1, 1, 2, 2, 2, 2, 3, 3)


def exists(z, o):
    low, high = min(z, o), max(z, o)
    return low < 6 and high <= MOST[low]


def build_states():
    histories = [(0, 0, 0)]
    for total in range(1, 2 * MOST[0] + 1):
        for z in range(total + 1):
            if exists(z, total - z):
                histories += [(z, total - z, last) for last in (0, 1) if (z, total - z)[last]]
    numbers = {history: i for i, history in enumerate(histories)}
    following, seen = [], [z + o for z, o, _ in histories]
    for z, o, _ in histories:
        row = []
        for bit in (0, 1):
            own, other = (o, z) if bit else (z, o)
            other = 1 + log2(other) if other > 2 else other
            own += 1
            while not exists(own, other):
                own -= 1
            row.append(numbers[(other, own, 1) if bit else (own, other, 0)])
        following.append(row)
    for i in range(1, 81):
        z, o = TYPICAL[i // 9], TYPICAL[i % 9]
        whole, n = 10 * (z + o) + 8, WORTH[min(log2(z + o), 7)]
        share = lambda x: (2 * n * (10 * x + 4) + whole) // (2 * whole)
        following.append([numbers[share(z) + 1, share(o), 0], numbers[share(z), share(o) + 1, 1]])
        seen.append(1)
    return following, seen


FOLLOWING, SEEN = build_states()


def group_of(total):
    return sum(bound <= total for bound in (1, 3, 6, 10, 20, 40, 80, 160))


# Sections 8 and 11.2.
def pretrained(h, group):
    at, mark, counts = 32 * (h * BUCKETS >> 32), max(h & 0x3FF, 1), [0] * 16
    for i in range(16):
        entry = int.from_bytes(PRETRAINED[at + 2 * i : at + 2 * i + 2], "little")
        if entry >> 6 == mark:
            counts[entry >> 2 & 15] += (2, 6, 20, 64)[entry & 3]
    states = [0] * 16

    def add_up(node):
        zeros, ones = [counts[exit] if exit is not None else add_up(child) for exit, child in zip(node.exits, node.children)]
        if zeros + ones:
            states[node.index] = 154 + 9 * group_of(zeros) + group_of(ones)
        return zeros + ones

    add_up(GROUPS[group][0])
    return states


# Section 11.1.
class StateTable:
    def __init__(self, counters):
        self.size, self.lines = counters // 16, {}

    def find(self, contexts, group):
        """For each context its line, the number of its slot, and a copy of that."""
        found = []
        for c in contexts:
            spread = c * 0x9E3779B1 & 0xFFFFFFFF
            line = self.lines.setdefault((spread * self.size >> 32) ^ group, ([0] * 4, [[0] * 16 for _ in range(4)]))
            key = (spread + 0x5B * group) & 0xFFFFFFFF
            check = max(key & 0xFF, 1)
            slot = line[0].index(check) if check in line[0] else None
            found.append([line, slot, list(line[1][slot]) if slot is not None else None, key, check])
        for i, (c, of) in enumerate(zip(contexts, found)):
            line, slot, _, key, check = of
            if slot is None:
                order = [((key >> 8) + i) & 3 for i in range(4)]
                of[1] = min(order, key=lambda i: SEEN[line[1][i][1]])
                line[0][of[1]] = check
                of[2] = pretrained(hash2(c, group), group) if i < 5 else [0] * 16
        for of in found:
            of[2][0] = of[4]
        return [of[:3] for of in found]


# Section 11.4.
@functools.lru_cache(None)
def prior_numbers():
    return artefact("light-bytes.bin")


class LightSubstream:
    def __init__(self, parameters):
        self.table, self.history = StateTable(parameters.counters), History(parameters)
        self.position = Position(self.history, 1)
        prior = Prior(prior_numbers())
        logits = [stretch(p) for p in prior.probabilities(6 * 256)]
        self.logits = [logits[256 * i : 256 * i + 256] for i in range(6)]
        self.lengths = [16 * p for p in prior.probabilities(34)]
        self.lately = [16 * p for p in prior.probabilities(256)]
        weight = lambda b: f32(16 * (b - 128) * abs(b - 128) / 65536)
        self.weights = [[[weight(b) for b in prior.take(8)] for _ in range(of)] for of in (2048, 512, 1024)]
        self.whole = WholeTokens(parameters, prior)
        prior.end()
        self.rate, self.decisions = f32(0.004), 0

    def decode(self, payload, length, record, network, prefix, name, is_learned=False):
        need(not network, "a block with the network in a stream of the light form")
        self.history.make_room(length)
        self.decoder, self.known = None if is_learned else RangeDecoder(payload), iter(payload)
        self.position.open(record)
        for left in range(length, 0, -1):
            self.comes = None if self.decoder else next(self.known)
            self.byte(left)
        return bytes(self.history.bytes[len(self.history.bytes) - length :])

    def byte(self, left):
        position = self.position
        position.look_up()
        expected, refuted = self.whole.expect(position, left), False
        if expected and expected[3] >= 57000:
            came = self.decoder.decide(expected[3]) if self.decoder else int(expected[0][0] == self.comes)
            self.whole.learn(expected, came)
            position.streak = position.streak + 1 if came else 0
            if came:
                position.append(expected[0][0], 1)
                return
            refuted, expected = True, None
        byte = self.spell(refuted)
        if expected:
            came = int(expected[0][0] == byte)
            self.whole.learn(expected, came)
            position.streak = position.streak + 1 if came else 0
        position.append(byte, 1)

    def spell(self, refuted):
        usual = self.position.contexts(0)[0]
        contexts = [usual[i] for i in (0, 1, 2, 5, 7, 4 if self.position.record else 6)]
        [node], first, last = NODES[:1], 0, 255
        group = None
        while True:
            if node.group != group:
                self.put_back()
                group = node.group
                self.turn = self.table.find(contexts, group)
                known = 64 * sum(slot[1] > 0 for _, _, slot in self.turn)
            bit = self.decide(node, refuted, known)
            first, last = (node.split, last) if bit else (first, node.split - 1)
            node = node.children[bit]
            if node is None:
                self.put_back()
                return first

    turn = ()

    def put_back(self):
        for line, number, slot in self.turn:
            line[1][number], line[0][number] = slot, slot[0]
        self.turn = ()

    # Section 11.3.
    def decide(self, node, refuted, known):
        position, history, length, expected = self.position, self.history, 0, 0
        if position.match and position.match[0] < len(history.bytes):
            byte = history.bytes[position.match[0]]
            if node.first <= byte <= node.last:
                length = 33 if refuted else min(position.match[1], 32)
                expected = int(byte >= node.split)
        _, four, word = position.selectors()
        kind = known + 8 * certainty(length) + (position.shape & 7)
        rows = [self.weights[0][by_word(word, node.number)], self.weights[1][kind], self.weights[2][four]]
        inputs = [self.logits[i][slot[node.index]] for i, (_, _, slot) in enumerate(self.turn)]
        by_match = coarse(self.lengths[length] >> 4) if length else 0
        inputs += [by_match if expected else -by_match, coarse(self.lately[node.number] >> 4)]
        a, b, c = rows
        v = [f32(x * f32(f32(a[i] + b[i]) + c[i])) for i, x in enumerate(inputs)]
        t = [f32(v[i] + v[i + 4]) for i in range(4)]
        x = int(clamp(f32(f32(t[0] + t[2]) + f32(t[1] + t[3])), -2815.0, 2815.0))
        p = squash(8 * ((x + 2815) >> 3) - 2811)
        bit = self.decoder.decide(p) if self.decoder else int(self.comes >= node.split)
        e = f32(f32(65536 * bit - p) * f32(self.rate * 2.0**-24))
        for i, value in enumerate(inputs):
            step = f32(value * e)
            for row in rows:
                row[i] = f32(row[i] + step)
        if length:
            self.lengths[length] += (((1 << 20) - 1 if bit == expected else 0) - self.lengths[length]) >> 7
        self.lately[node.number] += (((1 << 20) - 1 if bit else 0) - self.lately[node.number]) >> 3
        for _, _, slot in self.turn:
            slot[node.index] = FOLLOWING[slot[node.index]][bit]
        self.decisions = min(self.decisions + 1, 2**32 - 1)
        if self.decisions % 1024 == 0:
            over = f32(f32(f32(f32(0.004) - f32(0.0015)) * 262144.0) / f32(262144 + self.decisions))
            self.rate = f32(f32(0.0015) + over)
        return bit
