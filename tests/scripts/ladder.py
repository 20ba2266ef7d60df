#!/usr/bin/env python3
"""Checks every include of a jetpinn header against the ladder of cmake/ladder.cmake: it may only point to the file's own row
or to one above. A source includes its own header first, which proves that the header compiles alone, and a header is read once. Headers of `edge` include nothing of the project, and nothing includes them but tests and `compress`, which writes what they read. Nobody includes the
module's, and the module alone includes LibTorch. Test sources include GoogleTest themselves, which is precompiled for most of
them: nobody else would miss the line."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
text = (root / "cmake/ladder.cmake").read_text()
rows = re.search(r"set\(JETPINN_LADDER(.*?)\)", text, re.S).group(1)
row_of = {folder: row for row, line in enumerate(re.findall(r'"([^"]+)"', rows)) for folder in line.split()}
module = re.search(r"set\(JETPINN_MODULE_FOLDER (\w+)\)", text).group(1)
torch = re.compile(r"\s*#\s*include\s*<(ATen|c10|torch)/")
include = re.compile(r'^\s*#\s*include\s*[<"]jetpinn/([a-z_]+)/([^">]+)[">]')

wrong, files = [], 0
for top in ("include/jetpinn", "src"):
    for path in sorted((root / top).rglob("*.[ch]pp")):
        folder = path.relative_to(root / top).parts[0]
        files += 1
        own, lines = path.relative_to(root / top).with_suffix(".hpp"), path.read_text().splitlines()
        first = next((line for line in lines if re.match(r"\s*#\s*include\b", line)), "")
        if path.suffix == ".cpp" and (root / "include/jetpinn" / own).exists() and first != f'#include "jetpinn/{own}"':
            wrong.append(f"{path.relative_to(root)}: its own header is not the first that it includes")
        if path.suffix == ".hpp" and top == "include/jetpinn" and "#pragma once" not in lines:
            wrong.append(f"{path.relative_to(root)}: says no #pragma once")
        if folder != "edge" and folder not in row_of:
            wrong.append(f"{path.relative_to(root)}: folder '{folder}' is not in the ladder")
            continue
        for number, line in enumerate(lines, 1):
            match = include.match(line)
            if not match:
                if re.match(r'\s*#\s*include\s*"(?!jetpinn/)', line):
                    wrong.append(f"{path.relative_to(root)}:{number}: include by its full name, \"jetpinn/...\"")
                if torch.match(line) and folder != module:
                    wrong.append(f"{path.relative_to(root)}:{number}: only {module} includes LibTorch")
                continue
            target = match.group(1)
            if not (root / "include/jetpinn" / target / match.group(2)).exists():
                wrong.append(f"{path.relative_to(root)}:{number}: no such header: jetpinn/{target}/{match.group(2)}")
            elif "edge" in (folder, target):
                if folder != target and folder != "compress":
                    wrong.append(f"{path.relative_to(root)}:{number}: edge stands alone")
            elif target == module and folder != module:
                wrong.append(f"{path.relative_to(root)}:{number}: {module} is a module that is loaded, and included by nobody")
            elif row_of.get(target, 99) > row_of[folder]:
                wrong.append(f"{path.relative_to(root)}:{number}: {folder} includes {target}, which is below it")

for kind in ("unit", "mpi"):
    for path in sorted((root / "tests" / kind).rglob("*.cpp")):
        if "#include <gtest/gtest.h>\n" not in path.read_text():
            wrong.append(f"{path.relative_to(root)}: includes no <gtest/gtest.h>")

print("\n".join(wrong) if wrong else f"{files} files keep to the ladder")
sys.exit(1 if wrong else 0)
