"""Writes pictures one after the other, 256 by 256 pixels of three bytes, as `least_squares` and training read them.

`python crops.py DATA/images/train/p_*.webp --out runs/photos.crops [--changed]`
"""
import argparse
import multiprocessing
import pathlib

import numpy as np
from PIL import Image

SIDE = 256


def picture(file):
    """The square in the middle of a picture; where that is smaller, its last rows and columns are repeated."""
    a = np.asarray(Image.open(file).convert("RGB"))
    y, x = (max(n - SIDE, 0) // 2 for n in a.shape[:2])
    a = a[y: y + SIDE, x: x + SIDE]
    return np.pad(a, ((0, SIDE - a.shape[0]), (0, SIDE - a.shape[1]), (0, 0)), mode="edge")


def changed(a, g):
    """Flips, transposition, and at times other channel orders, grey, gain or noise."""
    if g.random() < 0.5:
        a = a[:, ::-1]
    if g.random() < 0.5:
        a = a[::-1]
    if g.random() < 0.5:
        a = a.transpose(1, 0, 2)
    a, kind = a.astype(np.float32), g.random()
    if kind < 0.1:
        a = a[..., g.permutation(3)]
    elif kind < 0.18:
        a = np.repeat(a.mean(-1, keepdims=True), 3, -1)
    elif kind < 0.28:
        a = a * g.uniform(0.6, 1.2) + g.uniform(-10, 10)
    elif kind < 0.43:
        a = a + g.normal(0, g.uniform(0.4, 2.5), a.shape)
    return np.clip(np.round(a), 0, 255).astype(np.uint8)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("files", nargs="+", type=pathlib.Path)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--changed", action="store_true")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    g = np.random.default_rng(a.seed)
    with open(a.out, "wb") as f, multiprocessing.Pool() as pool:
        for x in pool.imap(picture, sorted(a.files), chunksize=8):
            f.write((changed(x, g) if a.changed else x).tobytes())


if __name__ == "__main__":
    main()
