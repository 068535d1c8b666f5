"""Blocks of a bytes stream: docs/spec/bytes.md."""

import functools

from container import need, Reader
from entropy import Apm, Counter, Mixer, MixerSet, Prior, RangeDecoder, RememberingMap, SmallCounter
from entropy import clamp, coarse, fine, hash2, log2, squash
from network import TextNetwork, weights_of
from spec import artefact, numbers

END = 255


class Node:
    def __init__(self, first, last, split, depth):
        self.first, self.last, self.split, self.depth = first, last, split, depth
        self.children, self.group, self.index, self.exits = [None, None], None, 0, [None, None]


# Section 1.1.
def build_tree():
    splits, nodes = numbers("bytes.md", "1.1"), []

    def grow(first, last, depth):
        if first == last:
            return None
        node = Node(first, last, splits[len(nodes)], depth)
        node.number = len(nodes)
        nodes.append(node)
        node.children[0] = grow(first, node.split - 1, depth + 1)
        node.children[1] = grow(node.split, last, depth + 1)
        return node

    grow(0, 255, 0)
    groups = []
    for node in nodes:
        if node.group is not None:
            continue
        group, looked = [node], 0
        while looked < len(group):
            for child in group[looked].children:
                if child and len(group) < 15:
                    group.append(child)
            looked += 1
        for i, member in enumerate(group):
            member.group, member.index = len(groups), i + 1
        exits = 0
        for member in group:
            for outcome, child in enumerate(member.children):
                if child not in group:
                    member.exits[outcome] = exits
                    exits += 1
        groups.append(group)
    return nodes, groups


NODES, GROUPS = build_tree()


# Section 1.2.
class Decision:
    """A node of the next byte, or the end of a token if `node` is none, after the bytes `spelled`."""

    def __init__(self, number, node, spelled):
        self.number, self.node, self.spelled, self.branches = number, node, spelled, None


class Vocabulary:
    def __init__(self, tokens):
        self.tokens, self.ids, self.count = tokens, {token: i for i, token in enumerate(tokens)}, 0
        # For each token the bytes that make it a longer one.
        self.longer = [set() for _ in tokens]
        for token in tokens:
            if token[:-1] in self.ids:
                self.longer[self.ids[token[:-1]]].add(token[-1])
        self.root = self.grow(0, len(tokens), 0, None)

    def grow(self, low, high, depth, node):
        """A decision, or the number of the only token left."""
        if high - low == 1:
            return low
        tokens = self.tokens
        if node is None:
            if len(tokens[low]) != depth:
                return self.grow(low, high, depth, NODES[0])
            split = low + 1
        else:
            split = next((i for i in range(low, high) if tokens[i][depth] >= node.split), high)
            for outcome, other in ((1, split == low), (0, split == high)):
                if other:
                    return self.below(low, high, depth, node.children[outcome])
        decision = Decision(self.count, node, tokens[low][:depth])
        self.count += 1
        if node is None:
            # The token that ends comes first in byte order.
            decision.branches = [self.grow(split, high, depth, NODES[0]), low]
        else:
            zero = self.below(low, split, depth, node.children[0])
            decision.branches = [zero, self.below(split, high, depth, node.children[1])]
        return decision

    def below(self, low, high, depth, child):
        return self.grow(low, high, depth, child) if child else self.grow(low, high, depth + 1, None)


BYTES = Vocabulary([bytes([b]) for b in range(256)])


@functools.lru_cache(None)
def model(name):
    """The weights with this name in the header, and their vocabulary."""
    weights = weights_of(name)
    return weights, Vocabulary(weights.vocabulary())


class Parameters:
    """The header's parameter: format.md, section 2."""

    def __init__(self, byte):
        log = byte & 31
        need(14 <= log <= 24, "the parameter is out of range")
        self.counters = (1 << log) * 3 // 2 if byte & 128 else 1 << log
        self.groups = 2 if byte & 64 else 1
        self.light = byte & 32 != 0
        need(not self.light or not byte & 192, "the light form has one group of contexts and a power of two")


