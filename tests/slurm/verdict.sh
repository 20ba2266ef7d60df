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

expect 0 '' '0 0\n1 0\n' 0 2
expect 75 '' '0 75\n1 75\n' 75 2
expect 75 '' '1 0\n0 75\n' 75 2
expect 4 '' '0 75\n1 4\n' 75 2           # a stop does not hide a failure
expect 5 '' '0 75\n1 75\n1 5\n' 75       # nor an earlier word a later one
expect 4 '' '0 0\n1 0\n' 137             # killed behind its last word
expect 4 ' 1 2' '0 75\n' 0 3             # mpirun with recovery returns 0
expect 75 '' '0 75\n' 75                 # srun would have seen a rank killed; a line can be late on a shared folder
expect 5 ' 1' '0 5\n' 137 2
expect 4 '' '' 137 2
expect 2 '' '' 2 2
expect 4 '' '' 1 2
expect 0 '' '' 0 1
expect 4 '' '' 0 2                       # all ranks lost, with recovery
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
