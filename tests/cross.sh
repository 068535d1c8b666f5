#!/usr/bin/env bash
# Decodes the conformance vectors on other machines and makes them anew there: docs/guide/portability.md.
#
#   bash tests/cross.sh x86        this processor with vector extensions masked, and emulated older ones
#   bash tests/cross.sh aarch64    under qemu, with the dot product instructions and without
#   bash tests/cross.sh wasm       wasm32-wasip1 under node, with vector instructions and without
#
# Each target is built in target/cross-*. Dependencies get little optimisation: building tract takes longest, and what
# takes long in running is not in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0
vectors=tests/vectors

need() {
    if ! command -v "$1" >/dev/null; then
        echo "$1 is missing: $2" >&2
        exit 1
    fi
}

# Builds the program `vectors` for a target, in a folder of its own.
build() {
    rustup target add "$1"
    cargo build --release --locked -p dualcomp-tests --no-default-features --features rwkv --bin vectors \
        --target "$1" --target-dir "target/cross-$1" --config 'profile.release.package."*".opt-level=1'
}

check() {
    echo "== $* =="
    "$@" "$vectors"
}

x86() {
    need qemu-x86_64-static "apt-get install qemu-user-static"
    cargo build --release --locked --workspace --bin vectors
    local program=target/release/vectors
    check "$program"
    check env TRACT_CPU_ISA=-avx512vnni,-avx512f,-fma,-avx2,-f16c,-avx "$program"
    # SSE2, SSE4.2, which only the network is compiled for, and AVX2.
    for cpu in qemu64 Nehalem Haswell; do
        check qemu-x86_64-static -cpu "$cpu" "$program"
    done
}

aarch64() {
    need qemu-aarch64-static "apt-get install qemu-user-static"
    need aarch64-linux-gnu-gcc "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
    local target=aarch64-unknown-linux-gnu
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        RUSTFLAGS="-C target-feature=+crt-static" build "$target"
    # With the dot product, and the first of its kind without.
    for cpu in max cortex-a57; do
        check qemu-aarch64-static -cpu "$cpu" "target/cross-$target/$target/release/vectors"
    done
}

wasm() {
    need node "any version since 20"
    local target=wasm32-wasip1
    for features in +simd128 -simd128; do
        RUSTFLAGS="-C target-feature=$features" build "$target"
        # The collector of node 20 may fail where the program's memory grows while it marks.
        check node --no-warnings --no-incremental-marking tests/wasi.mjs "target/cross-$target/$target/release/vectors.wasm"
    done
}

case "${1:-}" in
x86 | aarch64 | wasm) "$1" ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
