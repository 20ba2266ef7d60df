#!/usr/bin/env python3
"""No line of the C++ sources is longer than the column limit of .clang-format, counted in characters."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
limit = int(re.search(r"^ColumnLimit: (\d+)$", (root / ".clang-format").read_text(), re.M).group(1))

wrong, files = [], 0
for top in ("src", "include", "tests", "perf"):
    for path in sorted((root / top).rglob("*.[ch]pp")):
        files += 1
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if len(line) > limit:
                wrong.append(f"{path.relative_to(root)}:{number}: {len(line)} characters, {limit} are the limit")
print("\n".join(wrong) if wrong else f"{files} files keep to {limit} columns")
sys.exit(1 if wrong else 0)
