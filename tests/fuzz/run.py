"""Runs one libFuzzer program for a while: run.py SOURCE_DIR TARGET [--seconds N].

Builds it (preset `fuzz`, folder build/fuzz) where clang is there. Starts from tests/fuzz/corpus/TARGET and from what earlier runs found
worth keeping (build/fuzz/corpus/TARGET). A finding stops the test and is saved under build/fuzz/findings/TARGET, unless it happened
inside the HDF5 library: such ones are listed, and the search goes on for the rest of the time.
"""
import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time

TIMEOUT_S = 30       # for one input, with sanitizers on a busy machine
MEMORY_MIB = 2048    # resident; a single allocation of as much is a finding too
LISTED = 10          # findings inside the library

# Frames that only report or carry out what their caller asked for.
REPORTER = re.compile(r"__asan|__sanitizer|__ubsan|__interceptor|fuzzer::|libFuzzer|asan_|sanitizer_|compiler-rt|libc\.so|libc-start|"
                      r"\b(raise|abort|gsignal|memcpy|memmove|memset|memcmp|malloc|calloc|realloc|free|strlen|strcmp|clock_nanosleep)\b|"
                      r"libz\.so|operator (new|delete)|libstdc\+\+|__cxa|__gxx|std::terminate|nptl|sysdeps|csu/")


def not_run(reason):
    print(f"not run: fuzzing: {reason}")
    sys.exit(77)


def build(source, target):
    if not shutil.which("clang++"):
        not_run("clang++ is not installed (tests/packages)")
    probe = subprocess.run(["clang++", "-fsanitize=fuzzer", "-xc++", "-", "-o", "/dev/null"], text=True, capture_output=True,
                           input="#include <cstddef>\n#include <cstdint>\n"
                                 'extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) { return 0; }\n')
    if probe.returncode != 0:
        not_run("clang++ has no fuzzer run-time library (tests/packages)")
    os.makedirs(os.path.join(source, "build"), exist_ok=True)
    with open(os.path.join(source, "build", ".fuzz-lock"), "w") as lock:   # the targets' tests may run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz", "--target", f"fuzz_{target}"]):
            done = subprocess.run(command, cwd=source, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                print(done.stdout[-4000:])
                sys.exit(f"{' '.join(command)} failed")


def frames_of(report):
    """The first stack of a report, innermost frame first."""
    frames = []
    for line in report.splitlines():
        frame = re.match(r"\s+#(\d+) 0x[0-9a-f]+\s+(?:in )?(.*)", line)
        if frame and int(frame[1]) == 0 and frames:
            break
        if frame:
            frames.append(frame[2])
    return frames


def in_hdf5(report):
    for frame in frames_of(report):
        if "libhdf5" in frame:
            return True
        if not REPORTER.search(frame):
            return False
    return False


def headline(report):
    for pattern in (r"EXPECTATION FAILED: .*", r"runtime error: .*", r"what\(\): .*", r"ERROR: [^\n]*", r"SUMMARY: .*"):
        found = re.search(pattern, report)
        if found:
            return found[0][:200]
    return report.strip().splitlines()[-1][:200] if report.strip() else "no report"


def place(report):
    inner = [frame for frame in frames_of(report) if not REPORTER.search(frame)]
    return re.sub(r"\s*\(BuildId.*", "", inner[0]) if inner else "no stack"


def fuzz(program, arguments, seconds, findings, log, leaks):
    """One process; its report, or None where the time ran out."""
    before = set(os.listdir(findings))
    environment = dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1", OMPI_MCA_btl="self",
                       # libFuzzer limits memory; the address sanitizer says where a bad one was asked for.
                       ASAN_OPTIONS=f"detect_leaks={leaks}:allocator_may_return_null=0:handle_abort=1:symbolize=1")
    command = [program, f"-max_total_time={seconds}", f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MIB}",
               f"-malloc_limit_mb={MEMORY_MIB}", f"-artifact_prefix={findings}/", "-print_final_stats=1", *arguments]
    with open(log, "w", errors="replace") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    with open(log, errors="replace") as file:
        text = file.read()
    executions = re.search(r"stat::number_of_executed_units: (\d+)", text)
    coverage = re.findall(r"cov: (\d+) ft: (\d+)", text)
    figures = {"executions": int(executions[1]) if executions else int((re.findall(r"^#(\d+)", text, re.M) or [0])[-1]),
               "cov": int(coverage[-1][0]) if coverage else 0, "ft": int(coverage[-1][1]) if coverage else 0}
    if done.returncode == 0:
        return None, None, figures
    saved = sorted(set(os.listdir(findings)) - before)
    return text, os.path.join(findings, saved[-1]) if saved else "nothing saved", figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    folder = os.path.join(options.source, "build", "fuzz")
    build(options.source, options.target)

    corpus, findings = (os.path.join(folder, kind, options.target) for kind in ("corpus", "findings"))
    for path in (corpus, findings):
        os.makedirs(path, exist_ok=True)
    here = os.path.join(options.source, "tests", "fuzz")
    # The library keeps lists of freed memory and leaves parts of files behind that it could not read: leaks are not looked for there.
    leaks = int(options.target != "point_table")
    arguments = [corpus, os.path.join(here, "corpus", options.target), f"-detect_leaks={leaks}"]
    dictionary = os.path.join(here, f"{options.target}.dict")
    if os.path.exists(dictionary):
        arguments.append(f"-dict={dictionary}")

    library, total, begin = {}, 0, time.monotonic()
    while True:
        left = int(options.seconds - (time.monotonic() - begin))
        if left < 1:
            break
        report, saved, figures = fuzz(os.path.join(folder, f"fuzz_{options.target}"), arguments, left, findings,
                                      os.path.join(folder, f"{options.target}.log"), leaks)
        total += figures["executions"]
        if report is None:
            break
        if not in_hdf5(report):
            print(f"{headline(report)}\n  {place(report)}\n  input: {saved}\n")
            print("\n".join(f"  #{i} {frame}" for i, frame in enumerate(frames_of(report)[:25])))
            sys.exit(f"fuzz_{options.target}: a finding after {total} executions; run build/fuzz/fuzz_{options.target} INPUT")
        library.setdefault(f"{headline(report)} at {place(report)}", saved)

    for what, saved in list(library.items())[:LISTED]:
        print(f"in the HDF5 library: {what} ({saved})")
    print(f"fuzz_{options.target}: {total} executions in {time.monotonic() - begin:.0f} s, {figures['cov']} edges, "
          f"{figures['ft']} features, no finding" + (f" outside the HDF5 library, {len(library)} in it" if library else ""))


if __name__ == "__main__":
    main()
