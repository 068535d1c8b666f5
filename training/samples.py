"""Writes samples for the priors of the coder (docs/spec/entropy.md, section 8): documents and crops, one file each.

`python samples.py --data DATA --out runs/samples`

Makes `text/`, `long/` (documents of a category one after the other), `photos/` and `all/` (photos and graphics in
turns); file names are in random order.
"""
import argparse
import lzma
import pathlib
import shutil

import numpy as np

import vocabulary
from documents import HELD_OUT


def categories(data, total, least):
    """The name of each category, its documents of some length, and its share of so many bytes."""
    weight = sum(vocabulary.CATEGORIES.values())
    for name, share in vocabulary.CATEGORIES.items():
        with lzma.open(data / "text" / "train" / f"{name}.xz") as f:
            docs = [d for d in f.read().split(b"\0")[::HELD_OUT] if len(d) >= least]
        yield name, docs, total * share // weight


def text(data, out, rng, total):
    """Documents of many lengths, each category by its share; long ones are cut."""
    for name, docs, left in categories(data, total, 200):
        while left > 0:
            doc = docs[int(rng.integers(len(docs)))]
            doc = doc[: int(np.exp(rng.uniform(np.log(500), np.log(40_000))))]
            (out / f"{int(rng.integers(1 << 40)):012x}-{name}").write_bytes(doc)
            left -= len(doc)


def long(data, out, rng, total):
    """As long streams are: documents of one category, each category by its share."""
    for name, docs, left in categories(data, total, 2000):
        while left > 0:
            size, stream = int(np.exp(rng.uniform(np.log(100_000), np.log(600_000)))), b""
            while len(stream) < size:
                stream += docs[int(rng.integers(len(docs)))]
            (out / f"{int(rng.integers(1 << 40)):012x}-{name}").write_bytes(stream[:size])
            left -= size


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--bytes", type=int, default=10 << 20)
    ap.add_argument("--long-bytes", type=int, default=24 << 20)
    ap.add_argument("--crops", type=int, default=60)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    rng = np.random.default_rng(a.seed)
    for name in ("text", "long", "photos", "all"):
        shutil.rmtree(a.out / name, ignore_errors=True)
        (a.out / name).mkdir(parents=True)
    text(a.data, a.out / "text", rng, a.bytes)
    long(a.data, a.out / "long", np.random.default_rng(a.seed + 1), a.long_bytes)
    crops = sorted((a.data / "images" / "train").glob("*.webp"))
    photos = rng.permutation([p for p in crops if p.name.startswith("p_")])[: a.crops]
    graphics = rng.permutation([p for p in crops if p.name.startswith("g_")])[: 2 * a.crops]
    for i, p in enumerate(photos):
        shutil.copy(p, a.out / "photos" / f"{i:04}.webp")
    # The last ones count most; drawn images are what is coded without the network.
    mixed = [p for i in range(len(photos)) for p in (photos[i], graphics[2 * i], graphics[2 * i + 1])]
    for i, p in enumerate(mixed):
        shutil.copy(p, a.out / "all" / f"{i:04}.webp")


if __name__ == "__main__":
    main()