class Slot:
    def __init__(self, check=0):
        self.check, self.end = check, SmallCounter()
        self.counters = [Counter() for _ in range(15)]

    def copy(self):
        new = Slot(self.check)
        new.end.p16, new.end.n = self.end.p16, self.end.n
        for a, b in zip(new.counters, self.counters):
            a.p22, a.n, a.known = b.p22, b.n, b.known
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
            slot.counters[node.index - 1] = Counter(p, n, 1)
        return zeros + ones

    add_up(GROUPS[group][0])


# Section 7.
class ContextTable:
    def __init__(self, counters):
        self.size, self.slots = counters // 16, {}

    def slot(self, at):
        return self.slots.setdefault(at, Slot())

    def find(self, contexts, group, pretrained):
        hashes = [hash2(context, group) for context in contexts]
        found = []
        for h in hashes:
            first = ((h * 0x9E3779B1 & 0xFFFFFFFF) * self.size) >> 32
            here = self.slot(first).check == h >> 22
            beside = self.slot(first ^ 1).check == h >> 22
            found.append((first if here else first ^ 1, here or beside))
        places = []
        for h, (at, exists) in zip(hashes, found):
            if not exists:
                even, odd = at & ~1, at | 1
                n = [self.slot(i).counters[0].n for i in (even, odd)]
                at = odd if n[1] <= n[0] else even
                self.slots[at] = Slot(h >> 22)
                if pretrained:
                    pretrain(self.slots[at], h, group)
            places.append(at)
        return places


# Section 5.
class History:
    def __init__(self, parameters):
        log = min(log2(parameters.counters) - 2, 21 - parameters.groups)
        self.log, self.places = log, [0] * (1 << log)
        self.bytes, self.starts = bytearray(), bytearray()

    # Section 2.3.
    def make_room(self, length):
        most = max((1 << 22) - length, 0)
        have = len(self.bytes)
        if have > most:
            gone = min(have, (max(have - most, 1 << 20) + 63) // 64 * 64)
            del self.bytes[:gone], self.starts[:gone]
            self.places = [max(place - gone, 0) for place in self.places]

    def append(self, byte, starts):
        self.bytes.append(byte)
        self.starts.append(starts)

    def byte(self, at):
        return self.bytes[at] if at < len(self.bytes) else None

    def note(self, last):
        if len(self.bytes) < 5:
            return None
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


# Section 6.
class Position:
    def __init__(self, history, groups):
        self.history, self.groups = history, groups
        self.last = 0
        self.word = self.earlier = self.older = self.gap = 0
        self.line = self.before = 0
        self.shape = self.opened = self.closed = self.field = 0
        self.followers = {}
        self.match, self.pending, self.refuted, self.streak = None, False, False, 0

    def open(self):
        self.line = self.before = len(self.history.bytes)
        self.match, self.pending = None, False

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
        if code:
            self.word = hash2(self.word, code)
        else:
            if self.word:
                self.older, self.earlier, self.gap = self.earlier, self.word, 0
            self.gap = hash2(self.gap, b + 1)
            self.word = 0
        if c == "\n":
            self.before, self.line = self.line, len(history.bytes)
        if self.match and history.byte(self.match[0]) == b:
            history.note(self.last)
            self.match = (self.match[0] + 1, min(self.match[1] + 1, 1023))
        else:
            self.pending = True
            long = self.match and self.match[1] >= 8
            self.match = (self.match[0] + 1, 1) if long else None

    def structure(self, b, c, code):
        self.shape = (8 * self.shape + byte_class(b)) & 0xFFFFFFFF
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
        data = self.history.bytes
        place = self.history.note(self.last)
        if place is None:
            return
        agree = 0
        while agree < min(32, place) and data[place - 1 - agree] == data[len(data) - 1 - agree]:
            agree += 1
        if agree >= 5:
            self.match = (place, agree)

    def above(self, k):
        at = self.before + len(self.history.bytes) - self.line + k
        return self.history.bytes[at] if at < self.line else 256

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
            hash2(up << 17 | next_up << 8 | b1, 1792),
            hash2(hash2(self.word, self.earlier), hash2(self.gap, 2048)),
        ]
        if self.groups == 1:
            return [first]
        of_line = self.history.byte(self.line)
        of_line = 256 if of_line is None else of_line
        return [first, [
            hash2(hash2(last, high & 0xFF), 4352),
            hash2(last & 0xFFFFFF00, 4608),
            hash2(hash2(self.word, self.older), 4864),
            hash2(hash2(self.shape & 0xFFFFFF, b1), 5120),
            hash2(hash2(up << 9 | next_up, self.field << 9 | of_line), 5376),
            hash2(hash2(self.opened, self.closed), hash2(self.word, 5632)),
            hash2(hash2(self.followers.get(last & 0xFFFF, 0), b1), 5888),
            hash2(hash2(last, high), 6144),
        ]]


