"""JPEG files from coefficients: docs/spec/jpeg-file.md, sections 1 to 3."""

from container import Corrupt, Reader, need
from jpeg_coder import ZIGZAG, Plane, code_coefficients
from jpeg_scan import write_scan
from jpeg_tables import segment


# Section 1.
def number(reader):
    value = reader.number(short=False)
    need(value < 2**32, "a number is too large")
    return value


class Listed:
    """Places and values. Only the first that was not met can be met."""

    def __init__(self, reader, value):
        at, self.entries = 0, []
        for _ in range(number(reader)):
            at += number(reader)
            self.entries.append((at, value()))

    def find(self, place, other):
        if self.entries and self.entries[0][0] == place:
            return self.entries.pop(0)[1]
        return other


NONE = Listed(Reader(b"\0"), None)


class Notes:
    def __init__(self, reader):
        flags = reader.byte()
        values = reader.byte
        self.in_skeleton, self.zeros = flags & 1, flags & 2
        self.blocks = number(reader) if flags & 4 else None
        self.restarts = Listed(reader, values) if flags & 8 else NONE
        self.completions = Listed(reader, values) if flags & 16 else NONE
        self.runs = Listed(reader, values) if flags & 32 else NONE
        self.habit = [number(reader) for _ in range(4)] if flags & 64 else [32767, 937, 2**32 - 1, 0]
        self.errs = Listed(reader, lambda: 1) if flags & 128 else NONE


class Text:
    def __init__(self, text):
        reader = Reader(text)
        self.length = reader.number(short=False)
        self.notes = [Notes(reader) for _ in range(number(reader))]
        count, named = number(reader), []
        need(count <= 16, "too many segments are named")
        for _ in range(count):
            named.append((number(reader), reader.take(2)))
        self.skeleton = b"".join(reader.take(before) + segment(name) for before, name in named) + reader.rest()


# Section 2.
class Component:
    def __init__(self, name, h, v, table):
        self.name, self.h, self.v, self.table, self.steps = name, h, v, table, None


