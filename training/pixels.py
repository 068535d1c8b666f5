"""Crops on a device, and what simple predictions expect of their samples (docs/spec/image.md, sections 3 and 6)."""
import dataclasses

import numpy as np
import torch
import torch.nn.functional as F

from model import MARGIN, compress, framed, median, neighbours

SIDE = 256
LINEAR = 8
# Predictions take into account what the channel before was off by, from this one on what the first was off by.
BY_FIRST = 6


@dataclasses.dataclass
class Seen:
    """Of windows: pixels [B, H, W, 3] and what is around them; what the network is told of the regression, [B, H, W, 4];
    and of the eight linear predictions the means, in levels, and how far they were off around, [B, H, W, 3, 8]."""
    frame: torch.Tensor
    pixels: torch.Tensor
    told: torch.Tensor
    means: torch.Tensor
    misses: torch.Tensor


def linear_predictions(frame, expected):
    """Means in 1/16 level and misses of whole crops, [B, H, W, 3, 8]; `expected` is the regression's mean."""
    at = neighbours(frame)
    w, n, ne = at(0, -1), at(-1, 0), at(-1, 1)
    plain = torch.stack([torch.zeros_like(w), median(at), w, n, w + ne - n, 2 * w - at(0, -2), 2 * n - at(-2, 0),
                         n + ne - at(-2, 1)], -1)
    value = at(0, 0)
    off = value[..., None] - plain
    means = plain.clone()
    means[..., 1:, :BY_FIRST] += off[..., :-1, :BY_FIRST]
    means[..., 1:, BY_FIRST:] += off[..., :1, BY_FIRST:]
    means = means.clamp(0, 255) * 16
    means[..., 0] = expected
    missed = ((means - 16 * value[..., None]).abs() >> 2).clamp(max=255)
    m = F.pad(missed, (0, 0, 0, 0, 2, 1, 2, 0))
    h, wide = value.shape[1:3]
    near = lambda y, x: m[:, 2 + y: 2 + y + h, 2 + x: 2 + x + wide]
    misses = 2 * near(0, -1) + 2 * near(-1, 0) + near(-1, -1) + near(-1, 1) + near(0, -2) + near(-2, 0)
    return means, misses


def classes(sums):
    """The class of a sum of misses, two for each doubling."""
    s = sums.float() + 1
    length = torch.floor(torch.log2(s))
    return 2 * length + torch.floor(2 * s / torch.exp2(length)) % 2


def seen(frame, means, misses):
    """`Seen` of windows; means in 1/16 level."""
    frame, means, misses = frame.float(), means.float(), misses.float()
    at = neighbours(frame)
    apart = means[..., 0, 0] - 16 * median(at)[..., 0]
    missed = classes(misses[..., :2, 0]) * 5
    told = torch.stack([torch.clamp(apart, -127, 127), compress(torch.floor((apart + 8) / 16)), missed[..., 0],
                        missed[..., 1]], -1)
    return Seen(frame, at(0, 0), told, means / 16, misses)


class Crops:
    """Crops on a device, and random windows of them; `expected` is the regression's mean in 1/16 level."""

    def __init__(self, pixels, expected, device, group=8):
        parts = [], [], []
        for i in range(0, len(pixels), group):
            frame = framed(pixels[i: i + group].to(device).int())
            means, misses = linear_predictions(frame, expected[i: i + group].to(device).int())
            for part, x, kind in zip(parts, (frame, means, misses), (torch.uint8, torch.int16, torch.int16)):
                part.append(x.to(kind))
        self.frames, self.means, self.misses = (torch.cat(part) for part in parts)

    def batch(self, at, rows, columns, height, width):
        """Of one window for each crop of `at` what `seen` takes."""
        d = self.frames.device
        i = at.view(-1, 1, 1)
        y, x = (rows.view(-1, 1, 1) + torch.arange(height, device=d).view(1, -1, 1),
                columns.view(-1, 1, 1) + torch.arange(width, device=d).view(1, 1, -1))
        fy, fx = (rows.view(-1, 1, 1) + torch.arange(height + MARGIN, device=d).view(1, -1, 1),
                  columns.view(-1, 1, 1) + torch.arange(width + 2 * MARGIN, device=d).view(1, 1, -1))
        return self.frames[i, fy, fx], self.means[i, y, x], self.misses[i, y, x]


def load(prefixes, device):
    """The crops of `PREFIX.crops` (crops.py) and `PREFIX.expected` (the program `least_squares`)."""
    shape = (-1, SIDE, SIDE, 3)
    read = lambda kind, t: torch.from_numpy(np.concatenate([np.fromfile(f"{p}.{kind}", t).reshape(shape) for p in prefixes]))
    return Crops(read("crops", np.uint8), read("expected", np.int16), device)
