"""Text and pixels with what the coder says of each decision without the network, so that this learns what the rest does
not know.

The programs `document_logits` and `tile_logits` of `dualcomp-train` write the files (README.md). Trained so, the
network is not as good alone as it could be, but better in a mix: its rows go where the rest is uncertain.
"""
import dataclasses
import pathlib

import numpy as np
import torch

import walk
from model import mixture_below

GROUPS = 16
# Kinds of decisions of three channels.
PIXEL_GROUPS = 3 * walk.KINDS
# Nats in one of what is written.
UNIT = 20 / 256


class Text:
    """Windows of tokens from `PREFIX.tokens` and `PREFIX.logits`. Half of them begin at the start of a document, fewer
    where documents are long: each start is as likely as four windows elsewhere."""

    def __init__(self, prefixes, counts, seed):
        self.rng = np.random.default_rng(seed)
        self.mark = len(counts)
        counts = np.append(counts, 0)
        self.parts = []
        for prefix in prefixes:
            tokens = np.fromfile(pathlib.Path(f"{prefix}.tokens"), np.uint16)
            logits = np.memmap(f"{prefix}.logits", np.int8, "r")
            ends = np.cumsum(counts[tokens])
            assert ends[-1] == len(logits), "logits of other tokens"
            self.parts.append((tokens, np.flatnonzero(tokens == self.mark), ends, logits))
        sizes = np.array([len(p[0]) for p in self.parts], float)
        self.share = sizes / sizes.sum()

    def batch(self, count, length):
        """Tokens in and out, where the decisions of the latter begin, and what the contexts say of all of them."""
        windows, starts, beside, at = [], [], [], 0
        for _ in range(count):
            tokens, marks, ends, logits = self.parts[self.rng.choice(len(self.parts), p=self.share)]
            last = len(tokens) - length - 1
            starts_share = min(0.5, 4 * length * len(marks) / len(tokens))
            begin = self.rng.choice(marks) if self.rng.random() < starts_share else self.rng.integers(0, last)
            begin = min(int(begin), last)
            x = tokens[begin: begin + length + 1].astype(np.int64)
            x[0] = self.mark
            windows.append(x)
            first = ends[begin]
            beside.append(logits[first: ends[begin + length]])
            starts.append(ends[begin: begin + length] - first + at)
            at += len(beside[-1])
        x = np.stack(windows)
        tensor = lambda a: torch.from_numpy(np.ascontiguousarray(a))
        return tensor(x[:, :-1]), tensor(x[:, 1:]), tensor(np.stack(starts)), tensor(np.concatenate(beside))


class Pixels:
    """Squares of the crops in a file of `crops.py`, and what was written of them in `PREFIX.counts` and
    `PREFIX.logits`."""

    def __init__(self, crops, prefix, seed, side=256):
        self.rng = np.random.default_rng(seed)
        shape = (-1, side, side, 3)
        self.crops = np.memmap(crops, np.uint8, "r").reshape(shape)
        self.counts = np.memmap(f"{prefix}.counts", np.uint8, "r").reshape(shape)
        self.logits = np.memmap(f"{prefix}.logits", np.int8, "r")
        rows = np.concatenate([c.sum((1, 2), dtype=np.int64) for c in self.counts])
        assert rows.sum() == len(self.logits) and len(self.crops) == len(self.counts), "logits of other crops"
        self.rows = np.cumsum(np.append(0, rows))
        self.side = side

    def batch(self, count, size):
        """Pixels, and what is known of their samples."""
        crops, centers, counts, logits = [], [], [], []
        for _ in range(count):
            i = self.rng.integers(len(self.crops))
            y, x = self.rng.integers(0, self.side - size + 1, 2)
            crops.append(self.crops[i, y: y + size, x: x + size])
            centers.append(bases(self.crops[i], y, x, size))
            counts.append(self.counts[i, y: y + size, x: x + size])
            for r in range(y, y + size):
                n = self.counts[i, r]
                first = self.rows[i * self.side + r] + n[:x].sum(dtype=np.int64)
                logits.append(self.logits[first: first + counts[-1][r - y].sum(dtype=np.int64)])
        known = Known(*(np.stack(a).reshape(-1) for a in (centers, counts)), np.concatenate(logits))
        return torch.from_numpy(np.stack(crops).astype(np.float32)), known


@dataclasses.dataclass
class Known:
    """Of a batch of samples: where the decisions begin, how many these are, and what is said of all of them."""
    center: np.ndarray
    count: np.ndarray
    logit: np.ndarray


def bases(crop, y, x, size):
    """The base prediction of each sample of a square of a crop, cut to 0..255 (docs/spec/image.md, section 1)."""
    p = np.full((crop.shape[0] + 1, crop.shape[1] + 1, 3), 128, np.int16)
    p[1:, 1:] = crop
    p[2:, 0] = crop[:-1, 0]
    p, crop = p[y: y + size + 1, x: x + size + 1], crop[y: y + size, x: x + size].astype(np.int16)
    west, north, corner = p[1:, :-1], p[:-1, 1:], p[:-1, :-1]
    low, high = np.minimum(west, north), np.maximum(west, north)
    base = west + north - np.clip(corner, low, high)
    base[..., 1:] += (crop - base)[..., :-1]
    return np.clip(base, 0, 255)


def gains(device):
    """Weights of the network's logit and of the rest's: of text by how certain the contexts are, of pixels by kind."""
    start = lambda groups: torch.cat([torch.full((groups,), 0.35), torch.full((groups,), 0.75)]).to(device)
    return torch.nn.Parameter(start(GROUPS)), torch.nn.Parameter(start(PIXEL_GROUPS))


def pixel_loss(pixels, base, mixture, gains, known):
    """Nats of all samples of a batch, network and rest mixed; base and mixture are those of `Model.image`."""
    device = mixture.device
    values, base = (x.reshape(-1) for x in (pixels, base))
    d = walk.decisions(known.center, values.cpu().numpy(), known.count)
    tensor = lambda a: torch.from_numpy(a).to(device)
    sample, threshold = tensor(d.sample), tensor(d.threshold)
    o = mixture.reshape(len(values), -1)[sample]
    below = mixture_below(threshold.float(), base[sample], o, o.shape[-1] // 3)
    bounds = torch.cat([below, below.new_tensor([0.0, 1.0])])
    low, high = bounds[tensor(d.low)], bounds[tensor(d.high)]
    x = (torch.log((high - below).clamp_min(1e-6)) - torch.log((below - low).clamp_min(1e-6))).clamp(-11, 11)
    group = sample % 3 * walk.KINDS + tensor(d.kind)
    logit = gains[group] * x + gains[PIXEL_GROUPS + group] * tensor(known.logit).float() * UNIT
    return torch.nn.functional.softplus(torch.where(tensor(d.bit), -logit, logit)).sum()
