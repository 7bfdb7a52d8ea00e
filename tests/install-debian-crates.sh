#!/bin/sh
# Installs the sources of some hundred published crates under /usr/share/cargo/registry, for the specs that need
# "debian-crates". Debian and Ubuntu; needs root. Nothing is built, and cargo itself is not installed.
set -eu

apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  librust-anyhow-dev librust-async-std-dev librust-async-trait-dev librust-base64-dev \
  librust-bitflags-dev librust-bytes-dev librust-chrono-dev librust-clap-dev \
  librust-criterion-dev librust-crossbeam-dev librust-csv-dev librust-darling-dev \
  librust-env-logger-dev librust-flate2-dev librust-futures-dev librust-gimli-dev librust-hashbrown-dev \
  librust-hyper-dev librust-image-dev librust-indexmap-dev librust-itertools-dev librust-libc-dev \
  librust-log-dev librust-mio-dev librust-nix-dev librust-nom-dev librust-num-dev librust-once-cell-dev \
  librust-parking-lot-dev librust-pest-derive-dev librust-petgraph-dev librust-proptest-dev librust-quickcheck-dev \
  librust-quote-dev librust-rand-dev librust-rayon-dev librust-regex-dev librust-reqwest-dev librust-ring-dev \
  librust-semver-dev librust-serde-dev librust-serde-derive-dev librust-serde-json-dev librust-serde-yaml-dev \
  librust-sha2-dev librust-smallvec-dev librust-strum-dev librust-syn-dev librust-tar-dev librust-tempfile-dev \
  librust-thiserror-dev librust-time-dev librust-tokio-dev librust-toml-dev librust-tracing-subscriber-dev \
  librust-trust-dns-resolver-dev librust-url-dev librust-uuid-dev librust-walkdir-dev librust-winapi-dev \
  librust-zstd-dev

echo "$(find /usr/share/cargo/registry -mindepth 2 -maxdepth 2 -name Cargo.toml | wc -l) crates in /usr/share/cargo/registry"
