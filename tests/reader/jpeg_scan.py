"""Entropy-coded segments: docs/spec/jpeg-file.md, section 4."""

from container import need
from jpeg_coder import ZIGZAG


class Bits:
    def __init__(self, notes):
        self.out, self.value, self.count, self.notes, self.completed = bytearray(), 0, 0, notes, 0

    def put(self, value, count):
        self.value, self.count = self.value << count | value, self.count + count
        while self.count >= 8:
            byte = self.value >> self.count - 8 & 255
            self.out += b"\xff\x00" if byte == 255 else bytes([byte])
            self.count -= 8
            self.value &= (1 << self.count) - 1

    def complete(self):
        room = -self.count % 8
        if room:
            usual = 0 if self.notes.zeros else 255
            self.put(self.notes.completions.find(self.completed, usual) & (1 << room) - 1, room)
            self.completed += 1

    def restart(self, value):
        self.complete()
        self.out += bytes([0xFF, 0xD0 + value])


class ScanWriter:
    def __init__(self, scan, notes):
        self.scan, self.notes, self.bits, self.number = scan, notes, Bits(notes), 0
        self.run, self.corrections = 0, []
        self.reset()

    def reset(self):
        self.before = [0] * len(self.scan.components)

    def symbol(self, table, symbol):
        need(table is not None and symbol in table, "a symbol has no code")
        self.bits.put(*table[symbol])

    def more(self, value):
        """The bits behind a symbol that says how many."""
        size = abs(value).bit_length()
        need(size <= 15, "a number has too many bits")
        self.bits.put(value if value >= 0 else value + (1 << size) - 1, size)

    def constant(self, i, block):
        if self.scan.above:
            self.bits.put(block[0] >> self.scan.below & 1, 1)
            return
        value = block[0] >> self.scan.below
        difference, self.before[i] = value - self.before[i], value
        self.symbol(self.scan.tables[i][0], abs(difference).bit_length())
        self.more(difference)

    def end_run(self):
        if self.run:
            size = self.run.bit_length() - 1
            self.symbol(self.scan.tables[0][1], 16 * size)
            self.bits.put(self.run - (1 << size), size)
            self.send(self.corrections)
            self.run, self.corrections = 0, []

    def send(self, corrections):
        for bit in corrections:
            self.bits.put(bit, 1)

    def block(self, i, block):
        """All coefficients that the scan has of a block."""
        scan, number = self.scan, self.number
        self.number += 1
        if scan.first == 0:
            self.constant(i, block)
        if scan.last == 0:
            return
        table, values = scan.tables[i][1], []
        for k in ZIGZAG[max(scan.first, 1) : scan.last + 1]:
            # Those that earlier scans gave have the bit that they get.
            magnitude = abs(block[k]) >> scan.below
            values.append((magnitude, block[k] < 0))
        self.band(table, values, number)

    def band(self, table, values, number):
        is_old = lambda magnitude: self.scan.above and magnitude > 1
        last = max((at for at, (m, _) in enumerate(values) if m and not is_old(m)), default=-1)
        zeros, has_runs = self.notes.runs.find(number, 0), self.scan.frame.is_progressive
        if has_runs and last < 0 and not zeros:
            corrections = [m & 1 for m, _ in values if is_old(m)]
            if self.run and self.cuts(number, len(corrections)):
                self.end_run()
            self.run += 1
            self.corrections += corrections
            return
        self.end_run()
        passed, corrections = 0, []
        for at, (m, is_negative) in enumerate(values[: last + 1]):
            if is_old(m):
                corrections.append(m & 1)
            elif m:
                size = 1 if self.scan.above else m.bit_length()
                self.symbol(table, 16 * passed + size)
                if self.scan.above:
                    self.bits.put(int(not is_negative), 1)
                else:
                    self.more(-m if is_negative else m)
                self.send(corrections)
                passed, corrections = 0, []
            else:
                passed += 1
                if passed == 16:
                    self.symbol(table, 0xF0)
                    self.send(corrections)
                    passed, corrections = 0, []
        at = last + 1
        while zeros and at < len(values):
            zeros -= 1
            self.symbol(table, 0xF0)
            passed = 0
            while at < len(values) and passed < 16:
                passed += not is_old(values[at][0])
                if is_old(values[at][0]):
                    self.bits.put(values[at][0] & 1, 1)
                at += 1
        if at < len(values):
            if has_runs:
                self.run, self.corrections = 1, [m & 1 for m, _ in values[at:] if is_old(m)]
            else:
                self.symbol(table, 0)

    def cuts(self, number, corrections):
        blocks, bits, bits_after, period = self.notes.habit
        have = len(self.corrections)
        cut = self.run >= blocks or have > bits or have + corrections > bits_after or period and number % period == 0
        return self.run >= 32767 or bool(cut) != self.notes.errs.find(number, 0)


def units(scan):
    """The blocks of each MCU, or each block, with the number of its component in the scan."""
    if len(scan.components) == 1:
        c = scan.components[0]
        for y in range(c.seen[1]):
            for x in range(c.seen[0]):
                yield [(0, c.blocks[y * c.wide + x])]
        return
    wide, high = scan.frame.mcus
    for y in range(high):
        for x in range(wide):
            yield [
                (i, c.blocks[(y * c.v + dy) * c.wide + x * c.h + dx])
                for i, c in enumerate(scan.components)
                for dy in range(c.v)
                for dx in range(c.h)
            ]


def write_units(scan, notes, writer):
    """Whether the segment has all blocks."""
    restarts = 0
    for number, unit in enumerate(units(scan)):
        if writer.number == notes.blocks:
            return False
        if scan.interval and number and number % scan.interval == 0:
            value = notes.restarts.find(restarts, restarts % 8)
            restarts += 1
            if value < 8:
                writer.end_run()
                writer.bits.restart(value)
                writer.reset()
        for i, block in unit:
            if writer.number == notes.blocks:
                return False
            writer.block(i, block)
    return True


def write_scan(scan, notes):
    writer = ScanWriter(scan, notes)
    is_whole = write_units(scan, notes, writer)
    writer.end_run()
    if is_whole:
        writer.bits.complete()
    return bytes(writer.bits.out)