# Sections 3 and 10.
class MixingState:
    def __init__(self, groups, prior):
        self.maps = [RememberingMap() for _ in range(groups)]
        self.matches = [Counter() for _ in range(68)]
        self.alone = [Counter() for _ in range(256)]
        rate = 1100 if groups == 1 else 850
        self.mixers = MixerSet([216, 256, 512, 2187], 36, 16 * groups, rate, 25, (100, 1 << 22))
        self.by_match = Apm(1024)
        for one in self.maps:
            prior.counters(one.counters)
        prior.counters(self.matches)
        prior.counters(self.alone)
        prior.mixer_set(self.mixers)
        prior.apm(self.by_match)


# Section 4.
class WholeTokens:
    def __init__(self, parameters, prior):
        self.by_length = [Counter(60000, 20) for _ in range(14 * 8)]
        self.d = clamp(log2(parameters.counters) - 5, 13, 15)
        self.hashed = [{}, {}, {}]
        self.mixer, self.apm = Mixer(14, 5, 100), Apm(14)
        prior.counters(self.by_length)
        prior.mixer(self.mixer)
        prior.apm(self.apm)

    def expect(self, position, left):
        history = position.history
        if not position.match or position.match[1] < 8:
            return None
        place, agree = position.match
        if place >= len(history.bytes) or not history.starts[place]:
            return None
        end = place + 1
        while True:
            if end >= len(history.bytes):
                return None
            if history.starts[end]:
                break
            if end - place == min(32, left):
                return None
            end += 1
        data = bytes(history.bytes[place:end])
        token = hash2(data[0], 0)
        for b in data[1:]:
            token = hash2(token, b)
        log = log2(agree)
        length = 2 * (log - 3) + (agree >> (log - 1) & 1)
        streak, last = position.streak, position.last & 0xFFFFFFFF
        hashes = (
            hash2(token, 16 * min(streak, 3) + log),
            hash2(last & 0xFFFF, data[0]),
            hash2(token, position.above(0) << 8 | last & 0xFF),
        )
        counters = [(self.by_length[8 * length + min(streak, 7)], 250)]
        for table, h in zip(self.hashed, hashes):
            counters.append((table.setdefault(h >> (32 - self.d), Counter(60000, 20)), 60))
        inputs = [coarse(counter.p) for counter, _ in counters] + [256]
        x = self.mixer.mix(inputs, length)
        p = clamp((squash(x) + self.apm.refine(x, length)) >> 1, 1, 65535)
        return data, counters, inputs, p

    def learn(self, expected, came):
        _, counters, inputs, _ = expected
        for counter, limit in counters:
            counter.learn(came, limit)
        self.mixer.learn(inputs, came)
        self.apm.learn(came)


