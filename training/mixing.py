"""What is left of a photograph when the network is mixed with eight linear predictions, decision by decision
(docs/spec/image.md, section 7), by weights that do not change: a loss for a network that is coded beside them."""
import torch

from model import mixture_below
from pixels import LINEAR, classes

# The center, and steps away from it.
DECISIONS = 4
INPUTS = LINEAR + 2
TINY = 6e-8


def gains(device):
    """Weights by channel and decision, at no activity and what is added at the highest."""
    g = torch.zeros(2, 3, DECISIONS, INPUTS, device=device)
    g[0, ..., :LINEAR] = 0.05
    g[0, ..., 0] = 0.2
    g[0, ..., LINEAR] = 0.5
    return torch.nn.Parameter(g)


def logit(low, at, high):
    odds = torch.log((high - at).clamp_min(TINY)) - torch.log((at - low).clamp_min(TINY))
    return odds.clamp(-11, 11)


def mixed_nats(seen, base, o, gains):
    """Nats of each sample; base and mixture are those of `Model.image`."""
    k = o.shape[-1] // 3
    value = seen.pixels
    inverse = 64 / (seen.misses + torch.floor(seen.misses / 2) + 6)
    active = ((classes(seen.misses[..., 0]) - 8) / 8)[..., None]
    linear_below = lambda t: torch.sigmoid(((t - 0.5)[..., None] - seen.means) * inverse)
    below = lambda t: mixture_below(t, base, o, k)
    with torch.no_grad():
        weight = torch.softmax(o[..., :k], -1)
        spread = 1 / (weight * torch.exp(-torch.clamp(o[..., 2 * k:], -3, 5))).sum(-1)
        width = torch.exp2(torch.floor(torch.log2(spread.clamp_min(1))))
        t = torch.round((weight * (base[..., None] + 16 * o[..., k:2 * k])).sum(-1)).clamp(1, 255)
    low, high = torch.zeros_like(value), torch.full_like(value, 256)
    low_n, high_n = torch.zeros_like(value), torch.ones_like(value)
    low_l, high_l = torch.zeros_like(seen.means), torch.ones_like(seen.means)
    way = torch.ones_like(value)
    alive = torch.ones_like(value)
    nats = torch.zeros_like(value)
    for i in range(DECISIONS):
        alive = alive * ((t > low) & (t < high))
        at_n, at_l = below(t.clamp(0, 256)), linear_below(t)
        g = gains[0, :, i] + active * gains[1, :, i]
        x = (g[..., :LINEAR] * logit(low_l, at_l, high_l)).sum(-1)
        x = x + g[..., LINEAR] * logit(low_n, at_n, high_n) + g[..., LINEAR + 1] * way
        bit = value >= t
        nats = nats + alive * torch.nn.functional.softplus(torch.where(bit, -x, x))
        up, down = (alive > 0) & bit, (alive > 0) & ~bit
        low, high = torch.where(up, t, low), torch.where(down, t, high)
        low_n, high_n = torch.where(up, at_n, low_n), torch.where(down, at_n, high_n)
        low_l, high_l = torch.where(up[..., None], at_l, low_l), torch.where(down[..., None], at_l, high_l)
        if i == 0:
            way = torch.where(bit, 1.0, -1.0)
        else:
            alive = alive * (bit == (way > 0))
        if i > 1:
            width = 2 * width
        t = torch.where(way > 0, low + width, high - width)
    # What follows is the network's alone.
    at = torch.where(value > 0, below(value), 0.0)
    above = torch.where(value < 255, below(value + 1), 1.0)
    inside = (above - at).clamp_min(1e-9) / (high_n - low_n).clamp_min(1e-9)
    return nats - torch.log(inside.clamp(max=1))
