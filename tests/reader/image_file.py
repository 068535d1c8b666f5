"""Images: docs/spec/format.md, section 5."""

import zlib

from byte_coder import Parameters
from container import need
from entropy import clamp
from light_coder import LightSubstream
from tiles import CHANNELS, code_tile


def read_image(stream):
    """The pixels, the image header, and what makes the original file of them, if there is any."""
    need(stream.parameter == 0, "the parameter of an image is 0")
    pieces, header, kinds, original, coded = [], None, set(), None, 0
    tiles, sums = iter(()), []
    for chunk in stream.chunks():
        if chunk.kind == "end":
            # Section 5.4.
            need(chunk.final and next(tiles, None) is None, "the end is out of place")
            chunk.verify(b"".join(sums), chunk.checksum())
            need(chunk.body.number() == len(sums) and chunk.body.done(), "the end counts other chunks")
            continue
        need(not chunk.final or len(sums) == 1, "an image of several chunks needs an end")
        if chunk.kind not in (None, "original file"):
            sums.append(chunk.body.data[:4])
        if chunk.kind == "image header":
            need(header is None and not chunk.final, "the image header is out of place")
            header = read_header(chunk.checked_rest())
            tiles, count = iter(areas(*header)), len(list(areas(*header)))
        elif header is None:
            need(False, "the image header must come first")
        elif chunk.kind is None:
            chunk.checked_rest()
        elif chunk.kind == "original file":
            need(chunk.type & 0x80 and not original and len(pieces) == count, "an original file is out of place")
            original = chunk.checked_rest()
        elif chunk.kind == "empty":
            need(False, "an empty chunk in an image")
        elif chunk.kind == "metadata":
            need(not pieces, "metadata stands before tiles")
            content = chunk.checked_rest()
            byte = content.byte()
            code = byte & 127
            need(1 <= code <= 16 or chunk.type & 0x80, "metadata of unknown code may not be skipped")
            need(code not in kinds or code > 16, "metadata twice")
            kinds.add(code)
            if byte & 128 and code <= 16:
                coded += read_coded_metadata(content)
                need(coded <= 1 << 20, "coded metadata is too long")
        else:
            area = next(tiles, None)
            need(area is not None, "there are too many tiles")
            pieces.append((area, read_tile(chunk, area, header, stream.model)))
    need(next(tiles, None) is None, "there are too few tiles")
    return assemble(pieces, header), header, original


def read_coded_metadata(content):
    """Section 5.2. The length of the metadata."""
    length, checksum, payload = content.number(), content.take(4), content.rest()
    need(length >= len(payload) and length >= 1, "coded metadata has a wrong length")
    metadata = LightSubstream(Parameters(32 | clamp((length - 1).bit_length() + 4, 16, 21))).decode(
        payload, length, None, False, None, None)
    need(zlib.crc32(metadata) == int.from_bytes(checksum, "little"), "coded metadata has another checksum")
    return length


def read_header(content):
    width, height = content.number(), content.number()
    color = content.byte()
    tile = content.number(), content.number()
    need(content.done() and color in CHANNELS, "the image header is wrong")
    need(1 <= tile[0] <= width and 1 <= tile[1] <= height and tile[0] * tile[1] <= 1 << 22, "tiles have a wrong size")
    need(tile[0] * tile[1] >= min(1 << 10, width * height), "tiles are too small")
    return width, height, color, *tile


def areas(width, height, _, tile_width, tile_height):
    for top in range(0, height, tile_height):
        for left in range(0, width, tile_width):
            yield left, top, min(tile_width, width - left), min(tile_height, height - top)


def read_tile(chunk, area, header, model):
    _, _, width, height = area
    color = header[2]
    size = width * height * CHANNELS[color][0] * CHANNELS[color][1]
    if chunk.kind == "fill":
        content = chunk.checked_rest()
        need(content.number() == size, "a fill has another length than its tile")
        pixel = content.rest()
        need(len(pixel) * width * height == size, "a fill has another pixel than its tile")
        return pixel * (width * height)
    checksum = chunk.checksum()
    payload = chunk.body.rest()
    raw = payload if chunk.kind == "stored" else code_tile(chunk.kind, payload, width, height, color, model)
    need(len(raw) == size and len(payload) <= size, "a tile has the wrong length")
    return chunk.verify(raw, checksum)


def assemble(pieces, header):
    width, height, color = header[:3]
    size = CHANNELS[color][0] * CHANNELS[color][1]
    rows = [bytearray(width * size) for _ in range(height)]
    for (left, top, columns, count), raw in pieces:
        for row in range(count):
            part = raw[row * columns * size : (row + 1) * columns * size]
            rows[top + row][left * size : (left + columns) * size] = part
    return b"".join(rows)
