"""Makes all artefacts from the shared data alone: trains the weights leg by leg, then learns the priors.

`python reproduce.py --data DATA --out runs/dualcomp-1`

Goes on where it was stopped. README.md says in what it differs from how the released weights were made.
`--share 0.001` tries all of it with few steps; `--weights FILE` goes over to the priors at once. The codec reads what is
in `crates/dualcomp-model/weights` and `crates/dualcomp/priors`, by the manifest there; nothing is copied to them.
"""
import argparse
import pathlib
import subprocess
import sys

import torch

# Name, steps, options. The released legs ended by the clock; here they have as many steps as they came to.
LEGS = [
    ("first", 3100, "--fall 0.34 --windows 64"),
    ("second", 3600, "--rate 2e-3 --fall 0.4 --windows 64"),
    ("third", 1928, "--rate 2e-3 --fall 0.7 --windows 32 --window 512"),
    ("fourth", 2164, "--rate 2e-3 --fall 0.7 --windows 32 --window 512 --seed 7 --warm 50"),
    ("fifth", 3445, "--rate 2e-3 --fall 0.7 --crops 6 --windows 48 --window 512 --seed 11 --warm 50 --branch 384"),
    ("sixth", 4228, "--rate 2e-3 --fall 0.8 --crops 6 --windows 48 --window 512 --seed 13 --warm 50 --branch 384"),
    ("seventh", 1861, "--rate 2e-3 --fall 0.8 --crops 6 --windows 48 --window 512 --seed 17 --warm 50 --branch 384"),
    ("eighth", 3003, "--rate 2e-3 --fall 0.8 --crops 4 --windows 48 --window 512 --seed 19 --warm 50 --branch 384"),
    ("ninth", 5214, "--rate 2e-3 --fall 0.8 --crops 4 --windows 48 --window 512 --seed 23 --warm 50 --branch 384 "
     "--beside-share 0.9"),
    ("tenth", 5292, "--rate 2e-3 --fall 0.8 --crops 4 --windows 48 --window 512 --seed 29 --warm 50 --branch 384 "
     "--beside-share 0.9"),
]
# Then the networks for pixels, and their steps.
NETWORKS = {"image": 5000, "shallow": 7400}
# Legs that begin with the branches of the one before, not merged.
BRANCHES_KEPT = {"sixth", "ninth", "tenth"}
# Legs whose text comes with what the contexts say of it.
BESIDE = {"eighth", "ninth", "tenth"}
# Those that have it of joined documents by two groups of contexts, too.
WIDE = {"ninth", "tenth"}
# Legs whose pixels come with what contexts and regression say of them.
PIXELS = {"tenth"}
# The priors: file, kind, samples. `network` of text makes `all-bytes.bin`, too.
PRIORS = [
    ("network-bytes.bin", "network", "text"),
    ("wide-bytes.bin", "wide", "text"),
    ("network-tile.bin", "network", "photos"),
    ("photo-tile.bin", "photo", "photos"),
    ("deep-tile.bin", "deep", "photos"),
    ("linear-tile.bin", "linear", "photos"),
    ("mixed-bytes.bin", "alone", "text"),
    ("wide-mixed-bytes.bin", "wide-alone", "long"),
    ("mixed-tile.bin", "alone", "all"),
]
# Those that are learned with the network.
WITH_NETWORK = {"network", "wide", "photo", "deep"}
# Bytes of a joined document at least.
JOINED = 400_000


def here(name: str, *options):
    """Runs one of the programs beside this one."""
    command = [sys.executable, str(pathlib.Path(__file__).parent / name), *map(str, options)]
    print(" ".join(command), flush=True)
    subprocess.run(command, check=True)


def rust(name: str, *options, features=()):
    """Runs one of the programs of the crate `dualcomp-train`."""
    command = ["cargo", "run", "--release", "--package", "dualcomp-train", *(f"--features={name}" for name in features)]
    command += ["--bin", name, "--"]
    print(" ".join([*command, *map(str, options)]), flush=True)
    subprocess.run([*command, *map(str, options)], check=True, cwd=pathlib.Path(__file__).parent.parent)


def beside(data: pathlib.Path, out: pathlib.Path, size: int) -> list[pathlib.Path]:
    """What contexts that were counted in one half of the documents say of the other half (README.md)."""
    samples = out / "samples"
    if not samples.exists():
        here("samples.py", "--data", data, "--out", samples)
    halves, pretrained, files = ([(out / f"{name}-{i}").absolute() for i in (0, 1)] for name in ("half", "pretrained", "beside"))
    for i in (0, 1):
        if not pretrained[i].exists():
            here("documents.py", "--data", data, "--out", halves[i], "--part", i, "--bytes", size)
            rust("pretrained", halves[i], pretrained[i], 6 << 20)
    for i in (0, 1):
        written = files[i].with_suffix(".written")
        if not written.exists():
            rust("document_logits", halves[i], (samples / "text").absolute(), pretrained[1 - i], files[i])
            written.touch()
    return files


