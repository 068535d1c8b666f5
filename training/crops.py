"""Writes crops, changed as training changes them, for `learn_beside_pixels` (README.md): one after the other, 256 by 256
pixels of three bytes.

`python crops.py --data runs/data --out runs/crops`
"""
import argparse
import pathlib

from batches import Pixels


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--count", type=int, default=2500)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    pixels = Pixels(a.data, a.seed)
    with open(a.out, "wb") as f:
        for _ in range(a.count):
            f.write(pixels.crop(256).astype("uint8").tobytes())


if __name__ == "__main__":
    main()
