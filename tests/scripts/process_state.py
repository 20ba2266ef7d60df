#!/usr/bin/env python3
"""No file below `app` keeps state of the whole process (variables of a namespace, local statics that change, thread_local):
two engines in one process would share it, and no test could begin anew. The files below cannot do without."""
import pathlib
import re
import sys

allowed = {
    "src/base/region.cpp": "the account of the process's time and who hears its regions: every row accounts to it",
    "src/comm/collective_scope.cpp": "where the main thread is, beside the record: MPI starts and ends in such a scope too",
    "src/fault/rank_record.cpp": "the record of this process, written before any object exists and read by the watchdog's thread",
    "src/fault/watchdog.cpp": "its thread may still be in a system call when main returns",
    "src/fault/job_files.cpp": "a signal handler takes no arguments",
    "src/runtime/pool.cpp": "the way to the host's pages, which remembers nothing",
    "src/runtime/runtime.cpp": "a signal handler takes no arguments",
}

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
constant = r"(?:const\b|constexpr\b|constinit const\b)"
rules = [
    re.compile(r"\bthread_local\b"),
    # a local static, or a static member, that is no function
    re.compile(rf"^\s+(?:inline )?static (?!{constant}|inline constexpr)[\w:<>,*& ]+?\b\w+\s*(?:;|=|\{{|\[)"),
    # a variable of a namespace: definitions stand at the beginning of a line
    re.compile(rf"^(?!using|typedef|return|friend|namespace|template|extern|struct|class|enum|union|goto|case|(?:inline |static )*{constant})"
               r"(?:alignas\(\d+\) )?[A-Za-z_][\w:<>,*& ]*[*&> ](?<!operator )\w+(?:\[[^\]]*\])*\s*(?:;|=[^=]|\{[^}]*\}[;,]|, \w+)"),
]


def code_of(line):
    return re.sub(r"//.*", "", re.sub(r'"(?:\\.|[^"\\])*"', '""', line))


wrong, files, found = [], 0, set()
for top in ("include/jetpinn", "src"):
    for path in sorted((root / top).rglob("*.[ch]pp")):
        if path.relative_to(root / top).parts[0] == "app":
            continue
        files += 1
        name = str(path.relative_to(root))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if any(rule.search(code_of(line)) for rule in rules):
                found.add(name)
                if name not in allowed:
                    wrong.append(f"{name}:{number}: state of the process: {line.strip()}")
wrong += [f"{name}: holds no state of the process any more: take it from this script's list" for name in sorted(set(allowed) - found)]
print("\n".join(wrong) if wrong else f"{files} files keep no state of the process, but for {len(allowed)}")
sys.exit(1 if wrong else 0)