class Substream:
    def __init__(self, parameters):
        self.parameters, self.groups = parameters, parameters.groups
        self.table = ContextTable(parameters.counters)
        self.history = History(parameters)
        self.position = Position(self.history, self.groups)
        self.states, self.whole, self.network, self.last_token = {}, None, None, None
        self.by_byte = Apm(1 << 12, 7)
        prior = Prior(artefact("all-bytes.bin"))
        prior.apm(self.by_byte)
        prior.end()
        self.by_two = Apm(1 << 16) if parameters.counters >= 1 << 23 else None

    def decode(self, payload, length, network, prefix, name):
        self.history.make_room(length)
        decoder = RangeDecoder(payload)
        first = min(prefix, length) if prefix is not None else length
        if network:
            self.piece(decoder, first, name)
        if not network or first < length:
            self.piece(decoder, length - first if network else length, None)
        return bytes(self.history.bytes[len(self.history.bytes) - length :])

    def piece(self, decoder, length, name):
        """Section 2.2: with the network of this name, or without."""
        network, wide = name is not None, "wide-" if self.groups == 2 else ""
        if network not in self.states:
            sort = "" if network and wide else "network-" if network else "mixed-"
            prior = Prior(artefact(f"{wide}{sort}bytes.bin"))
            self.states[network] = MixingState(self.groups, prior)
            if not self.whole:
                self.whole = WholeTokens(self.parameters, prior)
                prior.end()
        self.vocabulary = BYTES
        if network:
            weights, self.vocabulary = model(name)
            if not self.network:
                self.network = TextNetwork(weights)
        self.state, self.decoder, self.with_network = self.states[network], decoder, network
        self.previous = None
        self.position.open()
        end = len(self.history.bytes) + length
        while len(self.history.bytes) < end:
            self.token(end)

    # Section 2.4.
    def token(self, end):
        position = self.position
        position.refuted = False
        position.look_up()
        expected = self.whole.expect(position, end - len(self.history.bytes))
        if expected and expected[3] >= 60000:
            came = self.decoder.decide(expected[3])
            self.whole.learn(expected, came)
            position.streak = position.streak + 1 if came else 0
            if came:
                need(expected[0] in self.vocabulary.ids, "what is repeated is no token")
                self.append(expected[0], 0)
                return
            position.refuted, expected = True, None
        if self.with_network:
            self.network.feed(len(self.vocabulary.tokens) if self.last_token is None else self.last_token)
        token, spelled = self.spell(end)
        if expected:
            came = int(token == expected[0])
            self.whole.learn(expected, came)
            position.streak = position.streak + 1 if came else 0
        self.append(token, spelled)

    def append(self, token, spelled):
        for i in range(spelled, len(token)):
            self.position.append(token[i], i == 0)
        if self.with_network:
            self.last_token = self.previous = self.vocabulary.ids[token]

    # Section 2.5.
    def spell(self, end):
        """The token, and how many of its bytes are in the history already."""
        position, decision, spelled = self.position, self.vocabulary.root, 0
        room, contexts = end - len(self.history.bytes), position.contexts(0)
        turn = Turn(self.table, contexts, 0, 0)
        while isinstance(decision, Decision):
            depth, node = len(decision.spelled), decision.node
            need(depth < room + (node is None), "a token runs over the end of its piece")
            group = node.group if node else 0
            if (depth, group) != (turn.depth, turn.group):
                turn.end()
                if depth > spelled:
                    for i in range(spelled, depth):
                        position.append(decision.spelled[i], i == 0)
                    spelled, contexts = depth, position.contexts(depth)
                position.look_up()
                turn = Turn(self.table, contexts, depth, group)
            bit = self.certain(depth, node)
            if bit is None:
                bit = self.decide(decision, turn.slots)
            decision = decision.branches[bit]
        turn.end()
        token = self.vocabulary.tokens[decision]
        need(len(token) <= room, "a token runs over the end of its piece")
        return token, spelled

    # Section 1.3.
    def certain(self, depth, node):
        if self.previous is None or depth or not node:
            return None
        longer = self.vocabulary.longer[self.previous]
        if longer.issuperset(range(node.split, node.last + 1)):
            return 0
        return 1 if longer.issuperset(range(node.first, node.split)) else None

    # Section 3.
    def decide(self, decision, slots):
        state, position, node = self.state, self.position, decision.node
        end = int(node is None)
        number = END if end else node.number
        kind = 0 if end else 1 + min(node.depth, 7)
        if end:
            counters = [[slot.end.widen() for slot in of] for of in slots]
        else:
            counters = [[slot.counters[node.index - 1] for slot in of] for of in slots]
        follows = [[m.find(end, i, c) for i, c in enumerate(of)] for m, of in zip(state.maps, counters)]
        alone = state.alone[number]
        length, expected, counter, match_input = 0, self.expected(node), None, 0
        if expected is not None:
            length = 33 if position.refuted else min(position.match[1], 32)
            counter = state.matches[2 * length + end]
            match_input = coarse(counter.p) if expected else -coarse(counter.p)
        network = self.network.logit(decision.number) if self.with_network else 0
        inputs = []
        for i in range(self.groups):
            inputs += [fine(c.p) for c in follows[i]]
            own = [fine(c.p) for c in counters[i]]
            inputs += [network, match_input, coarse(alone.p), 256] + own[4:] if i == 0 else own
        n = [c.n for c in counters[0]]
        orders = sum(n[i] > 0 for i in (1, 2, 3, 4))
        seen = sum(3**i * ((n[c] > 0) + (n[c] > 2)) for i, c in enumerate((2, 3, 4, 5, 7)))
        certain = (length > 0) + (length >= 16) + (length > 32)
        last = position.last & 0xFFFF
        selectors = [(6 * kind + orders) * 4 + certain, number, 2 * (last & 0xFF) + end, 243 * kind + seen]
        x = state.mixers.mix(inputs, selectors, 4 * kind + certain)
        by_match = state.by_match.refine(x, 4 * number + certain)
        by_byte = self.by_byte.refine(x, hash2(last & 0xFF, number) >> 20)
        p = (squash(x) + by_match + 2 * by_byte) >> 2
        if self.by_two:
            p = (p + self.by_two.refine(x, hash2(last, number) >> 16)) >> 1
        bit = self.decoder.decide(clamp(p, 1, 65535))
        for of, mapped in zip(counters, follows):
            for c, m in zip(of, mapped):
                if not end:
                    c.learn_remembering(bit, 80)
                m.learn(bit, 511)
        if end:
            for of in slots:
                for slot in of:
                    slot.end.learn(bit)
        if counter:
            counter.learn(int(bit == expected), 511)
        alone.learn(bit, 511)
        state.mixers.learn(bit)
        for apm in (state.by_match, self.by_byte, self.by_two):
            if apm:
                apm.learn(bit)
        return bit

    # Section 3.2.
    def expected(self, node):
        """The outcome that the match expects, if any."""
        position, history = self.position, self.history
        if not position.match or position.match[0] >= len(history.bytes):
            return None
        place = position.match[0]
        if node is None:
            return int(history.starts[place])
        byte = history.bytes[place]
        return int(byte >= node.split) if node.first <= byte <= node.last else None


