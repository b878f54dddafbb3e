#!/bin/sh
# Runs make targets one after another, goes on after a failure, and adds up what they counted.
# Usage: check.sh BUILD_DIR TARGET...
build=$1
shift
mkdir -p "$build"
log=$build/check.log
: >"$log"
bad=
begin=$(date +%s)
for target in "$@"; do
    start=$(date +%s)
    echo "== $target"
    { "${MAKE:-make}" "$target" 2>&1; echo $? >"$build/check.rc"; } | tee -a "$log"
    [ "$(cat "$build/check.rc")" -eq 0 ] || bad="$bad $target"
    echo "   ($(($(date +%s) - start)) s)"
done
echo "== $(($(date +%s) - begin)) s in all"
awk '/^[a-z-]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $2; f += $4; s += $6 }
     /SKIPPED: |[|] SKIP / { sub(/^[ |]*/, ""); skips[++n] = $0 }
     END {
         for (i = 1; i <= n; i++) print "   " skips[i]
         printf "%d passed, %d failed, %d skipped\n", p, f + (f == 0 && bad ? 1 : 0), s
     }' bad="$([ -n "$bad" ] && echo 1)" "$log"
if [ -n "$bad" ]; then
    echo "failed:$bad" >&2
    exit 1
fi
