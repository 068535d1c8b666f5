"""Sets a model to the values of a weights file, so that training can go on from a release without its checkpoint."""
import dataclasses
import json
import pathlib

import numpy as np
import torch

from model import MODALITIES, TEXT, Config, Model

NUMPY = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}


def header(raw: bytes) -> tuple[dict, int]:
    start = 8 + int.from_bytes(raw[:8], "little")
    return json.loads(raw[8:start]), start


def config(path: pathlib.Path) -> Config:
    sizes = header(path.read_bytes())[0]["__metadata__"]
    numbers = {f.name: int(sizes[f.name]) for f in dataclasses.fields(Config) if f.name in sizes and f.name != "routed"}
    routed = sum(1 << MODALITIES.index(name) for name in sizes.get("routed", "").split(",") if name)
    return Config(**numbers, routed=routed)


def read(path: pathlib.Path, exact=False) -> dict[str, torch.Tensor]:
    """All tensors, as float32 unless `exact`."""
    raw = path.read_bytes()
    tensors, start = header(raw)
    out = {}
    for name, t in tensors.items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            x = np.frombuffer(raw[start + a: start + b], NUMPY[t["dtype"]]).reshape(t["shape"])
            out[name] = torch.from_numpy(x.copy() if exact else x.astype(np.float32))
    return out


def upcycle(expert, of):
    """Makes a new expert of the one for text: a copy with noise, a thirtieth of its weights."""
    expert.load_state_dict(of.state_dict())
    for w in (expert.key.plain, expert.value.plain):
        w.add_(torch.randn_like(w) * w.std() / 30)


@torch.no_grad()
def load(m: Model, path: pathlib.Path):
    f = read(path)

    def steps(parameter, name):
        parameter.copy_(-torch.log(f[name]).reshape(parameter.shape))

    def matrix(parameter, name, log_step):
        parameter.copy_(f[name] * (f[name + ".scale"] / torch.exp(log_step))[:, None])

    logit = lambda p: torch.log(p / (1 - p))
    m.embedding.copy_(f["embedding"] * f["embedding.scale"])
    for i, t in enumerate(m.time):
        at = f"time.{i}."
        steps(t.in_step, at + "in_inverse")
        steps(t.out_step, at + "out_inverse")
        for j, name in enumerate(MODALITIES[:len(t.shift)]):
            for k, part in enumerate(("receptance", "key", "value")):
                matrix(getattr(t, part)[j].plain, f"{at}{part}.{name}", t.in_step[k])
        matrix(t.output.plain, at + "output", t.out_step)
        for name in ("shift", "key_scale", "bonus", "norm_weight", "norm_bias"):
            getattr(t, name).copy_(f[at + name])
        t.rate.copy_(logit(f[at + "rate"]))
        if i:
            t.first_value.copy_(logit(f[at + "first_value"]))
        # decay = exp(-exp(-softplus(-d) - 0.5)) turned over.
        soft = -torch.log(-torch.log(f[at + "decay"])) - 0.5
        t.decay.copy_(-torch.log(torch.expm1(soft.clamp_min(1e-4))))
    for i, t in enumerate(m.channel):
        at = f"channel.{i}."
        t.shift.copy_(f[at + "shift"])
        in_steps = -torch.log(f[at + "in_inverse"])
        for j, name in enumerate(MODALITIES):
            e = t.experts[j]
            e.in_step.copy_(in_steps[j])
            e.hidden_step.copy_(-torch.log(f[at + "hidden_inverse"][j]))
            matrix(e.key.plain, f"{at}key.{name}", e.in_step)
            matrix(e.value.plain, f"{at}value.{name}", e.hidden_step)
        for j, e in enumerate(t.common):
            if f"{at}key.common.{j}" in f:
                quotient = in_steps[MODALITIES.index(next(iter(t.router)))] - in_steps[TEXT]
                e.hidden_step.copy_(2 * quotient - torch.log(f[at + "hidden_inverse.common"][0, j]))
                # The steps of inputs are those of the modality.
                matrix(e.key.plain, f"{at}key.common.{j}", in_steps[TEXT])
                matrix(e.value.plain, f"{at}value.common.{j}", e.hidden_step)
            else:
                upcycle(e, t.experts[TEXT])
        for name, rows in t.router.items():
            if f"{at}router.{name}" in f:
                matrix(rows, f"{at}router.{name}", in_steps[MODALITIES.index(name)])
    steps(m.final_step, "final_inverse")
    matrix(m.token_head, "token_head", m.final_step[1])
    m.token_bias.copy_(f["token_head.bias"])
    for name, ends in m.pixels.items():
        matrix(ends.input, f"pixel_input.{name}", m.unit_step)
        ends.bias.copy_(f[f"pixel_input.{name}.bias"])
        matrix(ends.head, f"pixel_head.{name}", m.final_step[MODALITIES.index(name)])
        ends.head_bias.copy_(f[f"pixel_head.{name}.bias"])
        for i, w in enumerate(ends.condition):
            matrix(w, f"condition.{i + 1}.{name}", m.unit_step)
        steps(ends.mixture_step, f"mixture.{name}.inverse")
        for i in range(3):
            matrix(ends.mixture[i], f"mixture.{i}.{name}", ends.mixture_step[i])
        ends.mixture_bias.copy_(f[f"mixture.{name}.bias"])
