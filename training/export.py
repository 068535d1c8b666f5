"""Writes a checkpoint as the weights file that dualcomp-model reads (docs/spec/numerics.md section 15).

`python export.py --checkpoint runs/first/checkpoint.pt --vocab runs/vocab.bin --out dualcomp-1.safetensors`

Matrices become int8 with one scale per row: weight step times the step of their input, so that the integer
product times the scale is the real value. Everything a formula of the model derives from a parameter
(exp, sigmoid) is folded here; inference only adds, multiplies, divides and takes square roots.
"""
import argparse
import json
import pathlib
import re

import numpy as np
import torch

import released
import vocabulary
from model import MODALITIES, TEXT, Config, Model, compress, row_step, wide_row_step

FORMAT_VERSION = 1
# What inference must know of the configuration.
SIZES = ["channels", "layers", "head_size", "hidden", "shallow_hidden", "shallow_times", "vocabulary", "pixel_hidden",
         "mixtures"]
# Tensors of which each modality has a row, but for the steps of products that all share.
OWN = ("shift", "decay", "rate", "key_scale", "first_value", "bonus", "in_inverse", "hidden_inverse", "final_inverse")
TYPES = {"int8": "I8", "uint8": "U8", "float32": "F32"}


class File:
    """Named tensors, written in the order of their names so that equal weights make equal files."""

    def __init__(self):
        self.tensors = {}

    def add(self, name, x):
        x = x.detach().float().numpy() if torch.is_tensor(x) else x
        assert x.dtype.name in TYPES, name
        if x.dtype == np.float32:
            assert np.isfinite(x).all(), name
        self.tensors[name] = np.ascontiguousarray(x)

    def matrix(self, name, w, log_step):
        """Rounds as model.linear does; `log_step` is that of the input."""
        self.rows(name, w, row_step(w), log_step)

    def rows(self, name, w, step, log_step):
        self.add(name, torch.round(w / step[:, None]).to(torch.int8).numpy())
        self.add(name + ".scale", step * torch.exp(log_step))

    def bytes(self, metadata):
        header, at, body = {"__metadata__": metadata}, 0, []
        for name, x in sorted(self.tensors.items()):
            raw = x.astype(x.dtype.newbyteorder("<")).tobytes()
            header[name] = {"dtype": TYPES[x.dtype.name], "shape": list(x.shape), "data_offsets": [at, at + len(raw)]}
            at += len(raw)
            body.append(raw)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text + b"".join(body)


@torch.no_grad()
def tensors(m: Model, tokens: bytes) -> File:
    f, c = File(), m.config
    if not (c.switching and c.own_experts):
        raise SystemExit("inference knows the switched trunk with an expert for each modality")
    inverse = lambda log_step: (1 / torch.exp(log_step)).reshape(-1)
    f.add("vocabulary", np.frombuffer(tokens, np.uint8))
    step = m.embedding.abs().amax().clamp_min(1e-8) / 127
    f.add("embedding", torch.round(m.embedding / step).to(torch.int8).numpy())
    f.add("embedding.scale", step.reshape(1))
    for i, t in enumerate(m.time):
        at = f"time.{i}."
        f.add(at + "shift", t.shift)
        names = MODALITIES[:len(t.shift)]
        for j, name in enumerate(names):
            f.matrix(f"{at}receptance.{name}", t.receptance[j](), t.in_step[0])
            f.matrix(f"{at}key.{name}", t.key[j](), t.in_step[1])
            f.matrix(f"{at}value.{name}", t.value[j](), t.in_step[2])
        constants = zip(*(t.constants(j) for j in range(len(names))))
        for name, x in zip(("decay", "rate", "first_value"), constants):
            # The first layer makes the first value, it does not mix it.
            if i or name != "first_value":
                f.add(at + name, torch.stack(x))
        f.add(at + "key_scale", t.key_scale)
        f.add(at + "bonus", t.bonus)
        f.add(at + "norm_weight", t.norm_weight)
        f.add(at + "norm_bias", t.norm_bias)
        f.matrix(at + "output", t.output(), t.out_step)
        f.add(at + "in_inverse", inverse(t.in_step))
        f.add(at + "out_inverse", inverse(t.out_step))
    for i, t in enumerate(m.channel):
        at = f"channel.{i}."
        f.add(at + "shift", t.shift)
        for j, name in enumerate(MODALITIES):
            expert = t.experts[j]
            f.matrix(f"{at}key.{name}", expert.key(), expert.in_step)
            f.matrix(f"{at}value.{name}", expert.value(), expert.hidden_step)
        both = lambda name: torch.stack([getattr(expert, name) for expert in t.experts])
        f.add(at + "in_inverse", inverse(both("in_step")))
        f.add(at + "hidden_inverse", inverse(both("hidden_step")))
        # A common expert has the step of text's inputs in its scales. Those of another modality make all that is hidden
        # larger by the square of the steps' quotient, which is put into what that is rounded by.
        for j, expert in enumerate(t.common):
            f.matrix(f"{at}key.common.{j}", expert.key(), t.experts[TEXT].in_step)
            f.matrix(f"{at}value.common.{j}", expert.value(), expert.hidden_step)
        if t.common:
            hidden = inverse(torch.stack([expert.hidden_step for expert in t.common]))
            quotient = lambda name: torch.exp(t.experts[MODALITIES.index(name)].in_step - t.experts[TEXT].in_step)
            f.add(at + "hidden_inverse.common", torch.stack([hidden * quotient(name) ** 2 for name in t.router]))
        for name, rows in t.router.items():
            f.matrix(f"{at}router.{name}", rows, t.experts[MODALITIES.index(name)].in_step)
    f.add("final_inverse", inverse(m.final_step))
    # Rounded as model.quantised_rows does.
    f.rows("token_head", m.token_head, wide_row_step(m.token_head), m.final_step[1])
    f.add("token_head.bias", m.token_bias)
    for name, ends in m.pixels.items():
        f.matrix(f"pixel_input.{name}", ends.input, m.unit_step)
        f.add(f"pixel_input.{name}.bias", ends.bias)
        f.matrix(f"pixel_head.{name}", ends.head, m.final_step[MODALITIES.index(name)])
        f.add(f"pixel_head.{name}.bias", ends.head_bias)
        for i, w in enumerate(ends.condition):
            f.matrix(f"condition.{i + 1}.{name}", w, m.unit_step)
        for i in range(3):
            f.matrix(f"mixture.{i}.{name}", ends.mixture[i], ends.mixture_step[i])
        f.add(f"mixture.{name}.bias", ends.mixture_bias)
        f.add(f"mixture.{name}.inverse", inverse(ends.mixture_step))
    f.add("difference", compress(torch.arange(-255.0, 256.0)).to(torch.int8).numpy())
    return f


