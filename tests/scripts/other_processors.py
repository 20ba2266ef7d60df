#!/usr/bin/env python3
"""Sources that name instructions or sets of them compile for processors other than the one that builds.

  other_processors.py ROOT BUILD
"""
import json
import pathlib
import platform
import re
import shlex
import subprocess
import sys

root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
PROCESSORS = ("x86-64", "x86-64-v3", "x86-64-v4")
MARKS = re.compile(r"\basm\b|__AVX|__builtin_cpu_supports|gnu::target|immintrin")

if platform.machine() != "x86_64":
    print("not run: compiles for x86-64 alone")
    sys.exit(77)
commands = json.loads((build / "compile_commands.json").read_text())
entry = next(e for e in commands if e["file"] == str(root / "src/kernels/tile_activation.cpp"))
compiler, *flags = [word for word in shlex.split(entry["command"]) if "ccache" not in word]
flags = [flag for flag in flags[:flags.index("-o")] if not re.match(r"-march|-mprefer|-O|-std|-include|-Winvalid|-M|\S*cmake_pch", flag)]

sources = [path for top in ("src", "perf") for path in sorted((root / top).rglob("*.cpp")) if MARKS.search(path.read_text())]
wrong = 0
for source in sources:
    own = ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512vnni"] if source.name == "bf16_vnni.cpp" else []
    for processor in PROCESSORS:
        done = subprocess.run([compiler, *flags, "-std=c++20", "-O0", f"-march={processor}", *own, "-c", str(source), "-o", "/dev/null"],
                              cwd=entry["directory"], capture_output=True, text=True)
        if done.returncode:
            wrong += 1
            print(f"{source.relative_to(root)} does not compile for {processor}:\n{done.stderr[:2000]}")
if not sources:
    wrong += 1
    print("no source names instructions: the marks are out of date")
print(f"{len(sources)} sources compiled for {', '.join(PROCESSORS)}" if not wrong else f"{wrong} do not compile")
sys.exit(1 if wrong else 0)
