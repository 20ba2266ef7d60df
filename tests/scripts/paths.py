#!/usr/bin/env python3
"""No file of the project names a folder of one machine, and none leaves work marked as undone or a conflict of versions."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
# Character classes keep this file from matching itself.
rules = {
    "a path of one machine": re.compile(r"(?<![\w.])/(w[o]rk|r[o]ot|h[o]me|U[s]ers)/|(?<![\w.])/t[m]p/[a-z]+/"),
    "work left undone": re.compile(r"\b(T[O]DO|F[I]XME|X[X]X)\b"),
    "a conflict of two versions": re.compile(r"^(<{7}|>{7}) "),
}
left_out = {".git", ".venv", "build", "runs", "__pycache__"}

try:
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True,
                             check=True)
    paths = [root / line for line in listing.stdout.splitlines()]
except (OSError, subprocess.CalledProcessError):  # an unpacked archive
    paths = [p for p in root.rglob("*") if not left_out & set(p.relative_to(root).parts)]

wrong = []
for path in sorted(paths):
    if not path.is_file() or path.suffix == ".h5":
        continue
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        for what, rule in rules.items():
            if rule.search(line):
                wrong.append(f"{path.relative_to(root)}:{number}: {what}: {line.strip()[:100]}")
print("\n".join(wrong) if wrong else f"{len(paths)} files are clean")
sys.exit(1 if wrong else 0)
