"""Bits and bytes of the network alone on the development sets, by a checkpoint or a weights file.

`python evaluate.py --model runs/first/checkpoint.pt --vocab runs/vocab.bin --data ../../shared/data`

Text is cut in pieces of 2,048 tokens that each begin at the start mark, as texts do; of an image the middle counts.
Products are exact as in inference; `--float` rounds neither weights nor activations instead. The limits of
activations stay, for they are a part of the function that was trained. `--coded` also codes every decision with a range
coder and decodes it again: bytes for each category, in streams of sixteen pieces of text or one square.
"""
import argparse
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

import model as network
import native
import released
import vocabulary
from model import MODALITIES, Config, Model
from train import paths

PIECE = 2048
# Vectors of which each modality has its own.
SPLIT = ("shift", "decay", "rate", "key_scale", "first_value", "bonus", "router", "final_step")


def exact(x, log_step, w):
    """Whole numbers below 2^24 have exact sums in float32."""
    step = network.row_step(w)
    return F.linear(network.int8(x, log_step), torch.round(w / step[:, None])) * (step * torch.exp(log_step))


def load(path, average):
    if path.suffix == ".safetensors":
        m = Model(released.config(path))
        released.load(m, path)
        return m
    saved = torch.load(path, map_location="cpu", weights_only=True)
    m = Model(Config(**saved["config"]))
    m.load_state_dict(saved["model"] | (saved["average"] if average else {}))
    return m


def stored(m, use):
    """Numbers that inference needs for the modalities in use; the extra branches are merged before."""
    alone = None if len(use) > 1 else MODALITIES.index(use[0])
    foreign = {None: (), 0: ("embedding", "token_"), 1: ("pixel_", "condition", "mixture")}[alone]
    count = 0
    for name, p in m.named_parameters():
        part = name.split(".")
        if part[-1] in ("up", "down") or name == "time.0.first_value" or name.startswith(foreign):
            continue
        # A list of matrices has one for each modality unless they share it, or choose among four.
        listed = part[0] in ("time", "channel") and part[3:4] == ["1" if alone == 0 else "0"]
        if alone is not None and listed and len(m.get_submodule(".".join(part[:3]))) == len(MODALITIES):
            continue
        one = alone is not None or (part[0] == "time" and not m.config.switching)
        count += p.numel() // (2 if one and part[-1] in SPLIT else 1)
    return count


def cost(m, use):
    """Numbers stored, and multiply-adds of matrices for a pixel and for a token without its head."""
    c = m.config
    d, h = c.channels, c.pixel_hidden
    trunk = c.layers * (4 * d * d + 2 * c.hidden * d + (c.routed_experts * d if c.routed_experts > 1 else 0))
    pixel = trunk + network.FEATURES * d + 3 * h * d + 3 * network.CONDITIONS * h + 9 * c.mixtures * h
    return {"stored": stored(m, use), "pixel": pixel, "token": trunk}


def coded_tokens(h, head, bias, target, tree):
    """Bytes of tokens, as the decisions on their paths."""
    offsets, nodes, bits = tree
    row, _, at = native.decisions(target, offsets)
    logits = torch.cat([(h[r] * head[nodes[a]]).sum(-1) + bias[nodes[a]]
                        for r, a in zip(row.split(1 << 18), at.split(1 << 18))])
    return native.coded(torch.sigmoid(logits), bits[at])


