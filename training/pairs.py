"""Rounds the rows of a weights file again, so that pairs of neighbours keep the bound of docs/spec/numerics.md, section 1.

`python pairs.py --weights FILE --out FILE`

Files that `export.py` writes keep it; those of the first ten legs of `dualcomp-1` were older.
"""
import argparse
import json
import pathlib

import numpy as np

BOUND = 128


def largest(w):
    """Of each row, the largest sum of two neighbours of one sign, without the sign."""
    pairs = w.reshape(len(w), -1, 2)
    return np.maximum(np.maximum(pairs, 0).sum(2), -np.minimum(pairs, 0).sum(2)).max(1)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--weights", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    raw = bytearray(a.weights.read_bytes())
    start = 8 + int.from_bytes(raw[:8], "little")
    tensors = json.loads(raw[8:start])

    def view(name, dtype):
        begin, end = tensors[name]["data_offsets"]
        return np.frombuffer(memoryview(raw)[start + begin:start + end], dtype).reshape(tensors[name]["shape"])

    for name in tensors:
        # Single rows of the token head are multiplied in another way.
        if name + ".scale" not in tensors or name in ("embedding", "token_head"):
            continue
        w, scale = view(name, np.int8), view(name + ".scale", np.float32)
        old = w.astype(np.float64)
        sums = largest(old)
        # One less, as rounding may add a half to both.
        factor = np.where(sums > BOUND, sums / (BOUND - 1), 1)
        w[:] = np.round(old / factor[:, None])
        scale[:] = scale * factor
        assert (largest(w.astype(np.int64)) <= BOUND).all()
        error = ((w * factor[:, None] - old) ** 2).sum() / (old ** 2).sum()
        print(f"{name}: {(sums > BOUND).mean():.0%} of the rows, relative error {error:.1e}")
    a.out.write_bytes(raw)


if __name__ == "__main__":
    main()
