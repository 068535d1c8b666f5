"""Blocks of a bytes stream: docs/spec/bytes.md."""

import functools

from byte_position import History, Position, by_word, certainty, length_class
from byte_table import ContextTable
from byte_tree import BYTES, Decision, Vocabulary
from container import need, Reader
from entropy import Apm, Counter, Mixer, MixerSet, Prior, RangeDecoder, RememberingMap
from entropy import clamp, coarse, fine, hash2, log2, squash
from network import TextNetwork, weights_of
from spec import artefact

END = 255


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


# Sections 3 and 10.
class MixingState:
    def __init__(self, groups, prior):
        self.maps = [RememberingMap() for _ in range(groups)]
        self.matches = [Counter() for _ in range(68)]
        self.alone = [Counter() for _ in range(256)]
        rate = 1100 if groups == 1 else 850
        self.mixers = MixerSet([1024, 2048, 1024, 1944], 72, 16 * groups, rate, 25, (100, 1 << 22))
        self.by_match = Apm(2048)
        for one in self.maps:
            prior.counters(one.counters)
        prior.counters(self.matches)
        prior.counters(self.alone)
        self.lately = [16 * p for p in prior.probabilities(256)]
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
        length = length_class(agree)
        streak, last = position.streak, position.last & 0xFFFFFFFF
        hashes = (
            hash2(token, 16 * min(streak, 3) + log2(agree)),
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
    def __init__(self, parameters, dictionary=None):
        self.parameters, self.groups, self.dictionary = parameters, parameters.groups, dictionary
        self.table = ContextTable(parameters.counters)
        self.history = History(parameters)
        self.position = Position(self.history, self.groups, dictionary)
        self.states, self.whole, self.network, self.last_token = {}, None, None, None
        self.by_byte = Apm(1 << 12, 7)
        prior = Prior(artefact("all-bytes.bin"))
        prior.apm(self.by_byte)
        prior.end()
        self.by_two = Apm(1 << 16) if parameters.counters >= 1 << 23 else None

    def decode(self, payload, length, record, network, prefix, name, is_learned=False):
        self.history.make_room(length)
        self.record, self.decoder = record, None if is_learned else RangeDecoder(payload)
        first = 0 if not network else length if prefix is None else min(prefix, length)
        if network:
            self.piece(payload[:first], first, name)
        if not network or first < length:
            self.piece(payload[first:], length - first, None)
        return bytes(self.history.bytes[len(self.history.bytes) - length :])

    def learn(self, data, name):
        """A piece of this text, as if it had been coded."""
        self.record = self.decoder = None
        self.piece(data, len(data), name)

    # Section 1.3.
    def tokens(self, data):
        at, most = 0, max(len(token) for token in self.vocabulary.tokens)
        while at < len(data):
            length = next(n for n in range(min(most, len(data) - at), 0, -1) if data[at : at + n] in self.vocabulary.ids)
            yield data[at : at + length]
            at += length

    def piece(self, data, length, name):
        """Section 2.2: with the network of this name, or without. `data` is what is learned."""
        network, wide = name is not None, "wide-" if self.groups == 2 else ""
        if self.dictionary and not self.states:
            self.dictionary.begin(self, network)
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
        self.state, self.with_network, self.known = self.states[network], network, self.tokens(data)
        self.previous = None
        self.position.open(self.record)
        end = len(self.history.bytes) + length
        while len(self.history.bytes) < end:
            self.token(end)

    def outcome(self, p, truth):
        return self.decoder.decide(p) if self.decoder else int(truth())

    # Section 2.4.
    def token(self, end):
        position = self.position
        if not self.decoder:
            self.comes = next(self.known)
        position.refuted = False
        position.look_up()
        expected = self.whole.expect(position, end - len(self.history.bytes))
        if expected and expected[3] >= 60000:
            came = self.outcome(expected[3], lambda: expected[0] == self.comes)
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
            counters = [[slot.counter(node.index) for slot in of] for of in slots]
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
            if i == 0:
                inputs += [network, match_input, coarse(alone.p), 256]
                share = abs(match_input) * min(length, 32) // 32
                inputs += [share if match_input > 0 else -share, coarse(state.lately[number] >> 4)] + own[6:]
            else:
                inputs += own
        n = [c.n for c in counters[0]]
        seen = sum(3**i * ((n[c] > 0) + (n[c] > 2)) for i, c in enumerate((2, 3, 4, 5, 7)))
        certain = certainty(length)
        last = position.last & 0xFFFF
        two, four, word = position.selectors()
        selectors = [two, by_word(word, number), four, 8 * seen + certain]
        x = state.mixers.mix(inputs, selectors, 8 * kind + certain)
        by_match = state.by_match.refine(x, 8 * number + certain)
        by_byte = self.by_byte.refine(x, hash2(last & 0xFF, number) >> 20)
        p = (squash(x) + by_match + 2 * by_byte) >> 2
        if self.by_two:
            p = (p + self.by_two.refine(x, hash2(last, number) >> 16)) >> 1
        bit = self.outcome(clamp(p, 1, 65535), lambda: self.truth(decision))
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
        state.lately[number] += (((1 << 20) - 1 if bit else 0) - state.lately[number]) >> 3
        state.mixers.learn(bit)
        for apm in (state.by_match, self.by_byte, self.by_two):
            if apm:
                apm.learn(bit)
        return bit

    def truth(self, decision):
        depth, node = len(decision.spelled), decision.node
        return self.comes[depth] >= node.split if node else len(self.comes) == depth

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
    def __init__(self, parameter, model, dictionary=None):
        self.parameters, self.model, self.dictionary = Parameters(parameter), model, dictionary
        need(not (self.parameters.light and dictionary), "the light form has no dictionary")
        self.substreams = [self.fresh()]

    def fresh(self):
        # It is made of parts of this file.
        from light_coder import LightSubstream

        return LightSubstream(self.parameters) if self.parameters.light else Substream(self.parameters, self.dictionary)

    def block(self, chunk):
        checksum, body = chunk.checksum(), chunk.body
        length = body.number()
        need(1 <= length <= 1 << 22, "the length of a block is out of range")
        shape = body.byte()
        need(shape & ~28 in (1, 2), "the number of substreams is out of range")
        need(shape & 7 == 1 or length >= 1 << 16, "the block is too short for its parts")
        prefix = body.number() if shape & 4 else None
        record = body.number() if shape & 16 else None
        need(record is None or 2 <= record <= 1024, "a record has no such length")
        need(prefix is None or 1 <= prefix < length, "the prefix is out of range")
        need(chunk.kind == "network" or prefix is None, "a prefix without the network")
        need(chunk.kind != "network" or any(self.model), "the header names no model")
        payload = Reader(body.rest())
        is_learned = shape & 8 != 0
        need(len(payload.data) <= length, "a payload is too long")
        need(len(payload.data) == length or not is_learned, "a learned block has another length")
        half = (length + 1) // 2 if shape & 3 == 2 else length
        parts = [payload.data]
        if shape & 3 == 2:
            first = payload.take(half if is_learned else payload.number())
            parts = [first, payload.rest()]
            if len(self.substreams) == 1:
                self.substreams.append(self.fresh())
        made = []
        for substream, part, count in zip(self.substreams, parts, (half, length - half)):
            made.append(substream.decode(part, count, record, chunk.kind == "network", prefix, self.model, is_learned))
        if len(self.substreams) == 2:
            one, two = self.substreams
            second = made[1] if len(made) == 2 else b""
            starts = [s.history.starts[len(s.history.starts) - len(m) :] for s, m in zip((one, two), (made[0], second))]
            one.history.take_over(second, starts[1])
            two.history.take_over(made[0], starts[0])
        return chunk.verify(b"".join(made), checksum)
