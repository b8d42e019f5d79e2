# What a machine must have. Sourced by the scripts beside it, which run in the project's folder.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# What a shell does not say by itself: how to get here on systems without apt.
elsewhere="The README lists the package names of other systems."

# One line per package: name, how to see that it is there, why.
packages() {
    cat <<'LIST'
build build-essential  has_compiler           a C and C++ compiler, for the speech model, SQLite and cryptography
build cmake            has_cmake              builds the speech model's engine
build ca-certificates  has_certificates       lets cargo and the server trust who they talk to
test  chromium         has_chromium           the browser in which the speaker page is tested
LIST
}
has_compiler() { command -v cc && command -v c++ && command -v make; }
has_cmake() { command -v cmake; }
has_certificates() { [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname)" = Darwin ]; }
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

# install_needs build [test]: says what is missing and why, then installs it.
install_needs() {
    local kind name test why missing=() listed=""
    while read -r kind name test why; do
        case " $* " in *" $kind "*) ;; *) continue ;; esac
        "$test" >/dev/null 2>&1 && continue
        missing+=("$name")
        listed+=$(printf '\n  %-16s %s' "$name" "$why")
    done < <(packages)
    [ ${#missing[@]} -eq 0 ] && return

    command -v apt-get >/dev/null || fail "Missing on this machine:$listed
They can be installed for you only on Debian and its kin. $elsewhere"
    say "To be installed with apt-get:$listed"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "That needs root, and there is no sudo here. As root, run:
  apt-get install ${missing[*]}"
        say "sudo may ask for your password."
        root=(sudo)
    fi
    "${root[@]}" apt-get update &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install ${missing[*]}; its own words are above. $elsewhere"
}

# need_rust: cargo on the PATH, new enough.
need_rust() {
    if ! command -v cargo >/dev/null && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    local wanted has
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    has=$(rustc --version 2>/dev/null | cut -d' ' -f2)
    if [ -z "$has" ] || [ "$(printf '%s\n' "$wanted" "$has" | sort -V | head -n 1)" != "$wanted" ]; then
        fail "Rust $wanted or newer is needed; found ${has:-none}. Install or update it with rustup: rustup.rs"
    fi
    # A clone that is built once gains nothing from incremental compilation's bookkeeping.
    if [ -n "${CI:-}" ]; then export CARGO_INCREMENTAL=0; fi
}

# need_component rustfmt: a part of the toolchain that a minimal installation leaves out.
need_component() {
    cargo "${1/rustfmt/fmt}" --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null || fail "Rust's $1 is missing, and there is no rustup to add it with."
    say "To be added to the Rust toolchain: $1"
    rustup component add "$1" || fail "rustup could not add $1; its own words are above."
}
