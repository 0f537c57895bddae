#!/bin/sh
# Runs the tests that need Spark beside all others: Spark's driver leaves half of a small machine idle.
# Arguments go to both runs of pytest. What the Spark tests print is shown when the others have ended.
set -u
cd "$(dirname "$0")/.."
NOTHING_SELECTED=5

spark_log=$(mktemp)
.venv/bin/python -m pytest -m spark "$@" >"$spark_log" 2>&1 &
spark=$!
trap 'kill "$spark" 2>/dev/null; wait "$spark"; rm -f "$spark_log"; exit 130' INT TERM
.venv/bin/python -m pytest -m "not spark" "$@"
others_code=$?
echo "the tests that need Spark:"
tail -n +1 -f --pid="$spark" "$spark_log"
wait "$spark"
spark_code=$?
rm -f "$spark_log"

# With `-k` one of the two may have nothing to do; both having nothing is a mistake.
[ "$others_code" -eq "$NOTHING_SELECTED" ] && exit "$spark_code"
[ "$spark_code" -eq "$NOTHING_SELECTED" ] && exit "$others_code"
[ "$others_code" -ne 0 ] && exit "$others_code"
exit "$spark_code"
