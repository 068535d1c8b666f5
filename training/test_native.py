"""The compiled operations against plain tensor code, values and gradients: `python test_native.py`."""
import math

import numpy as np
import torch

import beside
import native
import vocabulary
import walk
import model
from model import mixture_bits


def close(x, y):
    assert torch.allclose(x, y, rtol=1e-4, atol=1e-5), (x - y).abs().max()


def thresholds(center, value):
    """One sample's, as docs/spec/image.md, section 6, has them."""
    out, low, high, width = [], 0, 256, walk.WIDTH

    def ask(threshold):
        nonlocal low, high
        out.append(threshold)
        low, high = (threshold, high) if value >= threshold else (low, threshold)
        return value >= threshold

    up = center == 0 or ask(center)
    for step in range(walk.FIRST_HALF - walk.FIRST_STEP):
        threshold = low + width if up else high - width
        if not low < threshold < high or ask(threshold) != up:
            break
        width *= 1 + (step > 0)
    while high - low > 1:
        ask(low + (high - low) // 2)
    return out


def main():
    torch.manual_seed(0)
    shape = (2, 9, 3, 16)
    args = [torch.randn(shape) * 0.3 for _ in range(4)] + [torch.rand(3, 16) for _ in range(2)]
    args = [x.requires_grad_() for x in args]
    g = torch.randn(shape)
    ours, plain = native.wkv7(*args), native.wkv7_reference(*args)
    close(ours, plain)
    for x, y in zip(torch.autograd.grad(ours, args, g), torch.autograd.grad(plain, args, g)):
        close(x, y)

    vocab = sorted({bytes([b]) for b in range(256)} | {b"the", b"th", b"then", b" a", b" an"})
    nodes, bits = vocabulary.tree_paths(vocab)
    offsets = torch.tensor([0] + [len(n) for n in nodes]).cumsum(0)
    paths = [offsets, torch.tensor(sum(nodes, [])), torch.tensor(sum(bits, []))]
    h, head, bias = (torch.randn(*s).requires_grad_() for s in ((11, 16), (len(vocab) - 1, 16), (len(vocab) - 1,)))
    target = torch.randint(0, len(vocab), (11,))
    ours = native.TreeLoss.apply(h, head, bias, target, *paths)
    plain = native.tree_loss_reference(h, head, bias, target, *paths)
    close(ours, plain)
    for x, y in zip(torch.autograd.grad(ours.sum(), [h, head, bias]), torch.autograd.grad(plain.sum(), [h, head, bias])):
        close(x, y)
    counts = offsets.diff()[target]
    start, gains = counts.cumsum(0) - counts, torch.randn(2 * beside.GROUPS).requires_grad_()
    logits = torch.randint(-128, 128, (int(counts.sum()),), dtype=torch.int8)
    logits[::5] = -128
    both = native.MixedLoss.apply(h, head, bias, gains, target, start, logits, *paths)
    plain = native.mixed_loss_reference(h, head, bias, gains, target, start, logits, *paths)
    inputs = [h, head, bias, gains]
    for ours, plain in zip(both, plain):
        close(ours, plain)
        for x, y in zip(torch.autograd.grad(ours.sum(), inputs, retain_graph=True, allow_unused=True),
                        torch.autograd.grad(plain.sum(), inputs, retain_graph=True, allow_unused=True)):
            close(x, torch.zeros_like(x) if y is None else y)
    base, value = torch.randint(0, 256, (400,)), torch.randint(0, 256, (400,))
    value[:200] = (base[:200] + torch.randint(-3, 4, (200,))).clamp(0, 255)
    mixture = torch.cat([torch.zeros(400, 10), torch.rand(400, 5) * 3], 1)
    counts = np.array([len(thresholds(int(b), int(v))) for b, v in zip(base, value)])
    d = walk.decisions(base.numpy(), value.numpy(), counts)
    assert d.threshold.tolist() == [t for b, v in zip(base, value) for t in thresholds(int(b), int(v))]
    known = beside.Known(base.numpy(), counts, np.zeros(len(d.threshold), np.int8))
    alone = torch.cat([torch.ones(beside.PIXEL_GROUPS), torch.zeros(beside.PIXEL_GROUPS)])
    close(beside.pixel_loss(value.float(), base.float(), mixture, alone, known) / math.log(2),
          mixture_bits(value.float(), base.float(), mixture, 5).sum())

    p = torch.cat([torch.rand(20000), torch.full((20000,), 1 / 65536), torch.full((20000,), 1 - 1 / 65536)])
    bits = torch.rand(60000) < p
    bits[30000] = ~bits[30000]
    nats = -torch.log(torch.where(bits, p, 1 - p).double()).sum().item()
    assert abs(native.coded(p, bits) * 8 * math.log(2) / nats - 1) < 0.01

    model.FACTORS = torch.float32
    c = model.Config(channels=16, hidden=32)
    experts = [model.Expert(c, c.hidden) for _ in range(4)]
    for expert in experts:
        torch.nn.init.normal_(expert.value.plain, std=0.2)
        expert.in_step = experts[0].in_step
    rows, pick = torch.randn(50, c.channels).requires_grad_(), torch.randint(0, 3, (50,))
    ours = model.picked(experts, rows, pick, experts[0].in_step)
    dense = torch.stack([expert(rows) for expert in experts])[pick, torch.arange(len(pick))]
    close(ours, dense)
    # The last expert is never picked.
    inputs, g = [rows, *{p for expert in experts for p in expert.parameters()}], torch.randn(ours.shape)
    for x, y in zip(*(torch.autograd.grad(out, inputs, g) for out in (ours, dense))):
        close(x, y)

    assert [vocab[i] for i in native.greedy(vocab)(b"then an\xff")] == [b"then", b" an", b"\xff"]
    print("8 passed, 0 failed")


if __name__ == "__main__":
    main()
