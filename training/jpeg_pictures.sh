#!/usr/bin/env bash
# Makes the JPEG files that the priors for JPEG coefficients are learned from: 16 pictures, each of up to 14 photo crops of
# 256 x 256 pixels one below the other. Needs dwebp and cjpeg (libjpeg-turbo).
# usage: jpeg_pictures.sh CROPS OUT
set -euo pipefail
crops=$1 out=$2
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A flat table, as that of ITU-T T.81 at a high quality, and a finer one, as cameras have; each for luma and chroma.
flat="6 4 4 6 10 16 20 24 5 5 6 8 10 23 24 22 6 5 6 10 16 23 28 22 6 7 9 12 20 35 32 25 7 9 15 22 27 44 41 31
10 14 22 26 32 42 45 37 20 26 31 35 41 48 48 40 29 37 38 39 45 40 41 40"
fine="2 2 2 3 3 4 5 6 2 2 2 3 4 5 6 7 2 2 3 4 5 7 7 7 3 3 4 5 7 8 8 8 3 4 5 7 8 9 9 9 4 5 7 8 9 10 10 10
5 6 7 8 9 10 10 10 6 7 7 8 9 10 10 10"
printf '%s\n%s\n' "$flat" "$flat" > "$work/flat"
printf '%s\n%s\n' "$fine" "$fine" > "$work/fine"
options=(
    "-quality 75 -sample 2x2" "-quality 92 -sample 1x1" "-quality 85 -sample 2x1" "-quality 96 -sample 2x1"
    "-qtables $work/fine -qslots 0,1 -sample 1x1" "-quality 90 -sample 2x2" "-quality 60 -sample 2x2"
    "-quality 97 -sample 1x1" "-quality 80 -grayscale" "-qtables $work/flat -qslots 0,1 -sample 2x1"
    "-quality 95 -sample 2x2 -dct float" "-quality 88 -sample 1x1 -dct fast" "-quality 82 -sample 2x2"
    "-qtables $work/fine -qslots 0,1 -sample 2x1" "-quality 93 -sample 2x1" "-quality 87 -sample 2x2"
)
mapfile -t files < <(find "$crops" -name 'p_*.webp' | sort | awk 'NR % 5 == 3')
for i in "${!options[@]}"; do
    : > "$work/rows"
    for file in "${files[@]:i * 14:14}"; do
        dwebp -quiet -ppm "$file" -o "$work/crop"
        [ "$(head -c 10 "$work/crop" | tr '\n' ' ')" = "P6 256 256" ] && tail -c 196608 "$work/crop" >> "$work/rows"
    done
    rows=$(($(stat -c %s "$work/rows") / 768))
    # The options are words.
    # shellcheck disable=SC2086
    { printf 'P6\n256 %d\n255\n' "$rows"; cat "$work/rows"; } | cjpeg ${options[i]} -optimize > "$out/$(printf %02d "$i").jpg"
done