def only(f: File, use: list[str]) -> File:
    """What these modalities have, and what all share."""
    out, absent = File(), [name for name in MODALITIES if name not in use]
    rows = [i for i, name in enumerate(MODALITIES) if name in use]
    for name, x in f.tensors.items():
        part = name.split(".")
        if any(name in part for name in absent) or ("text" in absent and part[0] in ("embedding", "token_head")):
            continue
        if part[-1] in OWN and not (part[0] == "time" and part[-1] == "in_inverse"):
            x = x[[i for i in rows if i < len(x)]]
        out.add(name, x)
    return out


def metadata(c: Config, use=MODALITIES) -> dict[str, str]:
    sizes = {k: str(getattr(c, k)) for k in SIZES}
    if c.common_experts:
        routed = [name for i, name in enumerate(MODALITIES) if c.routed >> i & 1]
        sizes |= {"common_experts": str(c.common_experts), "routed": ",".join(routed)}
    if len(use) < len(MODALITIES):
        sizes["modalities"] = ",".join(name for name in MODALITIES if name in use)
    return {"format": "dualcomp-model", "version": str(FORMAT_VERSION), **sizes}


def arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    """A weights file as it is."""
    return {name: x.numpy() for name, x in released.read(path, exact=True).items()}


def with_own(m: Model, modality: str, start: dict[str, np.ndarray]) -> File:
    """The weights `start`, but for those that one modality has of its own, and common experts with its router: these are
    of `m`."""
    new, f, j = tensors(m, start["vocabulary"].tobytes()).tensors, File(), MODALITIES.index(modality)
    tokens = ("embedding", "token_head") if modality == "text" else ()
    for name, x in new.items():
        part, old = name.split("."), start.get(name)
        if old is not None and modality not in part and part[0] not in tokens:
            if part[-1] in OWN and not re.match(r"time\.\d+\.in_", name) and j < len(old):
                old = old.copy()
                old[j] = x[j]
            x = old
        f.add(name, x)
    return f


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--checkpoint", type=pathlib.Path, required=True, help="checkpoint.pt, or a weights file")
    ap.add_argument("--average", action="store_true", help="the averaged parameters")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--start", type=pathlib.Path, help="a weights file, of which all stays that text has not of its own")
    ap.add_argument("--modalities", default=",".join(MODALITIES), help="those that the file has")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    use = a.modalities.split(",")
    if a.checkpoint.suffix == ".safetensors":
        # As it is: what was rounded once is not rounded again.
        c, f = released.config(a.checkpoint), File()
        for name, x in arrays(a.checkpoint).items():
            f.add(name, x)
    else:
        saved = torch.load(a.checkpoint, map_location="cpu", weights_only=True)
        c = Config(**saved["config"])
        m = Model(c)
        m.load_state_dict(saved["model"] | (saved["average"] if a.average else {}))
        f = with_own(m, "text", arrays(a.start)) if a.start else tensors(m, a.vocab.read_bytes())
        print(f"step {saved['step']}")
    assert len(vocabulary.read(a.vocab)) == c.vocabulary, "the vocabulary is not the one trained with"
    raw = only(f, use).bytes(metadata(c, use))
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_bytes(raw)
    print(f"{len(raw)} bytes to {a.out}")


if __name__ == "__main__":
    main()
