#!/bin/sh
# Installs the Debian packages that building and testing need, and unpacks llhttp's C files.
# Usage: deps.sh LLHTTP_DIR [MORE_PACKAGE...]. Runs on a system that has only dpkg and apt.
set -eu
llhttp_dir=$1
shift
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

build='gcc libc6-dev make pkg-config
libuv1-dev libjsmn-dev libpcre2-dev libxxhash-dev libyaml-dev libsqlite3-dev zlib1g-dev
libcjson-dev libcurl4-openssl-dev libssl-dev'
test='libcmocka-dev python3 binutils mandoc openssl'
# Pinned by the house format; Debian 13 may not carry it, then check-format skips.
wish='clang-format-14'

say() { printf 'deps: %s\n' "$*"; }
die() { printf 'deps: error: %s\n' "$*" >&2; exit 1; }
have() { [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]; }
known() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

command -v apt-get >/dev/null 2>&1 ||
    die 'apt-get not found: this target knows Debian 12 and 13 only. README lists the libraries.'

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    else die 'packages are missing and neither root nor sudo is at hand. Run this as root.'
    fi
}

updated=
update() {
    [ -z "$updated" ] || return 0
    updated=1
    say 'apt-get update'
    as_root apt-get update -q </dev/null || die 'apt-get update failed: see the lines above (network, proxy or sources?)'
}

install() {
    as_root apt-get install -y -q --no-install-recommends "$@" </dev/null
}

have_llhttp_lib=
missing=
# shellcheck disable=SC2086
for p in $build $test "$@"; do have "$p" || missing="$missing $p"; done

[ -z "$missing" ] || known gcc || update
for p in $wish; do
    have "$p" && continue
    if known "$p"; then missing="$missing $p"
    else say "$p is not in this release: check-format will be skipped"
    fi
done
if have libllhttp-dev; then have_llhttp_lib=1
elif known libllhttp-dev; then have_llhttp_lib=1; missing="$missing libllhttp-dev"
fi

if [ -n "$missing" ]; then
    say "installing$missing"
    # shellcheck disable=SC2086
    if ! install $missing; then
        say 'install failed; trying once more with fresh package lists'
        update
        # shellcheck disable=SC2086
        install $missing || die "apt-get could not install:$missing"
    fi
fi

if [ -z "$have_llhttp_lib" ] && [ ! -f "$llhttp_dir/llhttp.c" ]; then
    known node-llhttp || update
    say "unpacking llhttp from node-llhttp into $llhttp_dir"
    tmp=$(mktemp -d)
    trap 'rm -rf "$tmp"' EXIT
    chmod 755 "$tmp"
    if ! (cd "$tmp" && apt-get download -q -o APT::Sandbox::User=root node-llhttp </dev/null); then
        update
        (cd "$tmp" && apt-get download -q -o APT::Sandbox::User=root node-llhttp </dev/null) ||
            die 'apt-get download node-llhttp failed'
    fi
    dpkg -x "$tmp"/node-llhttp_*.deb "$tmp/x"
    mkdir -p "$llhttp_dir"
    # llhttp.c last: its presence says that the folder is whole.
    find "$tmp/x" -name llhttp.h -exec cp {} "$llhttp_dir/" \;
    for f in $(find "$tmp/x" -path '*llhttp/*.c' ! -name llhttp.c) \
             $(find "$tmp/x" -path '*llhttp/llhttp.c'); do
        cp "$f" "$llhttp_dir/"
    done
    [ -f "$llhttp_dir/llhttp.c" ] && [ -f "$llhttp_dir/llhttp.h" ] ||
        die 'node-llhttp does not hold llhttp.c and llhttp.h any more'
fi
say 'everything needed is installed'
