"""Trains one weights file; resumes from its checkpoint when there is one.

`python train.py --data runs/data --vocab runs/vocab.bin --out runs/default --steps 4000`

Each step takes one batch of pixels and one of tokens. The learning rate is flat after a warm-up and falls
to zero over the last part, so that a longer run can start from a checkpoint taken before the fall. With
`--minutes` the clock ends the run and moves the rate, for machines that others use too. The checkpoint also
holds a moving average of the parameters.
"""
import argparse
import dataclasses
import json
import math
import pathlib
import time

import numpy as np
import torch

import beside
import native
import released
import vocabulary
from batches import Pixels, Text
from muon import Muon
from model import Config, Model, quantised_rows


def paths(tokens, device):
    nodes, bits = vocabulary.tree_paths(tokens)
    offsets = np.cumsum([0] + [len(n) for n in nodes])
    flat = lambda x: torch.tensor([i for y in x for i in y], device=device)
    return torch.tensor(offsets, device=device), flat(nodes), flat(bits)


def learning_rate(step, done, a):
    """`done` is the part of the run that is over."""
    warm = min(1, (step + 1) / a.warm)
    return a.rate * warm * min(1, max(0.01, (1 - done) / a.fall))


class Average:
    """Moving average of the parameters over about the last 1 / (1 - decay) steps, at first over all."""

    def __init__(self, m, decay):
        self.parameters = dict(m.named_parameters())
        self.values = {k: p.detach().clone() for k, p in self.parameters.items()}
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def step(self):
        self.steps += 1
        share = max(1 - self.decay, 1 / self.steps)
        torch._foreach_lerp_(list(self.values.values()), list(self.parameters.values()), share)