def beside_wide(data: pathlib.Path, out: pathlib.Path, size: int) -> list[pathlib.Path]:
    """The same by two groups of contexts, of long documents; after `beside`."""
    files = [(out / f"wide-{i}").absolute() for i in (0, 1)]
    for i in (0, 1):
        long, pretrained = ((out / name).absolute() for name in (f"long-{i}", f"pretrained-{1 - i}"))
        written = files[i].with_suffix(".written")
        if not written.exists():
            here("documents.py", "--data", data, "--out", long, "--part", i, "--bytes", size, "--join", JOINED)
            rust("document_logits", long, (out / "samples" / "text").absolute(), pretrained, files[i], "wide")
            written.touch()
    return files


def beside_pixels(data: pathlib.Path, out: pathlib.Path, count: int) -> list[pathlib.Path]:
    """What contexts and regression say of crops, of files in the folder `data`; after `beside`."""
    crops, file = ((out / name).absolute() for name in ("crops", "pixels"))
    written = file.with_suffix(".written")
    if not written.exists():
        here("crops.py", *sorted(data.glob("*.webp"))[:count], "--out", crops, "--changed")
        rust("tile_logits", crops, (out / "samples" / "photos").absolute(), file)
        written.touch()
    return [crops, file]


def windows(pictures: pathlib.Path, out: pathlib.Path) -> list:
    """Crops for the networks for pixels: photographs as they are and changed, and drawings."""
    kinds = {"photos": ("p_*", []), "changed": ("p_*", ["--changed"]), "drawings": ("g_*", [])}
    for name, (pattern, options) in kinds.items():
        crops, expected = ((out / f"{name}.{kind}").absolute() for kind in ("crops", "expected"))
        if not expected.exists():
            here("crops.py", *sorted(pictures.glob(pattern)), "--out", crops, *options)
            rust("least_squares", crops, expected)
    return ["--photos", out / "photos", out / "changed", "--drawings", out / "drawings"]


def priors(data: pathlib.Path, out: pathlib.Path, weights: pathlib.Path, size: int):
    """Pretrained contexts, and the priors of all coders."""
    folder, documents, samples = out / "priors", out / "documents.bin", out / "samples"
    folder.mkdir(exist_ok=True)
    pretrained = (folder / "pretrained.bin").absolute()
    if not pretrained.exists():
        here("documents.py", "--data", data, "--out", documents, "--bytes", size)
        rust("pretrained", documents.absolute(), pretrained, 6 << 20, weights.absolute())
    if not samples.exists():
        here("samples.py", "--data", data, "--out", samples)
    for name, kind, of in PRIORS:
        file = (folder / name).absolute()
        if not file.exists():
            network = [weights.absolute()] if kind in WITH_NETWORK else []
            rust("priors", kind, (samples / of).absolute(), file, *network, "--pretrained", pretrained)
    light = (folder / "light-bytes.bin").absolute()
    if not light.exists():
        rust("light", (samples / "text").absolute(), light, pretrained, features=["learn"])


def averaged(checkpoint: pathlib.Path) -> pathlib.Path:
    """The averaged parameters of a leg as a start."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    out = checkpoint.with_name("average.pt")
    torch.save(state["model"] | state["average"], out)
    return out


def weights(a: argparse.Namespace) -> pathlib.Path:
    """The weights of the last leg."""
    vocab, data = a.out / "vocab.bin", a.out / "data"
    if not vocab.exists():
        here("vocabulary.py", "--data", a.data, "--size", 4096, "--out", vocab)
    prepared = data / "prepared"
    if not prepared.exists():
        here("prepare.py", "--data", a.data, "--vocab", vocab, "--out", data)
        prepared.touch()
    pictures, start = a.data / "images" / "train", None
    for name, steps, options in LEGS:
        leg = a.out / name
        file, checkpoint = leg / "weights.safetensors", leg / "checkpoint.pt"
        if not file.exists():
            if name in BRANCHES_KEPT:
                start = averaged(start.with_name("checkpoint.pt"))
            begin = ["--start", start] if start else []
            if name in BESIDE:
                size = round(200_000_000 * a.share)
                begin += ["--beside", *beside(a.data, a.out, size)]
                begin += beside_wide(a.data, a.out, size) if name in WIDE else []
            if name in PIXELS:
                begin += ["--beside-pixels", *beside_pixels(pictures, a.out, max(20, round(2400 * a.share)))]
            steps = max(1, round(steps * a.share))
            here("train.py", "--data", data, "--vocab", vocab, "--out", leg, "--steps", steps, "--threads", a.threads,
                 *options.split(), *begin)
            here("export.py", "--checkpoint", checkpoint, "--average", "--vocab", vocab, "--out", file)
        start = file
    for network, steps in NETWORKS.items():
        leg = a.out / network
        file = leg / "weights.safetensors"
        if not file.exists():
            begin = ["--begin"] if network == "shallow" else []
            here("train_pixels.py", "--network", network, "--start", start, "--out", leg,
                 "--steps", max(1, round(steps * a.share)), *begin, *windows(pictures, a.out))
        start = file
    return start


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--weights", type=pathlib.Path, help="a weights file that priors are for, in place of training one")
    ap.add_argument("--share", type=float, default=1.0, help="of the steps of each leg")
    a = ap.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    start = a.weights or weights(a)
    priors(a.data, a.out, start, round(200_000_000 * a.share))
    print(start)


if __name__ == "__main__":
    main()
