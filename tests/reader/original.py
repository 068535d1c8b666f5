"""The PNG file that an image came from: docs/spec/format.md, section 5.5."""

import zlib

from bytes_file import read_bytes
from container import Reader, Stream, need
from deflate_file import deflate_file
from spans import rows_of
from tiles import CHANNELS


def samples_of(pixels, header, form):
    """The samples of the file, as an image of its own."""
    width, height, color = header[:3]
    bits, kind = form[:2]
    channels, size = CHANNELS[color]
    each = channels * size
    pixels = [bytes(pixels[i : i + each]) for i in range(0, len(pixels), each)]
    if kind == 2:
        need(channels >= 3 and size == 1 and bits <= 8 and len(form) > 2, "an image with indices has no such colours")
        need((len(form) - 2) % each == 0 and len(form) - 2 <= each << bits, "there are too many colours")
        places = {}
        for i in range(2, len(form), each):
            places.setdefault(bytes(form[i : i + each]), (i - 2) // each)
        need(all(pixel in places for pixel in pixels), "a pixel has no index")
        return bytes(places[pixel] for pixel in pixels), (width, height, 0)
    need(kind <= 1 and len(form) == 2, "there is no such form of samples")
    if kind == 1:
        need(channels in (2, 4), "there is no opacity to leave out")
        pixels, color = [pixel[:-size] for pixel in pixels], color - 1
    samples = b"".join(pixels)
    if bits < 8:
        need(channels - kind == 1 and size == 1, "samples of few bits are grey")
        times = 255 // ((1 << bits) - 1)
        need(all(sample % times == 0 for sample in samples), "a sample is not one of few bits")
        samples = bytes(sample // times for sample in samples)
    return samples, (width, height, color)


def original_file(content, pixels, header):
    need(content, "there is no original file")
    checksum, length = int.from_bytes(content.take(4), "little"), content.number()
    need(length <= 1 << 30 and content.byte() == 1, "the original file is none")
    head, data = content.number(), content.number()
    form = content.take(content.number())
    need(len(form) >= 2, "the form of samples is too short")
    payload = content.take(content.number())
    reader = Reader(content.rest())
    rest = read_bytes(Stream(reader))
    need(reader.done(), "something follows the stream of an original file")
    height = header[1]
    need(len(rest) >= head + height, "the original file is too short")
    samples, of = samples_of(pixels, header, form)
    rows = rows_of(samples, of, form[0], rest[head : head + height])
    made = deflate_file(rows, payload, data)
    need(len(made) == data, "the image data has another length")
    file = rest[:head] + made + rest[head + height :]
    need(len(file) == length and zlib.crc32(file) == checksum, "the original file is another one")
    return file
