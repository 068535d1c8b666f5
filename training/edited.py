"""Photographs as programs and cameras leave them: curves over 8 bits, and fewer bits in 16.

    python edited.py PHOTO.png ... --out runs/edited

Of each photograph the upper left 384 by 384 pixels go through six curves, and all of it becomes half as large with 8, 10, 12 and
16 bits a sample. What docs/experiments/0082-numbers-for-samples.md is measured on.
"""

import argparse
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

CURVES = {
    "contrast": lambda x: (x - 10) * 1.35,
    "brighter": lambda x: (x - 4) * 1.1,
    "gamma": lambda x: 255 * (x / 255) ** 0.6,
    "s-curve": lambda x: 255 * (0.5 - 0.5 * np.cos(np.pi * x / 255)),
    "every-third": lambda x: x // 3 * 3,
    "every-eighth": lambda x: x // 8 * 8 + 4,
}


def write_deep(path, samples):
    """A PNG file of 16 bits a sample, grey or RGB."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, 0 if samples.ndim == 2 else 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(5)
    for path in args.photos:
        photo = np.asarray(Image.open(path).convert("RGB"))
        for name, curve in CURVES.items():
            edited = np.clip(np.round(curve(photo[:384, :384].astype(float))), 0, 255).astype(np.uint8)
            Image.fromarray(edited).save(args.out / f"{path.stem}-{name}.png")
        height, width = (side // 2 * 2 for side in photo.shape[:2])
        sums = sum(photo[y:height:2, x:width:2].astype(np.uint16) for y in (0, 1) for x in (0, 1))
        twelve = np.clip(sums * 4.0 + noise.normal(0, 6, sums.shape), 0, 4095).astype(np.uint16)
        linear = np.clip((sums / 1020) ** 2.2 * 65535 + noise.normal(0, 30, sums.shape), 0, 65535).astype(np.uint16)
        deep = {
            "eight-bits": photo[: height // 2, : width // 2].astype(np.uint16) * 257,
            "ten-bits": sums << 6 | sums >> 4,
            "twelve-bits": twelve << 4 | twelve >> 8,
            "twelve-bits-grey": (twelve << 4 | twelve >> 8)[..., 1],
            "linear": linear,
        }
        for name, samples in deep.items():
            write_deep(args.out / f"{path.stem}-{name}.png", samples)


if __name__ == "__main__":
    main()
