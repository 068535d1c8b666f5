"""Turns the shared data into arrays that training maps into memory.

`python prepare.py --data DATA --vocab vocab.bin --out runs/data`

Writes `images.npy` (crops, 256x256x3), `kinds.npy` (1 photo, 0 graphic), `<category>.npy` (token ids, a
document mark of `len(vocab)` before each document) and `dev_<category>.npy` beside the byte counts.
"""
import argparse
import json
import lzma
import pathlib

import numpy as np

import native
import vocabulary
from crops import picture


def images(data, out):
    files = sorted((data / "images" / "train").glob("*.webp"))
    crops = np.zeros((len(files), 256, 256, 3), np.uint8)
    for i, f in enumerate(files):
        crops[i] = picture(f)
    np.save(out / "images.npy", crops)
    np.save(out / "kinds.npy", np.array([f.name.startswith("p_") for f in files]))


def tokens_of(raw: bytes, cut, mark: int) -> np.ndarray:
    parts = []
    for doc in raw.split(b"\0"):
        if doc:
            parts += [np.array([mark], np.int32), cut(doc)]
    return np.concatenate(parts).astype(np.uint16)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    vocab = vocabulary.read(a.vocab)
    cut = native.greedy(vocab)
    stats = {}
    for name in vocabulary.CATEGORIES:
        with lzma.open(a.data / "text" / "train" / f"{name}.xz") as f:
            raw = f.read()
        ids = tokens_of(raw, cut, len(vocab))
        np.save(a.out / f"{name}.npy", ids)
        files = sorted((a.data / "text" / "dev" / name).iterdir())
        dev = [np.concatenate([[len(vocab)], cut(f.read_bytes())]) for f in files if f.stat().st_size]
        np.save(a.out / f"dev_{name}.npy", np.concatenate(dev).astype(np.uint16))
        stats[name] = {"train_bytes": len(raw), "train_tokens": len(ids),
                       "dev_bytes": sum(f.stat().st_size for f in files), "dev_tokens": sum(map(len, dev))}
        s = stats[name]
        print(f"{name:14} {s['train_bytes'] / s['train_tokens']:.3f} bytes a token in train, "
              f"{s['dev_bytes'] / s['dev_tokens']:.3f} in dev", flush=True)
    (a.out / "stats.json").write_text(json.dumps(stats, indent=1))
    images(a.data, a.out)


if __name__ == "__main__":
    main()
