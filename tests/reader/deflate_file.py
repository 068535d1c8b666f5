"""Deflate streams from their text: docs/spec/deflate.md."""

import zlib

from container import Reader, need
from deflate_codes import ORDER, RUNS, Header, codes, zlib_header
from deflate_search import Search
from entropy import Counter, Mixer, RangeDecoder, clamp, squash, stretch

# RFC 1951, section 3.2.5: the least value of each code and the bits behind it.
LENGTHS = [(3 + i, 0) for i in range(8)]
LENGTHS += [((4 + i % 4 << i // 4 - 1) + 3, i // 4 - 1) for i in range(8, 28)] + [(258, 0)]
DISTANCES = [(1 + i, 0) for i in range(4)] + [((2 + i % 2 << i // 2 - 1) + 1, i // 2 - 1) for i in range(4, 30)]
FIXED = codes([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), codes([5] * 30)


def code_of(table, value):
    return max(i for i, (least, _) in enumerate(table) if least <= value)


class Bits:
    def __init__(self):
        self.out, self.value, self.count = bytearray(), 0, 0

    def put(self, value, count):
        self.value |= value << self.count
        self.count += count
        while self.count >= 8:
            self.out.append(self.value & 255)
            self.value, self.count = self.value >> 8, self.count - 8

    def fill(self, filling):
        room = -self.count % 8
        self.put(filling & ((1 << room) - 1), room)


# Section 2.
class Decisions:
    def __init__(self, payload):
        self.decoder, self.counters = RangeDecoder(payload), {}

    def counter(self, *context):
        return self.counters.setdefault(context, Counter())

    def alone(self, *context):
        counter = self.counter(*context)
        bit = self.decoder.decide(clamp(counter.p, 32, 65504))
        counter.learn(bit, 255)
        return bit

    def tree(self, bits, *context):
        node = 1
        for _ in range(bits):
            node = 2 * node + self.alone(*context, node)
        return node - (1 << bits)

    def plain(self, bits, value):
        for _ in range(bits):
            value = 2 * value + self.decoder.decide(1 << 15)
        return value

    def number(self, kind):
        log = 0
        while log < 30 and self.alone(kind, "log", log):
            log += 1
        if not log:
            return 0
        return self.plain(log - 1, 2 + self.alone(kind, "second", log)) - 1


def c(length):
    return 0 if not length else length - 2 if length < 9 else 3 + length.bit_length()


# Section 4.
class Tokens:
    def __init__(self, decisions, search):
        self.decisions, self.search = decisions, search
        self.mixer = Mixer(3 * 8, 5, 600)
        for w in self.mixer.weights:
            w[:] = [20000] * 5
        self.truth = self.last = 0

    def token(self, i):
        """A literal as its byte, or a length and a distance."""
        (length, distance), longer = self.search.outlook(i)
        byte, here, more = self.search.text[i], c(length), min(longer, 3)
        expected = 0 if not length else 1 if longer else 2
        far = (distance.bit_length() - 1) // 4 + 1 if length else 0
        lists = [
            64 * expected + self.truth,
            8 * (4 * here + more) + far,
            13 * (8 * here + self.truth % 8) + self.last,
            256 * min(here, 7) + byte,
            8 * length + 2 * more + (self.last > 0),
        ]
        counters = [self.decisions.counter("match", *of) for of in enumerate(lists)]
        inputs = [stretch(counter.p) for counter in counters]
        x = self.mixer.mix(inputs, 8 * expected + self.truth % 8)
        came = self.decisions.decoder.decide(squash(x))
        self.mixer.learn(inputs, came)
        for counter in counters:
            counter.learn(came, 255)
        self.truth = (2 * self.truth + (came == (expected == 2))) % 64
        if not came:
            self.last = 0
            self.search.literal(i)
            return byte
        same = 0
        if length:
            same = self.decisions.alone("same", 8 * (4 * here + more) + self.truth % 8)
        coded = length if same else self.decisions.tree(8, "length", here) + 3
        need(coded <= len(self.search.text) - i, "a match goes beyond the text")
        self.last = c(coded)
        if not self.decisions.alone("distance", same, self.last):
            distance = self.far(i, coded, self.decisions.number("rank"))
        elif not same:
            distance = self.far(i, coded, 1)
        self.search.matched(i, coded)
        return coded, distance

    def far(self, i, length, number):
        if not number:
            bits = self.decisions.tree(4, "bits")
            return self.decisions.plain(bits - 1, 1) + 1 if bits else 1
        for at in self.search.walk(i, 4096):
            number -= self.search.agree(at, i, length) == length
            if not number:
                return i - at
        need(False, "there is no match of this rank")


# Section 5.
def read_header(decisions, literals, distances):
    usual = zlib_header(literals, distances)
    if decisions.alone("usual"):
        return usual
    counts = decisions.tree(5, "literals") + 257, decisions.tree(5, "distances") + 1
    need(counts[0] <= 286 and counts[1] <= 30, "there are too many codes")
    order = []
    for i in range(decisions.tree(4, "lengths") + 4):
        order.append(decisions.tree(3, "order", usual.order[i] if i < len(usual.order) else 0))
    need(len(order) <= 19, "there are too many lengths of codes")
    spelled, lengths = [], []
    while len(lengths) < sum(counts):
        of, at = (usual.literals, len(lengths)) if len(lengths) < counts[0] else (usual.distances, len(lengths) - counts[0])
        symbol, more = decisions.tree(5, "spelled", of[at] if at < len(of) else 0), None
        need(symbol < 19 and (symbol != 16 or lengths), "there is no such symbol")
        if symbol > 15:
            bits, least = RUNS[symbol]
            more = decisions.tree(bits, "run", symbol)
            lengths += [lengths[-1] if symbol == 16 else 0] * (least + more)
        else:
            lengths.append(symbol)
        spelled.append((symbol, more))
    need(len(lengths) == sum(counts), "a run goes beyond the lengths")
    return Header(lengths[: counts[0]], lengths[counts[0] :], order, spelled)


def write_header(bits, header):
    for value, count in ((len(header.literals) - 257, 5), (len(header.distances) - 1, 5), (len(header.order) - 4, 4)):
        bits.put(value, count)
    for length in header.order:
        bits.put(length, 3)
    lengths = [0] * 19
    for symbol, length in zip(ORDER, header.order):
        lengths[symbol] = length
    of = codes(lengths)
    for symbol, more in header.spelled:
        need(symbol in of, "a symbol has no code")
        bits.put(*of[symbol])
        if more is not None:
            bits.put(more, RUNS[symbol][0])


def symbols(tokens):
    """What the tokens and the end are written as: tables, symbols, and bits behind them."""
    for token in tokens:
        if isinstance(token, int):
            yield 0, token, 0, 0
            continue
        for table, of, value in ((0, LENGTHS, token[0]), (1, DISTANCES, token[1])):
            code = code_of(of, value)
            yield table, code + 257 * (not table), value - of[code][0], of[code][1]
    yield 0, 256, 0, 0


def write_tokens(bits, tables, tokens):
    for table, symbol, more, count in symbols(tokens):
        need(symbol in tables[table], "a symbol has no code")
        bits.put(*tables[table][symbol])
        bits.put(more, count)


def deflate(text, decisions, search):
    """Section 2."""
    bits, coder = Bits(), Tokens(decisions, search)
    at, last, kind, usual = 0, 0, 3, 16383
    while not last:
        kind = decisions.tree(2, "kind", kind)
        need(kind < 3, "there is no such kind of blocks")
        if kind == 0:
            length, filling = decisions.number("number"), decisions.tree(7, "filling")
            need(length <= min(65535, len(text) - at), "a stored block is too long")
            search.stored(at + length)
            last = decisions.alone("last", at + length == len(text))
            bits.put(last, 3)
            bits.fill(filling)
            bits.put(length | (length ^ 65535) << 16, 32)
            for byte in text[at : at + length]:
                bits.put(byte, 8)
            at += length
            continue
        count, tokens = decisions.tree(2, "count"), []
        if count > 1:
            usual = decisions.number("number")
            need(usual <= 1 << 20, "a block has too many tokens")
        while at < len(text) if count == 1 else len(tokens) < usual:
            need(at < len(text) and len(tokens) < 1 << 20, "a block has too many tokens")
            tokens.append(coder.token(at))
            at += 1 if isinstance(tokens[-1], int) else tokens[-1][0]
        tables = FIXED
        if kind == 2:
            weights = [0] * 286, [0] * 30
            for table, symbol, _, _ in symbols(tokens):
                weights[table][symbol] += 1
            header = read_header(decisions, *weights)
            tables = codes(header.literals), codes(header.distances)
        last = decisions.alone("last", at == len(text))
        bits.put(last | kind << 1, 3)
        if kind == 2:
            write_header(bits, header)
        write_tokens(bits, tables, tokens)
    need(at == len(text), "the stream ends before its text")
    bits.fill(decisions.tree(7, "filling"))
    return bytes(bits.out)


def image_data(content, groups):
    out, reader = b"", Reader(content)
    for count, length in groups:
        for _ in range(count):
            part = b"IDAT" + reader.take(length)
            out += length.to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big")
    need(reader.done(), "the chunks have another length")
    return out


# Section 1.
def deflate_file(text, payload, length):
    reader = Reader(payload)
    around, level, hash_bits = reader.take(3)
    need(around <= 3 and 1 <= level & 15 <= 9 and level < 64 and 8 <= hash_bits <= 16, "the form is none")
    if around == 3:
        header = reader.take(2)
        groups = [(reader.number(), reader.number()) for _ in range(reader.number())]
        need(sum(count * (12 + size) for count, size in groups) == length, "the chunks have another length")
    search = Search(text, level & 15, level >> 4 & 1, level >> 5 & 1, hash_bits)
    stream = deflate(text, Decisions(reader.rest()), search)
    need(search.steps <= 256 * (len(text) + len(stream)) + (1 << 16), "the searches are too long")
    if around == 1:
        return stream + zlib.crc32(text).to_bytes(4, "little") + (len(text) % 2**32).to_bytes(4, "little")
    adler = zlib.adler32(text).to_bytes(4, "big")
    return stream if around == 0 else stream + adler if around == 2 else image_data(header + stream + adler, groups)
