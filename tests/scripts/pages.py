#!/usr/bin/env python3
"""README and the pages of docs/ lead somewhere: links and their headings exist, every page is linked from README, a page that a source
names is there, and an option that a page gives to a command is one of that command."""
import functools
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1]).resolve()
program = os.environ.get("JETPINN_PROGRAM", str(root / "build/release/jetpinn"))
pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
texts = {page: page.read_text() for page in pages}


def anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    found = set()
    for heading in re.findall(r"^#+ (.*)", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        numbered = (name + (f"-{k}" if k else "") for k in range(100))
        found.add(next(candidate for candidate in numbered if candidate not in found))
    return found


def links(page):
    """Links that lead nowhere."""
    for link in re.findall(r"\]\(([^)\s]+)\)", texts[page]):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            yield f"{link}: no such file"
        elif heading and heading not in anchors(target.read_text()):
            yield f"{link}: no such heading"


@functools.cache
def options_of(command):
    shown = subprocess.run([program, command, "--help"], text=True, stdout=subprocess.PIPE, check=True)
    return set(re.findall(r"--[a-z][\w-]*", shown.stdout))


def options(page, commands):
    """Options that the command in front of them does not have."""
    call = rf"(?:\bjetpinn|jobs/local[^`\n]*? --) ({commands})\b([^`\n|;&]*)"
    for command, words in re.findall(call, texts[page].replace("\\\n", " ")):
        words = re.sub(r"--(sbatch|set)[= ]\S+", "", words.split("#")[0])
        for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", words):
            if option not in options_of(command):
                yield f"jetpinn {command} has no {option}"


listed = subprocess.run([program, "--help"], text=True, stdout=subprocess.PIPE, check=True).stdout
commands = "|".join(re.findall(r"^  ([a-z]+)  ", listed, re.M))
wrong = [] if commands else ["jetpinn --help lists no command"]
for page in pages:
    wrong += [f"{page.relative_to(root)}: {trouble}" for trouble in (*links(page), *options(page, commands))]
    if page.parent.name == "docs" and f"](docs/{page.name}" not in texts[pages[0]]:
        wrong.append(f"README.md has no link to docs/{page.name}")
for folder in ("src", "include", "cmake", "tests", "jobs", "perf", "configs"):
    for path in sorted((root / folder).rglob("*")):
        if path.is_file() and path.suffix in {"", ".cpp", ".hpp", ".cu", ".cmake", ".txt", ".py", ".toml", ".sbatch", ".sh"}:
            for name in re.findall(r"\bdocs/[\w-]+\.(?:md|py|cpp)\b", path.read_text(errors="replace")):
                if not (root / name).exists():
                    wrong.append(f"{path.relative_to(root)}: {name}: no such file")
print("\n".join(wrong) if wrong else f"{len(pages)} pages lead where they say")
sys.exit(1 if wrong else 0)