def optimizers(m, rate):
    """Muon for the matrices of the trunk, Adam for the rest."""
    trunk = [p for part in (m.time, m.channel) for p in part.parameters() if p.dim() == 2 and min(p.shape) >= 32]
    ids = {id(p) for p in trunk}
    tables = [p for p in m.parameters() if p.dim() >= 2 and p.shape[-1] >= 32 and id(p) not in ids]
    ids |= {id(p) for p in tables}
    vectors = [p for p in m.parameters() if id(p) not in ids]
    adam = torch.optim.AdamW([{"params": tables, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
                             lr=rate, betas=(0.9, 0.99), eps=1e-10)
    return [Muon(trunk, rate), adam]


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, help="arrays of prepare.py, for what is not trained beside the coder")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--start", type=pathlib.Path, help="a released weights file, or parameters (.pt), to go on from")
    ap.add_argument("--steps", type=int, default=4000)
    ap.add_argument("--rate", type=float, default=3e-3)
    ap.add_argument("--warm", type=int, default=100, help="steps over which the rate rises")
    ap.add_argument("--minutes", type=float, help="ends after this time, if not after --steps")
    ap.add_argument("--fall", type=float, default=0.3, help="part of the run over which the rate falls to zero")
    ap.add_argument("--average", type=float, default=0.995, help="decay of the moving average in a step")
    ap.add_argument("--clip", type=float, default=2.0, help="largest norm of the image gradient; of the sum, twice that")
    ap.add_argument("--crops", type=int, default=8)
    ap.add_argument("--crop", type=int, default=64)
    ap.add_argument("--windows", type=int, default=48)
    ap.add_argument("--window", type=int, default=256)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--save-every", type=int, default=200)
    ap.add_argument("--modalities", default="image,text")
    ap.add_argument("--keep", nargs="*", default=[], help="parameters that stay as they are: parts of their names")
    ap.add_argument("--balance", type=float, default=0.01, help="weight in the loss of how unevenly experts are chosen")
    ap.add_argument("--beside", nargs="*", help="text with what contexts say of it (beside.py), in place of that of --data")
    ap.add_argument("--beside-pixels", nargs=2, metavar=("CROPS", "PREFIX"), help="the same for pixels")
    ap.add_argument("--beside-share", type=float, default=0.7, help="share in the loss of that beside the rest of the coder")
    for f in dataclasses.fields(Config):
        ap.add_argument("--" + f.name.replace("_", "-"), type=int, default=f.default)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        import state
        native.wkv7 = state.wkv7
    tree_loss = native.TreeLoss.apply if device == "cpu" else native.tree_loss_reference
    mixed_loss = native.MixedLoss.apply if device == "cpu" else native.mixed_loss_reference

    tokens = vocabulary.read(a.vocab)
    c = Config(**{f.name: getattr(a, f.name) for f in dataclasses.fields(Config)})
    c.vocabulary = len(tokens)
    m = Model(c).to(device)
    for name, p in m.named_parameters():
        p.requires_grad_(not any(part in name.split(".") for part in a.keep))
    opts = optimizers(m, a.rate)
    gains = beside.gains(device)
    if a.beside or a.beside_pixels:
        opts[1].add_param_group({"params": gains, "weight_decay": 0.0, "lr": a.rate})
    a.out.mkdir(parents=True, exist_ok=True)
    checkpoint = a.out / "checkpoint.pt"
    first, spent = 0, 0.0
    if checkpoint.exists():
        s = torch.load(checkpoint, map_location=device, weights_only=True)
        # Legs before the tenth had gains of text alone, which this optimizer does not fit.
        assert isinstance(s["gains"], list), "a checkpoint of an earlier version"
        m.load_state_dict(s["model"])
        for opt, state in zip(opts, s["optimizers"]):
            opt.load_state_dict(state)
        for gain, state in zip(gains, s["gains"]):
            gain.data.copy_(state)
        first, spent = s["step"], s["seconds"]
    elif a.start:
        if a.start.suffix == ".pt":
            m.load_state_dict(torch.load(a.start, map_location=device, weights_only=True))
        else:
            released.load(m, a.start)
    average = Average(m, a.average)
    if first:
        average.values, average.steps = s["average"], first
    # The seed depends on the first step so that a resumed run sees new batches.
    tree, use = paths(tokens, device), a.modalities.split(",")
    if a.beside:
        text = beside.Text(a.beside, tree[0].diff().cpu().numpy(), a.seed + first)
    elif "text" in use:
        text = Text(a.data, len(tokens), a.seed + first)
    if a.beside_pixels:
        pixels = beside.Pixels(*a.beside_pixels, a.seed + first + 1)
    elif "image" in use:
        pixels = Pixels(a.data, a.seed + first + 1)
    image = torch.compile(m.image)
    words = torch.compile(m.text)
    log = open(a.out / "log.jsonl", "a")
    mean, t0 = {}, time.time() - spent

    def save(step):
        torch.save({"model": m.state_dict(), "average": average.values, "gains": [g.data for g in gains], "step": step,
                    "seconds": time.time() - t0, "optimizers": [opt.state_dict() for opt in opts],
                    "config": dataclasses.asdict(c)},
                   checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    for step in range(first, a.steps):
        clock = (time.time() - t0) / (60 * a.minutes) if a.minutes else 0.0
        last = step + 1 == a.steps or clock >= 1
        for opt in opts:
            for group in opt.param_groups:
                group["lr"] = learning_rate(step, max(step / a.steps, clock), a)
            opt.zero_grad(set_to_none=True)
        seen, norm = {}, 0.0
        if "image" in use:
            samples, *known = pixels.batch(a.crops, a.crop)
            samples = samples.to(device)
            bits, base, mixture = image(samples)
            bits = bits.mean()
            loss = bits * (3 * math.log(2))
            if known:
                mixed = beside.pixel_loss(samples, base, mixture, gains[1], *known) * (3 / samples.numel())
                loss = loss * (1 - a.beside_share) + mixed * a.beside_share
                seen["image mixed"] = mixed.item() / (3 * math.log(2))
            loss.backward()
            # Sharp logistics on flat graphics give rare huge gradients; they must not drown the text's.
            norm = torch.nn.utils.clip_grad_norm_(m.parameters(), a.clip).item()
            seen["image"] = bits.item()
        if "text" in use:
            x, y, *known = text.batch(a.windows, a.window)
            h, unevenness = words(x.to(device))
            h = h.reshape(-1, c.channels)
            y = y.reshape(-1)
            keep = y < len(tokens)
            head = (h[keep], quantised_rows(m.token_head), m.token_bias)
            if known:
                start, contexts = known[0].reshape(-1)[keep].to(device), known[1].to(device)
                losses = mixed_loss(*head, gains[0], y[keep].to(device), start, contexts, *tree)
                loss, mixed = (x.mean() for x in losses)
                (loss * (1 - a.beside_share) + mixed * a.beside_share + unevenness * a.balance).backward()
                seen["mixed"] = mixed.item() / math.log(2)
            else:
                loss = tree_loss(*head, y[keep].to(device), *tree).mean()
                (loss + unevenness * a.balance).backward()
            seen["text"] = loss.item() / math.log(2)
            if c.common_experts:
                seen["unevenness"] = unevenness.item() / c.layers
        both = torch.nn.utils.clip_grad_norm_(m.parameters(), 2 * a.clip).item()
        for opt in opts:
            opt.step()
        average.step()
        for k, v in seen.items():
            mean[k] = v if k not in mean else mean[k] * 0.98 + v * 0.02
        if step % 20 == 0 or last:
            row = {"step": step, **{k: round(v, 4) for k, v in mean.items()}, "norm": [round(norm, 2), round(both, 2)],
                   "seconds": round(time.time() - t0)}
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
        if (step + 1) % a.save_every == 0 or last:
            save(step + 1)
        if last:
            break


if __name__ == "__main__":
    main()
