#!/usr/bin/env bash
# The arguments, statuses and speed of jobs/local.
set -uo pipefail
root=$1
unset JETPINN_PROGRAM   # the launcher builds its own
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect STATUS TEXT ARGUMENT...: the status of jobs/local, and a text in its output.
expect() {
  local status=$1 text=$2 actual=0 output
  shift 2
  output=$(timeout 120 "$root/jobs/local" "$@" 2>&1) || actual=$?
  if [ "$actual" -ne "$status" ] || ! grep -qF -- "$text" <<<"$output"; then
    printf 'jobs/local %s: status %s (wanted %s), wanted the text: %s\n%s\n' "$*" "$actual" "$status" "$text" "$output"
    failures=$((failures + 1))
  fi
}

expect 2 "positive number of ranks, not '0'" -n 0 "$root/configs/burgers.toml"
expect 2 "positive number of ranks, not '-1'" -n -1 "$root/configs/burgers.toml"
expect 2 "positive number of ranks, not 'two'" -n two "$root/configs/burgers.toml"
expect 2 "-n wants a number of ranks" -n
expect 2 "no command after --" --
expect 2 "no such config file: absent.toml" absent.toml
expect 2 "unknown option '--nonsense'" --nonsense
expect 2 "options of train come behind it" --output here absent.toml
expect 2 "usage: jobs/local"
expect 0 "usage: jobs/local" --help

# A config beside the caller, from a folder that is not the project's; on one rank and on more than there are cores.
cp "$root/configs/burgers.toml" here.toml
mkdir reference && cp "$root/configs/reference/burgers.h5" reference/
expect 0 "burgers" -- check here.toml
expect 0 "burgers" check here.toml
expect 0 "on 2 ranks" check here.toml -n 2
expect 0 "on 2 ranks" check -n2 here.toml
expect 2 "positive number of ranks, not '2x'" here.toml -n2x
expect 2 "-n wants a number of ranks" here.toml -n
expect 0 "LibTorch" --version
expect 0 "Keys of the config" train --help
expect 2 "" -- check missing.toml
expect 2 "" -n 2 -- check missing.toml
expect 2 "" -n 4 -- nonsense
# Names that are near.
expect 2 "did you mean 'here.toml'?" her.toml
expect 2 "did you mean 'here.toml'?" here
expect 2 "did you mean 'check'?" chekc here.toml
expect 2 "$root/configs/burgers.toml'?" "$root/configs/burger.toml"
mkdir -p runs/short && echo 'name = "short"' >runs/short/config.toml
expect 2 "did you mean 'runs/short'?" evaluate runs/shrot
expect 2 "jobs/local evaluate runs/short" runs/short
expect 2 "is a file; name the folder of a run" evaluate here.toml
# What to predict is not a number of ranks.
expect 2 "runs/short" predict runs/short --quantities -n2

JETPINN_START_LIMIT=soon expect 2 "JETPINN_START_LIMIT wants whole seconds" -n 2 -- check here.toml

# An mpirun that starts nothing is ended, with a word.
mkdir fake && printf '#!/bin/sh\nexec sleep 600\n' >fake/mpirun && chmod +x fake/mpirun
JETPINN_START_LIMIT=1 PATH="$PWD/fake:$PATH" expect 4 "mpirun started no rank within 1 s" -n 2 -- check here.toml

# Who reads no further has seen enough: no word, and the status of a closed pipe, whoever writes.
endless=(here.toml --output runs/unread --force --set training.stages.0.steps=100000000)
for command in "train --help" "check here.toml" "-n 2 train --help" "-n 3 check here.toml" "${endless[*]} -n 1" "${endless[*]} -n 2"; do
  # shellcheck disable=SC2086
  timeout 60 "$root/jobs/local" $command 2>words | true
  status=${PIPESTATUS[0]}
  # shellcheck disable=SC2086
  timeout 60 "$root/jobs/local" $command 2>&1 | true
  both=${PIPESTATUS[0]}
  left=$(pgrep -fc "runs/unread" || true)
  if [ "$status/$both/$left" != 141/141/0 ] || grep -v '^jetpinn: ' words; then
    echo "jobs/local $command | true: status $status, with both streams $both; $left processes left"
    cat words
    failures=$((failures + 1))
  fi
done

# A second call reaches the program in under two seconds.
begin=$(date +%s%N)
"$root/jobs/local" -- --version >/dev/null
took=$((($(date +%s%N) - begin) / 1000000))
[ "$took" -lt 2000 ] || { echo "jobs/local -- --version took $took ms"; failures=$((failures + 1)); }

# INT, TERM and USR1 ask the run to stop: it ends with 75, soon.
for signal in INT TERM USR1; do
  # A process that a script starts in the background ignores INT unless job control is on.
  set -m
  "$root/jobs/local" -n 2 here.toml --output "runs/$signal" --set "training.stages.0.steps=1000000" >"$signal.log" 2>&1 &
  launcher=$!
  set +m
  for _ in $(seq 100); do grep -q '"step"' "runs/$signal/metrics.jsonl" 2>/dev/null && break; sleep 0.1; done
  begin=$SECONDS
  kill -"$signal" "$launcher"
  status=0
  wait "$launcher" 2>/dev/null || status=$?
  if [ "$status" -ne 75 ] || [ $((SECONDS - begin)) -gt 20 ]; then
    echo "$signal: status $status after $((SECONDS - begin)) s"
    tail -n 20 "$signal.log"
    failures=$((failures + 1))
  fi
done

# A rank that is killed outright: status 4, soon, and nothing is left running.
"$root/jobs/local" -n 2 here.toml --output runs/lost --set "training.stages.0.steps=1000000" >lost.log 2>&1 &
launcher=$!
for _ in $(seq 100); do [ -s runs/lost/metrics.jsonl ] && break; sleep 0.1; done
begin=$SECONDS
kill -KILL "$(sed -n 's/^rank 1 host .* pid //p' lost.log)"
status=0
wait "$launcher" || status=$?
if [ "$status" -ne 4 ] || [ $((SECONDS - begin)) -gt 20 ]; then
  echo "killed rank: status $status after $((SECONDS - begin)) s"
  tail -n 20 lost.log
  failures=$((failures + 1))
fi

[ "$failures" -eq 0 ] && echo "the launcher keeps its contract"
exit "$((failures > 0))"
