"""Bits and bytes of the network alone on the development sets, by a checkpoint or a weights file.

`python evaluate.py --model runs/first/checkpoint.pt --vocab runs/vocab.bin --data DATA`

Text is cut in pieces of 2,048 tokens that each begin at the start mark, as texts do; of pixels there are crops.
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
from pixels import SIDE, seen
from pixels import load as load_crops
from train import paths

PIECE = 2048
# Vectors of which each modality has its own.
SPLIT = ("shift", "decay", "rate", "key_scale", "first_value", "bonus", "final_step")


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
    wanted, c = [MODALITIES.index(name) for name in use], m.config
    count = 0
    for name, p in m.named_parameters():
        part = name.split(".")
        if part[-1] in ("up", "down") or name == "time.0.first_value" or (part[0] == "pixels" and part[1] not in use):
            continue
        if name.startswith(("embedding", "token_")) and "text" not in use:
            continue
        if part[0] == "time" and use == ["shallow"] and int(part[1]) >= c.shallow_times:
            continue
        split = c.switching if part[0] == "time" else True
        # A list of matrices has one for each modality unless they share it.
        listed = part[0] in ("time", "channel") and part[3:4] and part[3].isdigit() and part[2] != "common"
        if listed and (c.switching if part[0] == "time" else c.own_experts) and int(part[3]) not in wanted:
            continue
        if part[-1] in SPLIT:
            count += p.numel() // len(p) * (len([j for j in wanted if j < len(p)]) if split else 1)
        else:
            count += p.numel()
    return count


def cost(m, use):
    """Numbers stored, and multiply-adds of matrices for a pixel, deep and shallow, and for a token without its head."""
    c = m.config
    d, h = c.channels, c.pixel_hidden
    trunk = c.layers * (4 * d * d + 2 * c.hidden * d)
    shallow = c.shallow_times * 4 * d * d + c.layers * 2 * c.shallow_hidden * d
    ends = network.FEATURES * d + 3 * h * d + 3 * network.CONDITIONS * h + 9 * c.mixtures * h
    router = lambda name: c.layers * (1 + c.common_experts) * d if name in m.channel[0].router else 0
    return {"stored": stored(m, use), "pixel": trunk + router("image") + ends, "shallow": shallow + router("shallow") + ends,
            "token": trunk + router("text")}


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
            h, target = m.text(torch.from_numpy(x))[0], torch.from_numpy(target)
            keep = target >= 0
            bits += native.TreeLoss.apply(h[keep], head, m.token_bias, target[keep], *tree).sum().item() / math.log(2)
            if coded:
                size += coded_tokens(h[keep], head, m.token_bias, target[keep], tree)
        steps = sum(tree[0].diff()[x].sum().item() for x in ids)
        out[name] = {"bytes": sum(map(len, raw)), "tokens": sum(map(len, ids)), "decisions": steps, "bits": bits,
                     "coded": size}
    return out


@torch.no_grad()
def images(m, name, prefix, coded):
    """Of crops (pixels.py) in the network of this name: bits a sub-pixel; with `coded`, their bytes."""
    crops, bits, size = load_crops([prefix], "cpu"), [], 0
    for i in range(len(crops.frames)):
        zero = torch.zeros(1, dtype=torch.long)
        s = seen(*crops.batch(zero + i, zero, zero, SIDE, SIDE))
        alone, base, mixture = m.image(s.pixels, s.frame, s.told, name)
        bits.append(alone.double().mean().item())
        size += coded_samples(s.pixels, base, mixture) if coded else 0
    return sum(bits) / len(bits), size


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--model", type=pathlib.Path, required=True, help="checkpoint.pt or a weights file")
    ap.add_argument("--average", action="store_true", help="the checkpoint's averaged parameters")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--modalities", default="image,shallow,text")
    ap.add_argument("--photos", help="crops of photographs, a prefix as for train_pixels.py")
    ap.add_argument("--graphics", help="crops of drawn images")
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
    for name in set(use) - {"text"}:
        for kind, prefix in {"photos": a.photos, "graphics": a.graphics}.items():
            if prefix:
                bits, size = images(m, name, prefix, a.coded)
                result[f"{kind}, {name}"] = round(bits, 4)
                if a.coded:
                    result[f"{kind}, {name}, bytes"] = size
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
