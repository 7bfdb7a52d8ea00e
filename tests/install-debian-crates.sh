#!/bin/sh
# Installs the sources of some six hundred published crates under /usr/share/cargo/registry, for the specs that need
# "debian-crates". Debian and Ubuntu; needs root. Nothing is built, and cargo itself is not installed.
set -eu

# What people use most, and what that needs: crates only, without the libraries in C of others.
crates="
  actix-derive aes ansi-term anyhow arc-swap argh array-init assert-cmd async-net async-std async-stream
  async-trait backoff base64 bigdecimal bincode bitflags blake3 bstr bytecount bytes bytesize camino
  cargo-metadata chrono clap clap-complete combine config console const-format cookie-store criterion crossbeam
  crossterm csv ctrlc darling dashmap data-encoding derive-builder derive-more dialoguer directories educe
  enum-map enumflags2 enumset env-logger erased-serde error-chain euclid eyre failure fancy-regex fern flate2
  flume fs2 fst futures gethostname getset gimli glob globset globwalk goblin half hashbrown hashlink hkdf
  hostname humansize humantime hyper hyper-rustls ignore im-rc image indexmap indicatif indoc insta
  intrusive-collections inventory itertools json jsonwebtoken kurbo lexopt libc linked-hash-map log lru maplit
  memmap2 mime-guess mio multimap nix nom nom-locate num num-enum num-format object once-cell openssl
  ordered-float parking-lot pest-derive petgraph phf-codegen pin-project png predicates pretty-assertions
  pretty-env-logger procfs proptest pulldown-cmark quick-xml quickcheck quote radix-trie rand rand-distr
  rand-xoshiro rayon regex regex-automata reqwest ring rmp-serde ron roxmltree rustls rustls-native-certs
  rustyline scroll secrecy semver serde serde-derive serde-json serde-path-to-error serde-xml-rs serde-yaml
  serial-test sha2 sha3 shellexpand shlex signal-hook similar-asserts simplelog slog-term smallvec smol snafu
  snap structopt strum syn tar tempfile tera termion test-case thiserror thread-local time tiny-http tiny-skia
  tokio tokio-openssl tokio-rustls tokio-stream tokio-test tokio-util toml toml-edit tower tracing
  tracing-futures tracing-log tracing-subscriber trust-dns-resolver typed-arena ureq url users utf-8 uuid
  walkdir wasm-bindgen which winapi xml-rs xz2 yaml-rust zerocopy zeroize zip zstd
"

apt-get update -qq
# shellcheck disable=SC2086 # one word is one crate
apt-get install -y -qq -o Dpkg::Options::=--force-unsafe-io --no-install-recommends $(printf 'librust-%s-dev ' $crates)

echo "$(find /usr/share/cargo/registry -mindepth 2 -maxdepth 2 -name Cargo.toml | wc -l) crates in /usr/share/cargo/registry"
