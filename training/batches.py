"""Batches of text and of pixels, from the arrays that `prepare.py` writes."""
import numpy as np
import torch

import vocabulary
from crops import changed


class Text:
    """Windows of tokens; half of them begin at the start of a document."""

    def __init__(self, folder, mark, seed):
        self.rng = np.random.default_rng(seed)
        shares = vocabulary.CATEGORIES
        self.parts = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in shares]
        self.starts = [np.flatnonzero(p == mark) for p in self.parts]
        self.share = np.array(list(shares.values()), float) / sum(shares.values())
        self.mark = mark

    def window(self, length):
        i = self.rng.choice(len(self.parts), p=self.share)
        part = self.parts[i]
        last = len(part) - length - 1
        at = int(self.rng.choice(self.starts[i])) if self.rng.random() < 0.5 else int(self.rng.integers(0, last))
        x = part[min(at, last): min(at, last) + length + 1].astype(np.int64)
        x[0] = self.mark
        return x

    def batch(self, count, length):
        x = np.stack([self.window(length) for _ in range(count)])
        # A mark inside a window is input only: a new text starts there, so nothing predicts it.
        return torch.from_numpy(x[:, :-1]), torch.from_numpy(x[:, 1:])


class Pixels:
    """Square crops with flips, transposition, and at times other channel orders, grey, gain or noise."""

    def __init__(self, folder, seed):
        self.rng = np.random.default_rng(seed)
        self.crops = np.load(folder / "images.npy", mmap_mode="r")
        photo = np.load(folder / "kinds.npy")
        self.groups = [np.flatnonzero(photo), np.flatnonzero(~photo)]

    def crop(self, size):
        g = self.rng
        i = g.choice(self.groups[int(g.random() < 0.3)])
        y, x = g.integers(0, 256 - size + 1, 2)
        return changed(self.crops[i, y: y + size, x: x + size], g)

    def batch(self, count, size):
        return (torch.from_numpy(np.stack([self.crop(size) for _ in range(count)]).astype(np.float32)),)
