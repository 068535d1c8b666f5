"""The payload of a tile by its kind: docs/spec/image.md, sections 1.1 and 12."""

from blocks_tile import code_blocks
from byte_coder import Parameters, Substream
from container import KINDS, Reader, need
from drawn_tile import code_drawn
from entropy import Prior, RangeDecoder, clamp
from fast_tile import code_fast
from image_coder import AllContexts, code_colors, code_plane
from lattice import from_triples, read_transform
from mapped import CODED, read_map, samples, small
from network import PixelNetwork, weights_of
from photo import Photo, code_photo
from spec import artefact

CHANNELS = {0: (1, 1), 1: (2, 1), 2: (3, 1), 3: (4, 1), 4: (1, 2), 5: (2, 2), 6: (3, 2), 7: (4, 2)}

# Which network a tile has, and the priors of its colour planes and of other ones.
TILES = {
    "contexts-only": (None, "mixed-tile.bin", None),
    "network": ("image", "network-tile.bin", None),
    "photo": ("shallow", "photo-tile.bin", "network-tile.bin"),
    "deep": ("image", "deep-tile.bin", "network-tile.bin"),
    "linear": (None, "linear-tile.bin", "mixed-tile.bin"),
    "lattice photo": ("shallow", "photo-lattice.bin", "network-tile.bin"),
    "lattice deep": ("image", "deep-lattice.bin", "network-tile.bin"),
    "lattice linear": (None, "linear-lattice.bin", "mixed-tile.bin"),
}


# Section 12.
def code_lattice_fast(payload, width, height, channels, size):
    need(channels >= 3 and size == 1, "a lattice has three colours of eight bits")
    transform, payload = read_transform(payload)
    length = 4 + int.from_bytes(payload[:4], "little")
    need(length <= len(payload), "the tile ends before its triples")
    pixels = code_tile("fast", payload[4:length], width, height, 2 if channels == 3 else 3, None)
    planes = [list(pixels[c::channels]) for c in range(channels)]
    planes[:3] = from_triples(RangeDecoder(payload[length:]), transform, planes[:3], width)
    return bytes(plane[i] for i in range(width * height) for plane in planes)


# Section 13.
def code_bytes(payload, length):
    coder = Substream(Parameters(clamp((length - 1).bit_length() + 6, 18, 21)))
    reader, out = Reader(payload), []
    for start in range(0, length, 1 << 22):
        part = reader.take(reader.number())
        out.append(coder.decode(part, min(1 << 22, length - start), None, False, None, None))
    need(reader.done(), "something follows the last block of a tile")
    return b"".join(out)


# Section 15.
def code_mapped(payload, width, height, color, model):
    channels, size = CHANNELS[color]
    reader = Reader(payload)
    code = reader.byte()
    need(code in CODED, "the numbers have no such kind")
    maps = [read_map(reader, size) for _ in range(channels)]
    inner = 1 if small(maps, size) else 2
    data = code_tile(KINDS[code], reader.rest(), width, height, channels - 1 + 4 * (inner - 1), model)
    return samples(data, maps, size, inner)


# Section 1.1.
def code_tile(kind, payload, width, height, color, model):
    channels, size = CHANNELS[color]
    if kind == "fast":
        need(width >= 16 and height >= 8, "a fast tile is too small")
        return code_fast(payload, width, height, channels, size)
    if kind == "tile bytes":
        return code_bytes(payload, width * height * channels * size)
    if kind == "tile mapped":
        return code_mapped(payload, width, height, color, model)
    if kind == "tile blocks":
        return code_blocks(payload, width, height, channels, size)
    if kind == "lattice fast":
        return code_lattice_fast(payload, width, height, channels, size)
    if kind == "drawn":
        need(size == 1, "a drawn tile has samples of 8 bits")
        return code_drawn(payload, width, height, channels, Prior(artefact("drawn-tile.bin")))
    need(kind in TILES, "a tile has no such kind")
    colors = 3 if channels >= 3 else 1
    k = clamp((width * height - 1).bit_length() - 2, 10, 16)
    transform = None
    if kind.startswith("lattice"):
        need(colors == 3 and size == 1, "a lattice has three colours of eight bits")
        transform, payload = read_transform(payload)
    decoder, count = RangeDecoder(payload), channels * size
    mode, prior, prior_of_others = TILES[kind]
    network = PixelNetwork(weights_of(model), mode, width) if mode else None
    if prior_of_others:
        planes = code_photo(decoder, Photo(k, prior), network, width, height, colors)
        others = AllContexts(k, prior_of_others) if count > colors else None
    else:
        others = AllContexts(k, prior)
        planes = code_colors(decoder, others, network, width, height, colors)
    for plane in range(colors, count):
        side = planes[plane - channels] if plane >= channels else [0] * (width * height)
        planes.append(code_plane(decoder, others, width, height, plane, side))
    if transform:
        planes[:3] = from_triples(decoder, transform, planes[:3], width)
    # The upper bytes of all channels, then the lower ones, become whole samples.
    order = [channel + channels * part for channel in range(channels) for part in range(size)]
    return bytes(planes[plane][i] for i in range(width * height) for plane in order)
