#!/usr/bin/env python3
"""Executes the commands that a page of documentation shows.

In README.md, every line of a ```sh block is run and must succeed; a training is shortened to a few steps, and `tests/run`
only lists its tests. In any page, a ```console block holds lines `$ command`, each followed by lines that its output must
contain in this order (`...` stands for anything) and, where it is not 0, by `[status N]`. A line `[or status N: words]` allows
another end on machines that lack something, which the words of the message say.
Commands run in a scratch folder that links to the source tree, so run folders never land in it.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

root = pathlib.Path(sys.argv[1]).resolve()
page = root / sys.argv[2]


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(), re.S | re.M)


def shortened(command):
    words = shlex.split(command, comments=True)
    while words and re.match(r"\w+=", words[0]):  # what is set for this command alone
        words.pop(0)
    if words and words[0].endswith("tests/run"):
        return command.split("#")[0] + " -N"
    config = next((w for w in words if w.endswith(".toml")), None)
    subjects = [w for w in words[1:] if not w.startswith("-") and not w.isdigit()]
    trains = words and words[0].endswith("jobs/local") and subjects[:1] in (["train"], [config])
    if not trains or not config or not (root / config).exists():
        return command
    stages = tomllib.loads((root / config).read_text())["training"]["stages"]
    return command.split("#")[0] + "".join(f" --set training.stages.{i}.steps=3" for i in range(len(stages)))


def run(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=250)
    return done.returncode, done.stdout


def check(command, status, expected, lacking, folder):
    """A sentence about what went otherwise than the page says, or None."""
    actual, output = run(shortened(command), folder)
    if lacking and actual == int(lacking.group(1)) and lacking.group(2) in output:
        return None
    if actual != status:
        return f"status {actual} instead of {status}\n{output[-2000:]}"
    position = 0
    for line in expected:
        found = output.find(line.strip(), position)
        if found < 0:
            return f"this is not in the output: {line.strip()}\n{output[-2000:]}"
        position = found + len(line.strip())
    return None


cases = []
if page.name == "README.md":
    for block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                cases.append((line.strip(), 0, [], None))
for block in blocks("console"):
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *rest = part.replace("\\\n", " ").splitlines()
        status = next((int(m.group(1)) for m in map(re.compile(r"\[status (\d+)\]").fullmatch, rest) if m), 0)
        lacking = next(filter(None, map(re.compile(r"\[or status (\d+): (.*)\]").fullmatch, rest)), None)
        expected = [r for r in rest if r.strip() and r.strip() != "..." and not re.match(r"\[(or )?status ", r)]
        cases.append((command, status, expected, lacking))

with tempfile.TemporaryDirectory() as folder:
    for name in ("jobs", "configs", "docs", "tests", "perf", "build", "include", ".venv"):
        (pathlib.Path(folder) / name).symlink_to(root / name)
    failures = 0
    for command, *promised in cases:
        trouble = check(command, *promised, folder)
        print(f"{'ok' if trouble is None else 'FAILED'}: {command}", flush=True)
        if trouble:
            failures += 1
            print(trouble)
print(f"{len(cases)} commands of {sys.argv[2]}, {failures} failed")
sys.exit(1 if failures else 0)
