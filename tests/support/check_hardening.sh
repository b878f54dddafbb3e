#!/bin/sh
# Checks how programs and libraries were linked. Usage: check_hardening.sh FILE...
export LC_ALL=C
passed=0 failed=0
for f in "$@"; do
    bad=
    headers=$(readelf -W -h -l -d "$f") || bad=' unreadable'
    case $headers in *'Type:'*'DYN '*) ;; *) bad="$bad not-PIE" ;; esac
    case $headers in *GNU_RELRO*) ;; *) bad="$bad no-RELRO" ;; esac
    case $headers in *NOW*) ;; *) bad="$bad lazy-binding" ;; esac
    if printf '%s\n' "$headers" | grep -q 'GNU_STACK.*RWE'; then bad="$bad executable-stack"; fi
    if printf '%s\n' "$headers" | grep -q 'TEXTREL'; then bad="$bad text-relocations"; fi
    if [ -z "$bad" ]; then passed=$((passed + 1))
    else failed=$((failed + 1)); echo "  FAIL $f:$bad"
    fi
done
echo "hardening: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
