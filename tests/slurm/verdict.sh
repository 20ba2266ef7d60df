#!/usr/bin/env bash
# What jobs/verdict makes of the ranks' words and the launcher's status; and the batch templates are sound shell, with options that Slurm reads.
set -euo pipefail
root=$1
source "$root/jobs/verdict"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
file=$scratch/status
failures=0

# expect VERDICT LOST LINES STATUS [RANKS]
expect() {
  printf '%b' "$3" >"$file"
  judge "$file" "$4" "${5:-}"
  if [ "$verdict|$lost" != "$1|$2" ]; then
    echo "lines '$3', launcher $4, ranks ${5:-unknown}: verdict $verdict, lost '$lost'; wanted $1, '$2'"
    failures=$((failures + 1))
  fi
}

# The cases that this script shares with the launcher's test.
cases=0
while IFS='|' read -r wanted lost_ranks launcher ranks lines; do
  wanted=${wanted// /} launcher=${launcher// /} ranks=${ranks// /}
  lost_ranks=$(xargs <<<"$lost_ranks")
  lines=$(sed -e 's/^ *//' -e 's/, */\\n/g' <<<"$lines")
  expect "$wanted" "${lost_ranks:+ $lost_ranks}" "${lines:+$lines\\n}" "$launcher" "$ranks"
  cases=$((cases + 1))
done < <(grep -v '^#' "$root/tests/data/launch_verdicts.txt")
[ "$cases" -ge 20 ] || { echo "only $cases cases were read"; failures=$((failures + 1)); }

touch "$file.rank-1"
expect 4 ' 1' '0 75\n1 75\n' 75 2        # its record outlived it
rm "$file.rank-1" "$file"
judge "$file" 2
[ "$verdict" -eq 2 ] || { echo "without a file: $verdict"; failures=$((failures + 1)); }

for script in "$root"/jobs/*.sbatch "$root/jobs/batch" "$root/jobs/verdict"; do
  bash -n "$script" || failures=$((failures + 1))
done
# sbatch stops reading options at the first line that is no comment, in silence.
for template in "$root"/jobs/*.sbatch; do
  if sed '1,/^[^#]/d' "$template" | grep -n '^#SBATCH'; then
    echo "${template##*/}: sbatch does not read these options"
    failures=$((failures + 1))
  fi
done

[ "$failures" -eq 0 ] && echo "the verdict stands"
exit "$((failures > 0))"
