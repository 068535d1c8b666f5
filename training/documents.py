"""Writes the documents that the pretrained contexts are counted in (docs/spec/bytes.md, section 5), each with a zero byte at
its end.

`python documents.py --data DATA --out runs/documents.bin`

With `--part` it writes half of them, so that contexts counted in one half can be tried on the other (beside.py); with
`--join` several of a category are one document, so that contexts have had the time to learn.
Every tenth document is left to `samples.py`: what has been counted must not be trusted more than it deserves elsewhere.
With `--held-out` it writes these instead, with `--beyond` those that come after the last one counted: for a network that is
trained beside the released contexts.
"""
import argparse
import lzma
import pathlib

import numpy as np

import vocabulary

HELD_OUT = 10
LONGEST = 64 << 10


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--bytes", type=int, default=200_000_000)
    ap.add_argument("--seed", type=int, default=5)
    ap.add_argument("--part", type=int, choices=(0, 1), help="only every second document, from the first or the second")
    ap.add_argument("--join", type=int, default=0, help="bytes that joined documents have at least, but for the last of a category")
    ap.add_argument("--held-out", action="store_true", help="the documents that are left out otherwise")
    ap.add_argument("--beyond", action="store_true", help="the documents after the first --bytes")
    a = ap.parse_args()
    rng = np.random.default_rng(a.seed)
    weight = sum(vocabulary.CATEGORIES.values())
    with a.out.open("wb") as out:
        for name, share in vocabulary.CATEGORIES.items():
            with lzma.open(a.data / "text" / "train" / f"{name}.xz") as f:
                docs = f.read().split(b"\0")
            docs = [d for i, d in enumerate(docs) if (i % HELD_OUT == 0) == a.held_out and len(d) >= 100]
            left, joined = a.bytes * share // weight, b""
            for place, i in enumerate(rng.permutation(len(docs))):
                if left <= 0 and not a.beyond:
                    break
                if a.part in (None, place % 2) and (left <= 0) == a.beyond:
                    joined += docs[i][:LONGEST]
                    if len(joined) >= a.join:
                        out.write(joined + b"\0")
                        joined = b""
                left -= len(docs[i][:LONGEST])
            if joined:
                out.write(joined + b"\0")


if __name__ == "__main__":
    main()