class Turn:
    """Copies of the slots of all contexts for the decisions of a node group."""

    def __init__(self, table, contexts, depth, group):
        self.table, self.depth, self.group = table, depth, group
        self.places = [table.find(of, group, i == 0) for i, of in enumerate(contexts)]
        self.slots = [[table.slot(at).copy() for at in of] for of in self.places]

    def end(self):
        for places, slots in zip(self.places, self.slots):
            for at, slot in zip(places, slots):
                self.table.slots[at] = slot


# Section 2 and format.md, section 4.
class ByteCoder:
    def __init__(self, parameter, model):
        self.parameters, self.model = Parameters(parameter), model
        self.substreams = [self.fresh()]

    def fresh(self):
        # It is made of parts of this file.
        from light_coder import LightSubstream

        return (LightSubstream if self.parameters.light else Substream)(self.parameters)

    def block(self, chunk):
        checksum, body = chunk.checksum(), chunk.body
        length = body.number()
        need(1 <= length <= 1 << 22, "the length of a block is out of range")
        shape = body.byte()
        need(shape & ~12 in (1, 2), "the number of substreams is out of range")
        need(shape & ~8 == 1 or length >= 1 << 16, "the block is too short for its parts")
        # What an encoder does decides what is learned: this reader has no encoder.
        need(not shape & 8, "learned blocks are not read here")
        prefix = body.number() if shape & 4 else None
        need(prefix is None or 1 <= prefix < length, "the prefix is out of range")
        need(chunk.kind == "network" or prefix is None, "a prefix without the network")
        need(chunk.kind != "network" or any(self.model), "the header names no model")
        payload = Reader(body.rest())
        need(len(payload.data) <= length, "a payload is too long")
        parts = [payload.data]
        if shape & ~4 == 2:
            first = payload.take(payload.number())
            parts = [first, payload.rest()]
            if len(self.substreams) == 1:
                self.substreams.append(self.fresh())
        half = (length + 1) // 2 if len(parts) == 2 else length
        made = []
        for substream, part, count in zip(self.substreams, parts, (half, length - half)):
            made.append(substream.decode(part, count, chunk.kind == "network", prefix, self.model))
        if len(self.substreams) == 2:
            one, two = self.substreams
            second = made[1] if len(made) == 2 else b""
            starts = [s.history.starts[len(s.history.starts) - len(m) :] for s, m in zip((one, two), (made[0], second))]
            one.history.take_over(second, starts[1])
            two.history.take_over(made[0], starts[0])
        return chunk.verify(b"".join(made), checksum)
