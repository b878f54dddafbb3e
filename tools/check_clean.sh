#!/bin/sh
# Runs README's two commands inside a bare Debian made by debootstrap, and prints their times.
#
# Usage: [SUITE=trixie] check_clean.sh [keep]. Needs root, debootstrap, git and the network that apt uses here.
# The root is made once in the user's cache folder and copied for each run; remove it to renew it.
set -eu
suite=${SUITE:-bookworm}
top=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mcp-cost

say() { printf 'check-clean: %s\n' "$*"; }
die() { printf 'check-clean: error: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || die 'debootstrap and chroot need root'
command -v debootstrap >/dev/null || die 'debootstrap is missing: apt-get install debootstrap'
command -v git >/dev/null || die 'git is missing'

# README marks the commands so that what is proved is what is printed.
commands=$(sed -n '/<!-- two commands -->/,/^```$/p' "$top/README.md" | grep -v '^```\|^<!--\|^$' || true)
[ "$(printf '%s\n' "$commands" | wc -l)" -eq 2 ] || die 'README.md does not mark two commands'

mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}
base=$cache/root-$suite
if [ ! -f "$base/.whole" ]; then
    say "debootstrap $suite from $mirror"
    rm -rf "$base"
    mkdir -p "$base"
    start=$(date +%s)
    debootstrap --variant=minbase "$suite" "$base" "$mirror" >"$cache/debootstrap.log" 2>&1 || {
        tail -n 20 "$cache/debootstrap.log" >&2
        die 'debootstrap failed'
    }
    touch "$base/.whole"
    say "bare root made in $(($(date +%s) - start)) s"
fi

root=$(mktemp -d "$cache/clean-XXXXXX")
mounted=
cleanup() {
    for m in $mounted; do umount -l "$m" 2>/dev/null || true; done
    if [ "${1:-}" != keep ]; then rm -rf --one-file-system "$root"; else say "kept $root"; fi
}
trap 'cleanup ${keep:-}' EXIT
trap 'exit 1' INT TERM
keep=${1:-}
cp -a "$base/." "$root/"

# How this machine reaches its packages: sources, settings, keys, proxy, names, certificates.
rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
for f in sources.list sources.list.d apt.conf apt.conf.d keyrings trusted.gpg trusted.gpg.d auth.conf auth.conf.d preferences.d; do
    [ ! -e "/etc/apt/$f" ] || cp -a "/etc/apt/$f" "$root/etc/apt/"
done
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ -n "$here" ] && [ "$here" != "$suite" ]; then
    for f in "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*; do
        [ ! -f "$f" ] || sed -i "s/\b$here\b/$suite/g" "$f"
    done
fi
cp -a /usr/share/keyrings/. "$root/usr/share/keyrings/" 2>/dev/null || true
for f in /etc/resolv.conf /etc/hosts; do [ ! -e "$f" ] || cp -L "$f" "$root$f"; done
if grep -rqs 'https' /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d &&
    [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$root/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
for pair in proc:proc sysfs:sys; do
    mount -t "${pair%%:*}" none "$root/${pair##*:}" 2>/dev/null && mounted="$mounted $root/${pair##*:}"
done
if mount --bind /dev "$root/dev" 2>/dev/null; then
    mount --bind /dev/pts "$root/dev/pts" 2>/dev/null && mounted="$mounted $root/dev/pts"
    mounted="$mounted $root/dev"
fi

git clone -q --no-local "$top" "$root/src/mcp-cost"
say "tree at $(git -C "$root/src/mcp-cost" log -1 --format='%h %s')"
for tool in make cc gcc pkg-config python3 sudo; do
    [ ! -e "$root/usr/bin/$tool" ] || die "the root is not bare: it has $tool"
done

run() {
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        ${no_proxy:+no_proxy="$no_proxy"} \
        chroot "$root" /bin/sh -c "cd /src/mcp-cost && $1" </dev/null
}

printf '%s\n' "$commands" >"$root/commands"
status=0
times=
while IFS= read -r command; do
    say "\$ $command"
    start=$(date +%s)
    run "$command" || status=$?
    took=$(($(date +%s) - start))
    times="$times
check-clean: $took s, exit $status: $command"
    [ "$status" -eq 0 ] || break
done <"$root/commands"
printf '%s\n' "$times" | sed 1d
[ "$status" -eq 0 ] || die "a command failed"
say 'both commands work on a bare Debian'
