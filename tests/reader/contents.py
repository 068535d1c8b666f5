"""What the vectors in tests/vectors decode to, made by formula as tests/src has it."""


import zlib

from spec import ROOT


class Numbers:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 32) % bound

    def bytes(self, count):
        return bytes(self.below(256) for _ in range(count))


WORDS = "river stone the morning of light and quiet a window under north".split()


def text(length):
    numbers, out, number = Numbers(7), "", 1000
    while len(out) < length:
        number += numbers.below(5) + 1
        out += f'{{"id": {number}, "ok": {"true" if numbers.below(2) else "false"}, "title": "'
        for _ in range(numbers.below(6) + 2):
            out += WORDS[numbers.below(12)] + " "
        out += '"}\n'
    return out.encode()


def picture(width, height, channels):
    numbers, out = Numbers(width << 32 | height), bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                slope = (x * (c + 2) + y * 3) // 2
                if x > width // 2 and y > height // 2:
                    value = 40 + 60 * c
                elif (x + y) % 37 < 9:
                    value = 200 - slope % 90
                else:
                    value = slope % 180 + numbers.below(9)
                out.append(value & 255)
    return bytes(out)


def from_luma_and_chroma(width, height):
    numbers, out = Numbers(15), bytearray()
    for y in range(height):
        for x in range(width):
            luma = 60 + (x + 2 * y) % 120 + numbers.below(9)
            first, second = x // 2 % 40 - 20, (y + x // 8) % 36 - 18
            odd = int(numbers.below(50) == 0)
            red = luma + ((91881 * second + 32768) >> 16)
            green = luma + ((-22554 * first - 46802 * second + 32768) >> 16) + odd
            blue = luma + ((116130 * first + 32768) >> 16)
            out += bytes(min(max(value, 0), 255) for value in (red, green, blue))
    return bytes(out)


