"""Segments that a skeleton only names: docs/spec/jpeg-file.md, section 1."""

from container import need
from jpeg_coder import ZIGZAG

# T.81, annex K.3: how many codes of each length from 1 on, and the first symbols; the others follow in order.
ALL_DC, ALL_AC = bytes(range(12)), sorted({16 * run + size for run in range(16) for size in range(1, 11)} | {0, 0xF0})
HUFFMAN = [
    (0x00, "00010501010101010100000000000000", "", ALL_DC),
    (0x10, "0002010303020403050504040000017d", "0102030004110512213141061351610722711432"
     "8191a1082342b1c11552d1f02433627282090a", ALL_AC),
    (0x01, "00030101010101010101010000000000", "", ALL_DC),
    (0x11, "00020102040403040705040400010277", "0001020311040521310612415107617113223281"
     "08144291a1b1c109233352f0156272d10a162434e125f1", ALL_AC),
]  # fmt: skip
# Annex K.1, row by row.
STEPS = [
    [int(n) for n in text.split()]
    for text in (
        "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
        "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99",
        "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 " + "99 " * 32,
    )
]


def huffman(number):
    head, counts, first, symbols = HUFFMAN[number]
    first = bytes.fromhex(first)
    return bytes([head]) + bytes.fromhex(counts) + first + bytes(s for s in symbols if s not in first)


def steps(number, quality):
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return bytes([number] + [min(max((STEPS[number][k] * scale + 50) // 100, 1), 255) for k in ZIGZAG])


def segment(name):
    kind, which = name
    if kind == 0:
        need(which <= 4, "a segment has no such name")
        marker, tables = 0xC4, [huffman(i) for i in (range(4) if which == 4 else [which])]
    else:
        need(kind <= 3 and 1 <= which <= 100, "a segment has no such name")
        marker, tables = 0xDB, [steps(i, which) for i in ((0, 1) if kind == 3 else [kind - 1])]
    content = b"".join(tables)
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content