class Frame:
    def __init__(self, marker, body):
        self.is_progressive = marker == 0xC2
        need(len(body) >= 6 and body[0] == 8 and 1 <= body[5] <= 4 and len(body) >= 6 + 3 * body[5], "the frame header")
        self.height, self.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        need(self.height and self.width, "a side of the frame is 0")
        self.components = [
            Component(body[i], body[i + 1] >> 4, body[i + 1] & 15, body[i + 2]) for i in range(6, 6 + 3 * body[5], 3)
        ]
        need(all(1 <= x <= 4 for c in self.components for x in (c.h, c.v)), "sampling factors")
        h, v = max(c.h for c in self.components), max(c.v for c in self.components)
        self.mcus = -(-self.width // (8 * h)), -(-self.height // (8 * v))
        # Section 3: blocks that show a part of the picture, and all that there are.
        for c in self.components:
            c.seen = -(-(-(-self.width * c.h // h)) // 8), -(-(-(-self.height * c.v // v)) // 8)
            c.wide, c.rows = c.seen if len(self.components) == 1 else (self.mcus[0] * c.h, self.mcus[1] * c.v)


class Scan:
    """A scan header with what is in effect there, and where it ends."""

    def __init__(self, body, frame, tables, interval, at):
        self.frame, self.interval, self.at = frame, interval, at
        count = body[0] if body else 0
        need(1 <= count <= 4 and len(body) >= 4 + 2 * count, "the scan header")
        self.components, self.tables = [], []
        for i in range(1, 2 * count, 2):
            of = [c for c in frame.components if c.name == body[i]]
            need(of and of[0] not in self.components, "a scan has no such component")
            self.components.append(of[0])
            self.tables.append((tables.get((False, body[i + 1] >> 4)), tables.get((True, body[i + 1] & 15))))
        first, last, bits = body[1 + 2 * count : 4 + 2 * count]
        self.first, self.last, self.above, self.below = first, last, bits >> 4, bits & 15
        if not frame.is_progressive:
            self.first, self.last, self.above, self.below = 0, 63, 0, 0
        else:
            need(first <= last <= 63 and (last == 0 if first == 0 else count == 1), "a scan has no such band")
            need(self.below <= 13 and self.above in (0, self.below + 1), "a scan has no such bits")


def read_tables(body, tables):
    while len(body) >= 17 and len(body) >= 17 + sum(body[1:17]):
        head, counts, symbols = body[0], body[1:17], body[17 : 17 + sum(body[1:17])]
        body = body[17 + len(symbols) :]
        codes, code, fits, at = {}, 0, len(symbols) <= 256, 0
        for bits, count in enumerate(counts, 1):
            for symbol in symbols[at : at + count]:
                codes.setdefault(symbol, (code, bits))
                code += 1
            fits, at, code = fits and code <= 1 << bits, at + count, 2 * code
        if head & 15 < 4:
            tables[head >> 4 > 0, head & 15] = codes if fits else None


def read_steps(body, steps):
    while body:
        size = 2 if body[0] >> 4 else 1
        if len(body) < 1 + 64 * size:
            return
        table = [0] * 64
        for i, k in enumerate(ZIGZAG):
            table[k] = int.from_bytes(body[1 + i * size : 1 + (i + 1) * size], "big")
        if body[0] & 15 < 4:
            steps[body[0] & 15] = table
        body = body[1 + 64 * size :]


def read_scan(*of):
    """None if the header means nothing."""
    try:
        return Scan(*of)
    except Corrupt:
        return None


def walk(skeleton):
    need(skeleton[:3] == b"\xff\xd8\xff", "the skeleton is no JPEG file")
    at, frame, tables, steps, interval = 2, None, {}, {}, 0
    scans = []
    while True:
        while at + 1 < len(skeleton) and (skeleton[at] != 0xFF or skeleton[at + 1] in (0, 0xFF)):
            at += 1
        if at + 1 >= len(skeleton) or skeleton[at + 1] == 0xD9:
            break
        marker, at = skeleton[at + 1], at + 2
        if marker == 1 or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(skeleton[at : at + 2], "big")
        if len(skeleton) < at + 2 or length < 2 or at + length > len(skeleton):
            break
        body, at = skeleton[at + 2 : at + length], at + length
        if marker == 0xC4:
            read_tables(body, tables)
        elif marker in (0xC0, 0xC1, 0xC2):
            need(frame is None, "there are two frames")
            frame = Frame(marker, body)
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC8, 0xCC):
            need(False, "a frame of another kind")
        elif marker == 0xDB:
            read_steps(body, steps)
        elif marker == 0xDA:
            need(frame, "a scan before the frame")
            scans.append(read_scan(body, frame, dict(tables), interval, at))
            for c in scans[-1].components if scans[-1] else []:
                c.steps = c.steps or steps.get(c.table, [0] * 64)
        elif marker == 0xDD and len(body) >= 2:
            interval = int.from_bytes(body[:2], "big")
    need(frame, "there is no frame")
    return frame, scans


def jpeg_file(text, payload, length):
    text = Text(text)
    need(text.length == length, "the file has another length")
    frame, scans = walk(text.skeleton)
    need(len(scans) == len(text.notes), "the skeleton has other scans")
    planes = [Plane(c.rows, c.wide, c.h, c.v, c.steps or [0] * 64) for c in frame.components]
    need(128 * sum(p.rows * p.wide for p in planes) <= 512 * length, "there are too many coefficients")
    code_coefficients(payload, planes, length)
    for c, plane in zip(frame.components, planes):
        c.blocks = plane.blocks
    out, at, given = [], 0, {}
    for scan, notes in zip(scans, text.notes):
        if notes.in_skeleton:
            continue
        need(scan, "a scan that means nothing is in the skeleton")
        check_bits(scan, given)
        out += [text.skeleton[at : scan.at], write_scan(scan, notes)]
        at = scan.at
    return b"".join(out) + text.skeleton[at:]


def check_bits(scan, given):
    """A scan gives the next bits of its coefficients."""
    for c in scan.components:
        for k in range(scan.first, scan.last + 1):
            before = given.get((c.name, k))
            need((before is None) if scan.above == 0 else before == scan.above, "a scan gives bits again")
            given[c.name, k] = scan.below