def gradient(width, height):
    return bytes(
        200 if (x // 50 + y // 70) % 3 == 0 else (2 * x + y // 2) & 255 for y in range(height) for x in range(width)
    )


def spaced():
    """250 words, of which each second one follows from the one two before it."""
    numbers = Numbers(13)
    words = [bytes(97 + numbers.below(26) for _ in range(4)) for _ in range(250)]
    out = []
    for i in range(108_000):
        i %= 4000
        if i == 0:
            numbers, pick = Numbers(14), 0
        else:
            pick = i // 2 % 50 if i % 2 == 0 else 50 + numbers.below(200)
        out.append(words[pick])
    return b" ".join(out) + b" "


def part():
    """Six of these words in no order, then one of them."""
    numbers = Numbers(13)
    words = [bytes(97 + numbers.below(26) for _ in range(4)) for _ in range(250)]
    return b"".join(words[numbers.below(6) if i < 4000 else 0] + b" " for i in range(108_000))


def prefix():
    """Runs that break off."""
    numbers = Numbers(16)
    return bytes(98 if numbers.below(500) == 0 else 97 for _ in range(540_000))


def repeats():
    out = bytearray(text(12_000) * 6)
    out[::997] = b"#" * len(out[::997])
    return bytes(out)


def colours():
    numbers = Numbers(15)
    return bytes((i // 3 % 700 // 16 + 20 * (i % 3) + numbers.below(20)) * 2 for i in range(700 * 24 * 3))


def drawn():
    numbers, out = Numbers(18), bytearray()
    for y in range(90):
        for x in range(130):
            edge, kind = min(x % 13, 3), (x // 13 + y // 9) % 6
            if kind < 2:
                out += bytes([240, 240, 245, 255])
            elif kind == 2:
                out += bytes([240 - 70 * edge, 240 - 50 * edge, 245 - 20 * edge, 255])
            elif kind == 3:
                out += bytes([20, 90, x % 13 * 9, 255 - 40 * edge])
            elif kind == 4:
                out += bytes([20, 90, 0, 255])
            else:
                out += bytes([60 * numbers.below(3), 30, 200, 128])
    return bytes(out)


def deep():
    numbers, out = Numbers(19), b""
    for i in range(48 * 40):
        for n in (i % 48 * 60 + i // 48 * 20 + numbers.below(40), 4000 + numbers.below(90)):
            out += (n << 4 | n >> 8).to_bytes(2, "big")
    return out


def gaps():
    numbers = Numbers(20)
    slope = lambda i: i // 3 % 64 // 2 + i // 192 // 3 + 9 * (i % 3)
    return bytes((slope(i) + numbers.below(6)) * 3 for i in range(64 * 48 * 3))


def records():
    numbers, out = Numbers(16), b""
    for i in range(900):
        other = numbers.below(1 << 16)
        out += (1_700_000_000 + 60 * i).to_bytes(4, "little") + other.to_bytes(2, "little")
        out += bytes([7, i % 5]) + (3 * i).to_bytes(4, "little")
    return out


def strokes():
    numbers, out = Numbers(17), b""
    stroke = numbers.bytes(40 * 8)
    while len(out) < 150 * 130 * 8:
        first = numbers.below(23)
        out += stroke[8 * first : 8 * (first + 8 + first % 9)]
    return out[: 150 * 130 * 8]


def towards_zero(a, b):
    return abs(a) // b * (1 if a >= 0 else -1)


WAVE = [2048, 2009, 1892, 1703, 1448, 1138, 784, 400, 0]


def wave(k, x):
    turn = (2 * x + 1) * k % 32 if k else 4
    turn = min(turn, 32 - turn)
    return -WAVE[16 - turn] if turn > 8 else WAVE[turn]


def by_waves(coefficients):
    for y in range(8):
        for x in range(8):
            terms = (c * wave(k // 8, y) * wave(k % 8, x) for k, c in enumerate(coefficients) if c)
            yield 128 + (sum(towards_zero(term, 64) for term in terms) + (1 << 17) >> 18)


# As zune-jpeg has it.
def by_passes(coefficients):
    columns = [short_pass(coefficients[column::8]) for column in range(8)]
    for row in range(8):
        for value in short_pass([column[row] + 512 >> 10 for column in columns]):
            yield 128 + (value + 65536 + 512 >> 17)


def short_pass(a):
    turned = 2217 * (a[2] + a[6])
    wide, narrow = turned + 3135 * a[2], turned - 7567 * a[6]
    plus, minus = 4096 * (a[0] + a[4]), 4096 * (a[0] - a[4])
    even, every = [plus + wide, minus + narrow, minus - narrow, plus - wide], 4816 * (a[1] + a[3] + a[5] + a[7])
    outer, inner = -3685 * (a[1] + a[7]), -10497 * (a[3] + a[5])
    third, first = every - 8034 * (a[3] + a[7]), every - 1597 * (a[1] + a[5])
    odd = [6149 * a[1] + outer + first, 12586 * a[3] + inner + third, 8410 * a[5] + inner + first]
    odd.append(1223 * a[7] + outer + third)
    return [e + o for e, o in zip(even, odd)] + [e - o for e, o in zip(even[::-1], odd[::-1])]


def plane_of_blocks(numbers, width, height, first, more, made):
    rows = [[0] * width for _ in range(height)]
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            coefficients = []
            for k in range(64):
                row, column = divmod(k, 8)
                step, reach = first + more * (row + column), 60 // (1 + row * row + column * column) if k else 160
                coefficients.append(step * towards_zero(numbers.below(2 * reach + 1) - reach, step))
            for i, sample in enumerate(made(coefficients)):
                rows[top + i // 8][left + i % 8] = min(max(sample, 20), 235)
    return rows


def out_of_blocks(width, height, zune=False):
    numbers, out, made = Numbers(60), bytearray(), by_passes if zune else by_waves
    luma = plane_of_blocks(numbers, width, height, 5, 2, made)
    chroma = [plane_of_blocks(numbers, width // 2, height // 2, 7, 3, made) for _ in range(2)]
    beside = lambda at, count: (at // 2, min(at // 2 + 1, count - 1) if at % 2 else max(at // 2 - 1, 0))
    for y in range(height):
        row, other_row = beside(y, height // 2)
        for x in range(width):
            column, other = beside(x, width // 2)
            near, far = ([3 * of[row][c] + of[other_row][c] for of in chroma] for c in (column, other))
            if zune:
                first, second = ((3 * (a + 2 >> 2) + (b + 2 >> 2) + 2 >> 2) - 128 for a, b in zip(near, far))
            else:
                first, second = ((3 * a + b + 8 - x % 2 >> 4) - 128 for a, b in zip(near, far))
            red = luma[y][x] + ((91881 * second + 32768) >> 16)
            green = luma[y][x] + ((-22554 * first - 46802 * second + 32768) >> 16)
            blue = luma[y][x] + ((116130 * first + 32768) >> 16)
            out += bytes(min(max(value, 0), 255) for value in (red, green, blue))
    return bytes(out)


def original():
    """The pixels of the file, and the file itself."""
    data = file("deflate/filtered.png")()
    at, image = 8, b""
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        image += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    rows, above, out = zlib.decompress(image), bytes(270), []
    for y in range(60):
        line, row = rows[271 * y : 271 * y + 271], bytearray(270)
        for x, byte in enumerate(line[1:]):
            left, corner = (row[x - 3], above[x - 3]) if x >= 3 else (0, 0)
            near = min((left, above[x], corner), key=lambda value: abs(left + above[x] - corner - value))
            row[x] = byte + [0, left, above[x], left + above[x] >> 1, near][line[0]] & 255
        out, above = out + [bytes(row)], row
    return b"".join(out) + data


def file(name):
    return lambda: (ROOT / "tests" / name).read_bytes()


SAMPLES = [text(12_000)[at : at + 1000] for at in range(0, 10_000, 1000)]

# By the names of vectors without their level.
BY_STEM = {
    "blocks": lambda: out_of_blocks(160, 128),
    "blocks-zune": lambda: out_of_blocks(160, 128, zune=True),
    "colours": colours,
    "copies": lambda: Numbers(15).bytes(6000) + text(6000) * 180 + Numbers(15).bytes(6000),
    "deep": deep,
    "dictionary": lambda: text(12_000)[10_000:],
    "drawn": drawn,
    "eight": lambda: bytes(v for v in from_luma_and_chroma(64, 48) for _ in range(2)),
    "empty": lambda: b"",
    "gaps": gaps,
    "grey": lambda: picture(40, 30, 1),
    "gz-fastest": file("deflate/fastest.gz"),
    "gz-zopfli": file("deflate/zopfli.gz"),
    "jpeg-baseline": file("jpeg/baseline.jpg"),
    "jpeg-inks": file("jpeg/inks.jpg"),
    "jpeg-progressive": file("jpeg/progressive.jpg"),
    "lattice": lambda: from_luma_and_chroma(64, 48),
    "long": lambda: text(6000),
    "original": original,
    "part": part,
    "prefix": prefix,
    "png-filtered": file("deflate/filtered.png"),
    "random": lambda: Numbers(11).bytes(700),
    "records": records,
    "repeated": lambda: picture(40, 30, 3) * 3,
    "repeats": repeats,
    "rgb": lambda: picture(40, 30, 3),
    "rgba16": lambda: picture(40, 30, 8),
    "spaced": spaced,
    "substreams": lambda: text(20_000) * 27,
    "streams": lambda: text(3000),
    "strokes": strokes,
    "text": lambda: text(6000),
    "tiles": lambda: gradient(400, 330),
    "zeros": lambda: bytes(100_000),
    "zip-two": file("deflate/two.zip"),
    "zz-flushed": file("deflate/flushed.zz"),
}
CONTENTS = {
    path.name: BY_STEM[path.stem.rsplit("-", 1)[0]] for path in sorted((ROOT / "tests/vectors").glob("*.dc?"))
}
