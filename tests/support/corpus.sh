#!/bin/sh
# Replays tests/fuzz/corpus/NAME through each fuzz target. Usage: corpus.sh BIN_DIR fuzz_NAME.c...
bin=$1
shift
passed=0 failed=0 skipped=0
for src in "$@"; do
    name=${src##*/fuzz_}
    name=${name%.c}
    corpus=tests/fuzz/corpus/$name
    if [ ! -d "$corpus" ]; then
        echo "  FAIL $name: no corpus in $corpus"
        failed=$((failed + 1))
    elif out=$(timeout 120 "$bin/fuzz_$name" "$corpus" 2>&1); then
        echo "  ok   $name ($out)"
        passed=$((passed + 1))
    else
        echo "  FAIL $name"
        printf '%s\n' "$out" | head -60 | sed 's/^/       | /'
        failed=$((failed + 1))
    fi
done
echo "corpus: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
