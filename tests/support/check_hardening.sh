#!/bin/sh
# Checks how programs, libraries and archives were compiled and linked. Usage: check_hardening.sh FILE...
export LC_ALL=C
passed=0 failed=0

# What the compiler was told shows in what the code calls.
guarded() {
    case $1 in *__stack_chk_fail*) ;; *) bad="$bad no-stack-protector" ;; esac
    printf '%s\n' "$1" | grep -q '__[a-z]*_chk\b' || bad="$bad no-FORTIFY"
}

linked() {
    headers=$(readelf -W -h -l -d "$1") || bad=' unreadable'
    case $headers in *'Type:'*'DYN '*) ;; *) bad="$bad not-PIE" ;; esac
    case $headers in *GNU_RELRO*) ;; *) bad="$bad no-RELRO" ;; esac
    case $headers in *NOW*) ;; *) bad="$bad lazy-binding" ;; esac
    if printf '%s\n' "$headers" | grep -q 'GNU_STACK.*RWE'; then bad="$bad executable-stack"; fi
    if printf '%s\n' "$headers" | grep -q 'TEXTREL'; then bad="$bad text-relocations"; fi
    # A folder of the machine that built it must not be searched on the one that runs it.
    if printf '%s\n' "$headers" | grep -E '\((RPATH|RUNPATH)\)' | grep -qv '\[\$ORIGIN[^:]*\]'; then
        bad="$bad foreign-search-path"
    fi
    guarded "$(nm -D --undefined-only "$1")"
}

archived() {
    guarded "$(nm --undefined-only "$1" 2>/dev/null)"
    [ "$(uname -m)" = x86_64 ] || return
    # The start files of the C library carry no note, so only objects can be held to it.
    bare=$(readelf -W -n "$1" | awk '/^File:/ { if (name && !cet) print name; name = $2; cet = 0 }
        /IBT.*SHSTK/ { cet = 1 } END { if (name && !cet) print name }' | head -n 3 | tr '\n' ' ')
    [ -z "$bare" ] || bad="$bad no-CET:$bare"
    # Whoever takes these objects into a library or a PIE needs them free of absolute addresses.
    if readelf -W -r "$1" | awk '/^Relocation section/ { debug = /\.debug/ }
        !debug && /R_X86_64_32S? / { found = 1 } END { exit !found }'; then bad="$bad not-PIC"; fi
}

for f in "$@"; do
    bad=
    case $f in *.a) archived "$f" ;; *) linked "$f" ;; esac
    if [ -z "$bad" ]; then passed=$((passed + 1))
    else failed=$((failed + 1)); echo "  FAIL $f:$bad"
    fi
done
echo "hardening: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