def coded_samples(values, base, mixture):
    """Bytes of samples, each as eight decisions that halve what it may be."""
    values, base, o = values.reshape(-1), base.reshape(-1), mixture.reshape(values.numel(), -1)
    ends = lambda t: torch.where(t == 0, 0.0, torch.where(t == 256, 1.0, network.mixture_below(t, base, o, o.shape[1] // 3)))
    low, p, bits = torch.zeros_like(values), [], []
    for step in (128, 64, 32, 16, 8, 4, 2, 1):
        below, middle, above = ends(low), ends(low + step), ends(low + 2 * step)
        bits.append(values >= low + step)
        p.append((above - middle) / (above - below))
        low = torch.where(bits[-1], low + step, low)
    return native.coded(torch.stack(p, -1), torch.stack(bits, -1))


@torch.no_grad()
def text(m, tokens, folder, coded):
    """For each category: bytes, tokens, their binary decisions, and bits; with `coded`, bytes of the pieces coded."""
    cut, tree, mark = native.greedy(tokens), paths(tokens, "cpu"), len(tokens)
    head, out = network.quantised_rows(m.token_head), {}
    for name in vocabulary.CATEGORIES:
        raw = [f.read_bytes() for f in sorted((folder / name).iterdir()) if f.stat().st_size]
        ids = [cut(r).astype(np.int64) for r in raw]
        pieces = sorted((x[i: i + PIECE] for x in ids for i in range(0, len(x), PIECE)), key=len)
        bits, size = 0.0, 0
        for i in range(0, len(pieces), 16):
            y = pieces[i: i + 16]
            x = np.full((len(y), len(y[-1])), mark)
            target = np.full_like(x, -1)
            for row, piece in enumerate(y):
                x[row, 1: len(piece)] = piece[:-1]
                target[row, : len(piece)] = piece
            h, target = m.text(torch.from_numpy(x)), torch.from_numpy(target)
            keep = target >= 0
            bits += native.TreeLoss.apply(h[keep], head, m.token_bias, target[keep], *tree).sum().item() / math.log(2)
            if coded:
                size += coded_tokens(h[keep], head, m.token_bias, target[keep], tree)
        steps = sum(tree[0].diff()[x].sum().item() for x in ids)
        out[name] = {"bytes": sum(map(len, raw)), "tokens": sum(map(len, ids)), "decisions": steps, "bits": bits,
                     "coded": size}
    return out


@torch.no_grad()
def images(m, folder, side, coded):
    """For photos and for drawn images: sub-pixels and bits; with `coded`, bytes of the squares coded."""
    from PIL import Image

    out = {}
    for f in sorted(folder.glob("*.png")):
        a = np.asarray(Image.open(f).convert("RGB"))
        y, x = (max(0, (n - side) // 2) for n in a.shape[:2])
        a = a[y: y + side, x: x + side]
        row = out.setdefault({"p": "photos", "g": "graphics"}[f.name[0]], {"sub-pixels": 0, "bits": 0.0, "coded": 0})
        pixels = torch.from_numpy(a[None].astype(np.float32))
        bits, base, mixture = m.image(pixels)
        row["sub-pixels"] += a.size
        row["bits"] += bits.sum(dtype=torch.float64).item()
        if coded:
            row["coded"] += coded_samples(pixels, base, mixture)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--model", type=pathlib.Path, required=True, help="checkpoint.pt or a weights file")
    ap.add_argument("--average", action="store_true", help="the checkpoint's averaged parameters")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--modalities", default="image,text")
    ap.add_argument("--side", type=int, default=256, help="of the square in the middle of an image")
    ap.add_argument("--float", action="store_true", help="without rounding, with a checkpoint's own parameters")
    ap.add_argument("--coded", action="store_true", help="also the bytes that a range coder makes of it, decoded again")
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    network.linear = exact
    if a.float:
        network.rounded = lambda x: x
        network.linear = lambda x, log_step, w: F.linear(network.quantised(x, log_step), w)
    m = load(a.model, a.average)
    use = a.modalities.split(",")
    result = cost(m, use)
    if "image" in use:
        for kind, row in images(m, a.data / "images" / "dev", a.side, a.coded).items():
            result[kind] = round(row["bits"] / row["sub-pixels"], 4)
            if a.coded:
                result[kind + ", bytes"] = row["coded"]
    if "text" in use:
        rows = text(m, vocabulary.read(a.vocab), a.data / "text" / "dev", a.coded)
        rows["text"] = {key: sum(row[key] for row in rows.values()) for key in rows["code"]}
        for name, row in rows.items():
            result[name] = {"bits a byte": round(row["bits"] / row["bytes"], 4)}
            result[name] |= {f"{x} a token": round(row[x] / row["tokens"], 4) for x in ("bits", "bytes", "decisions")}
            if a.coded:
                result[name]["coded bytes"] = row["coded"]
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
