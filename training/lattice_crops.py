"""Crops that went through JPEG: what lattice tiles are judged by, and what their priors are learned from.

    python lattice_crops.py set --data DATA --out runs/lattice      # 40 crops, with PNGs and JPEGs
    python lattice_crops.py triples --data DATA --out runs/triples  # 90 crops as luma and chroma

A set has, of each crop: `N-QUALITY-SAMPLING.jpg`; `.png`, its pixels as libjpeg-turbo decodes them; and `-resized.png`,
those made smaller by 0.5 to 0.9 afterwards. Triples are what libjpeg-turbo decodes before it makes colours of them, in
the places of red, green and blue.
"""

import argparse
import io
import pathlib
import random

from PIL import Image

QUALITIES = (75, 80, 85, 90, 92, 95)
# Of Pillow: 0 is 4:4:4, 2 is 4:2:0.
SAMPLINGS = {0: "444", 2: "420"}


def crops(data, count, seed):
    paths = sorted((pathlib.Path(data) / "images/train").glob("p_*.webp"))
    random.Random(seed).shuffle(paths)
    for path in paths[:count]:
        yield Image.open(path).convert("RGB")


def jpeg(image, quality, sampling):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=sampling)
    return file.getvalue()


def make_set(data, out):
    pick = random.Random(40)
    for i, image in enumerate(crops(data, 40, 40)):
        quality, sampling = QUALITIES[i % len(QUALITIES)], (0, 2)[i // len(QUALITIES) % 2]
        name = f"{i:02}-{quality}-{SAMPLINGS[sampling]}"
        file = jpeg(image, quality, sampling)
        (out / f"{name}.jpg").write_bytes(file)
        decoded = Image.open(io.BytesIO(file)).convert("RGB")
        decoded.save(out / f"{name}.png")
        scale = pick.uniform(0.5, 0.9)
        size = tuple(round(side * scale) for side in decoded.size)
        decoded.resize(size, Image.LANCZOS).save(out / f"{name}-resized.png")


def make_triples(data, out):
    pick = random.Random(37)
    for i, image in enumerate(crops(data, 90, 37)):
        # Two in three with chroma of full size: where it is smaller, it costs little in any case.
        file = jpeg(image, pick.choice(QUALITIES + (97,)), pick.choice((0, 0, 2)))
        decoded = Image.open(io.BytesIO(file))
        decoded.draft("YCbCr", decoded.size)
        decoded.load()
        assert decoded.mode == "YCbCr"
        Image.merge("RGB", decoded.split()).save(out / f"{i:02}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("set", "triples"))
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    {"set": make_set, "triples": make_triples}[arguments.what](arguments.data, arguments.out)
