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
commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
joined = commands[str(root / "src/runtime/product.cpp")]   # for sources that are compiled with others


def command_of(source, processor):
    """The build's own for it, for another processor, without what is precompiled; nothing is optimised or kept."""
    words = [word for word in shlex.split(commands.get(str(source), joined)["command"]) if "ccache" not in word]
    compiler = next(k for k, word in enumerate(words) if not word.startswith(("/usr/bin/cmake", "-E", "env", "CCACHE_")))
    flags = words[compiler:words.index("-o")]
    kept = [flag for flag in flags if not re.match(r"-march|-mprefer|-O|-include|-Winvalid|-M|\S*(cmake_pch|[.]o[.]d$)", flag)]
    return [*kept, "-O0", f"-march={processor}", "-c", str(source), "-o", "/dev/null"]


sources = [path for top in ("src", "perf") for path in sorted((root / top).rglob("*.cpp")) if MARKS.search(path.read_text())]
wrong = 0
for source in sources:
    for processor in PROCESSORS:
        done = subprocess.run(command_of(source, processor), cwd=joined["directory"], capture_output=True, text=True)
        if done.returncode:
            wrong += 1
            print(f"{source.relative_to(root)} does not compile for {processor}:\n{done.stderr[:2000]}")
if not sources:
    wrong += 1
    print("no source names instructions: the marks are out of date")
print(f"{len(sources)} sources compiled for {', '.join(PROCESSORS)}" if not wrong else f"{wrong} do not compile")
sys.exit(1 if wrong else 0)
