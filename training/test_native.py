"""The compiled operations against plain tensor code, values and gradients: `python test_native.py`."""
import torch

import beside
import native
import vocabulary


def close(x, y):
    assert torch.allclose(x, y, rtol=1e-4, atol=1e-5), (x - y).abs().max()


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
    assert [vocab[i] for i in native.greedy(vocab)(b"then an\xff")] == [b"then", b" an", b"\xff"]
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main()
