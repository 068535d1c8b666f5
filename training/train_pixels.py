"""Trains what one network for pixels has of its own in a weights file, on a GPU, beside what the rest of the coder knows of
photographs. All else in the file stays as it is.

`python train_pixels.py --network shallow --start FILE --photos PREFIX.. --drawings PREFIX.. --out runs/shallow --minutes 5`

A prefix stands for `PREFIX.crops` and `PREFIX.expected` (README.md).
"""
import argparse
import json
import math
import pathlib
import re
import time

import torch

import export
import mixing
import native
import released
from model import MODALITIES, Config, Model
from muon import Muon
from pixels import SIDE, load, seen


def own(m, network):
    """The parameters that this network has of its own: matrices of the trunk, others, and vectors, some of which hold a row
    for each modality. No other is trained."""
    j = MODALITIES.index(network)
    wanted = re.compile(rf"pixels\.{network}\.|final_step|time\.\d+\.(receptance|key|value)\.{j}\.|time\.\d+\.(shift|decay|"
                        rf"rate|key_scale|first_value|bonus)|channel\.\d+\.(shift|experts\.{j}\.)")
    groups = [], [], []
    for name, p in m.named_parameters():
        p.requires_grad_(bool(wanted.match(name)))
        if p.requires_grad:
            trunk = name[0] in "tc" and p.dim() == 2 and min(p.shape) >= 32
            groups[0 if trunk else 1 if p.dim() == 2 and name.startswith("pixels") and p.shape[-1] > 3 else 2].append(p)
    return groups


@torch.no_grad()
def begin_shallow(m):
    """Sets the shallow network to as much of the deep one as it has room for."""
    def copy(to, of):
        for p, q in zip(to.parameters(), of.parameters()):
            p[tuple(slice(n) for n in q.shape)] = q[tuple(slice(n) for n in p.shape)]

    copy(m.pixels["shallow"], m.pixels["image"])
    for t in m.time[:m.config.shallow_times]:
        for part in (t.receptance, t.key, t.value):
            copy(part[2], part[0])
        for p in (t.shift, t.decay, t.rate, t.key_scale, t.first_value, t.bonus):
            p[2] = p[0]
    for t in m.channel:
        copy(t.experts[2], t.experts[0])
        t.shift[2] = t.shift[0]
    m.final_step[2] = m.final_step[0]


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--network", choices=["image", "shallow"], required=True)
    ap.add_argument("--start", type=pathlib.Path, required=True, help="a weights file")
    ap.add_argument("--begin", action="store_true", help="the shallow network begins as a part of the deep one")
    ap.add_argument("--photos", nargs="+", required=True)
    ap.add_argument("--drawings", nargs="+", required=True)
    ap.add_argument("--dev", nargs="*", default=[])
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--minutes", type=float, help="from the first step; the rate follows the clock")
    ap.add_argument("--steps", type=int, default=5000)
    ap.add_argument("--rate", type=float, default=3e-3)
    ap.add_argument("--warm", type=int, default=100)
    ap.add_argument("--fall", type=float, default=0.7, help="part of the run over which the rate falls to zero")
    ap.add_argument("--average", type=float, default=0.998)
    ap.add_argument("--clip", type=float, default=1.0)
    ap.add_argument("--windows", type=int, default=16)
    ap.add_argument("--height", type=int, default=64)
    ap.add_argument("--width", type=int, default=128)
    ap.add_argument("--drawn", type=float, default=0.25, help="share of windows of drawings")
    ap.add_argument("--mixed", type=float, default=0.8, help="share in the loss of that beside the rest of the coder")
    ap.add_argument("--branch", type=int, default=384)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        import state
        native.wkv7 = state.wkv7
    photos, drawings = load(a.photos, device), load(a.drawings, device)
    dev = load(a.dev, device) if a.dev else None
    c = released.config(a.start)
    c.branch = a.branch
    m = Model(c)
    released.load(m, a.start)
    if a.begin:
        begin_shallow(m)
    m.to(device)
    gains = mixing.gains(device)
    trunk, tables, vectors = own(m, a.network)
    opts = [Muon(trunk, a.rate), torch.optim.AdamW(
        [{"params": tables, "weight_decay": 0.01}, {"params": vectors + [gains], "weight_decay": 0.0}],
        lr=a.rate, betas=(0.9, 0.99), eps=1e-10)]
    learned = trunk + tables + vectors + [gains]
    averages = [p.detach().clone() for p in learned]

    def bits(*window):
        """Of each sample, of the network alone and in the mix."""
        s = seen(*window)
        alone, base, o = m.image(s.pixels, s.frame, s.told, a.network)
        return alone, mixing.mixed_nats(s, base, o, gains) / math.log(2)

    means = torch.compile(lambda *window: torch.stack([x.mean() for x in bits(*window)]), dynamic=False)

    @torch.no_grad()
    def averaged(use):
        """What `use` gives while the parameters are their averages."""
        kept = [p.detach().clone() for p in learned]
        for p, x in zip(learned, averages):
            p.copy_(x)
        out = use()
        for p, x in zip(learned, kept):
            p.copy_(x)
        return out

    def evaluate():
        parts = []
        for i in torch.arange(len(dev.frames), device=device).split(4):
            zero = torch.zeros_like(i)
            parts.append(torch.stack([x.double().mean((1, 2, 3)) for x in bits(*dev.batch(i, zero, zero, SIDE, SIDE))], 1))
        return [round(x, 4) for x in torch.cat(parts).mean(0).tolist()]

    a.out.mkdir(parents=True, exist_ok=True)
    log = open(a.out / "log.jsonl", "a")
    start = {name: x.numpy() for name, x in released.read(a.start, exact=True).items()}

    def save():
        (a.out / "weights.safetensors").write_bytes(export.with_own(m.cpu(), a.network, start).bytes(export.metadata(m.config)))
        m.to(device)

    def part(crops, count):
        place = lambda n: torch.randint(0, n, (count,), device=device)
        at, y, x = place(len(crops.frames)), place(SIDE - a.height + 1), place(SIDE - a.width + 1)
        return crops.batch(at, y, x, a.height, a.width)

    mean, step, begun = None, 0, None
    drawn = round(a.drawn * a.windows)
    while True:
        now = means(*(torch.cat(x) for x in zip(part(photos, a.windows - drawn), part(drawings, drawn))))
        (now[0] * (1 - a.mixed) + now[1] * a.mixed).mul(math.log(2)).backward()
        begun = begun or time.time()
        seconds = time.time() - begun
        done = max(step / a.steps, seconds / (60 * a.minutes)) if a.minutes else step / a.steps
        rate = a.rate * min(1, (step + 1) / a.warm) * min(1, max(0.01, (1 - done) / a.fall))
        torch.nn.utils.clip_grad_norm_(learned, a.clip)
        for opt in opts:
            for group in opt.param_groups:
                group["lr"] = rate
            opt.step()
            opt.zero_grad(set_to_none=True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, learned, max(1 - a.average, 1 / (step + 1)))
            mean = now.detach() if mean is None else mean.lerp_(now.detach(), 0.01)
        step += 1
        last = done >= 1 or step >= a.steps
        if step % 500 == 0 or last:
            row = {"step": step, "alone": round(mean[0].item(), 4), "mixed": round(mean[1].item(), 4),
                   "seconds": round(seconds, 1)}
            if step % 4000 == 0 or last:
                averaged(save)
                if dev is not None:
                    row["dev"] = averaged(evaluate)
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
        if last:
            break


if __name__ == "__main__":
    main()
