#!/usr/bin/env python3
"""What cmake --install puts beside the program: completion scripts that complete in real shells, and manual pages without a warning."""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import program as runner  # noqa: E402

build = pathlib.Path(sys.argv.pop(1)).resolve()
program = runner.program
folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-completion-"))
data = folder / "prefix/share"

# Words as typed, the last one to be completed; what must be offered, and what must not be.
CASES = [
    (["tr"], {"train"}, {"evaluate"}),
    (["train", "--res"], {"--resume"}, {"--resource", "--ranks"}),
    (["train", ""], {"here.toml"}, {"notes.txt"}),
    (["train", "here.toml", "--resume", ""], {"auto", "never"}, {"here.toml"}),
    (["check", "here.toml", "--device", "c"], {"cpu", "cuda"}, {"auto"}),
    (["train", "here.toml", "--set", "training.se"], {"training.seed="}, {"training.precision="}),
    (["train", "here.toml", "--set", "training.stages.0.opt"], {"training.stages.0.optimizer="}, set()),
    (["scale", "w"], {"weak"}, {"strong"}),
    (["scale", "weak", "h"], {"here.toml"}, {"weak"}),
    (["bench", "pre"], {"predict"}, set()),
    (["predict", "runs/h", "--points", "no"], {"notes.txt"}, set()),
    (["sweep", "here.toml", "--dry"], {"--dry-run"}, set()),
    (["completion", ""], {"bash", "zsh", "fish"}, set()),
]


def run(*command, **options):
    return subprocess.run([*map(str, command)], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **options)


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        done = run("cmake", "--install", build, "--prefix", folder / "prefix")
        assert done.returncode == 0, done.stdout
        cls.addClassCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        for name in ("here.toml", "notes.txt"):
            pathlib.Path(name).write_text("\n")
        for name in ("runs/heat", "other/deep", "empty"):
            pathlib.Path(name).mkdir(parents=True)
        pathlib.Path("runs/heat/config.toml").write_text("\n")

    def need(self, name):
        path = shutil.which(name)
        if not path:
            self.skipTest(f"{name} not found; tests/run --all installs the packages of tests/packages")
        return path

    def check(self, words, offered, wanted, unwanted):
        self.assertTrue(wanted <= offered, f"{words}: {wanted - offered} is not among {sorted(offered)}")
        self.assertFalse(unwanted & offered, f"{words}: {unwanted & offered} was offered")

    def bash(self, words, breaks=None):
        """What bash would offer: COMP_WORDS as readline makes it."""
        parts = [part for word in words for part in (re.split("(=)", word) if breaks is None and "=" in word else [word])]
        parts = [part for i, part in enumerate(parts) if part or i == len(parts) - 1]
        quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in ["jetpinn", *parts])
        script = f"""source '{data}/bash-completion/completions/jetpinn'
{'' if breaks is None else f"COMP_WORDBREAKS='{breaks}'"}
COMP_WORDS=({quoted}); COMP_CWORD={len(parts)}
_jetpinn jetpinn && printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = run("bash", "--norc", "-c", script)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}")
        return set(done.stdout.split())

    def test_bash(self):
        for words, wanted, unwanted in CASES:
            self.check(words, self.bash(words), wanted, unwanted)
        # "=" divides words, unless the user took it out of COMP_WORDBREAKS.
        self.check("--device=", self.bash(["check", "here.toml", "--device="]), {"auto", "cpu", "cuda"}, {"--device=cpu"})
        self.check("--device=c", self.bash(["check", "here.toml", "--device=c"], " "), {"--device=cpu", "--device=cuda"}, {"cpu"})
        self.check("key=", self.bash(["train", "here.toml", "--set", "network.activation="]), {"tanh", "sin"}, {"relu"})
        self.check("key=t", self.bash(["train", "here.toml", "--set", "network.activation=t"], " "), {"network.activation=tanh"}, {"tanh"})
        self.check("runs", self.bash(["evaluate", ""]), {"runs"}, {"empty", "here.toml"})
        self.check("runs/", self.bash(["evaluate", "runs/"]), {"runs/heat"}, set())
        self.check("options", self.bash(["evaluate", "runs/heat", "--"]), {"--set", "--file", "--help"}, {"--force"})

    def test_every_command_and_option(self):
        text = (data / "bash-completion/completions/jetpinn").read_text()
        commands = re.search(r'compgen -W "([a-z ]+)" -- "\$current"', text).group(1).split()
        self.assertIn("train", commands)

        def compare(command):
            options = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", run(program, command, "--help").stdout, re.M))
            self.assertTrue(options <= self.bash([command, "--"]), command)
            self.assertTrue((folder / f"prefix/share/man/man1/jetpinn-{command}.1").exists(), command)

        runner.side_by_side(compare, commands)

    def test_fish(self):
        fish = self.need("fish")

        def complete(case):
            words, wanted, unwanted = case
            line = "jetpinn " + " ".join(words)
            done = run(fish, "--no-config", "-c", f"source '{data}/fish/vendor_completions.d/jetpinn.fish'; complete -C '{line}'",
                       env={**os.environ, "HOME": str(folder)})
            self.check(words, {text.split("\t")[0].rstrip("/") for text in done.stdout.splitlines()}, wanted, unwanted)

        runner.side_by_side(complete, [*CASES, (["evaluate", "runs/h"], {"runs/heat"}, set()),
                                       (["train", "here.toml", "--set", "network.activation=s"], {"network.activation=sin"}, set())])

    def zsh(self, zsh, line):
        """What an interactive zsh shows behind a line and the tabulator key."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(HOME=str(folder), TERM="dumb", ZDOTDIR=str(folder), COLUMNS="200", LINES="100")
            os.execv(zsh, [zsh, "-f", "-i"])
        try:
            def read_until(mark, seconds=20):
                text, end = "", time.monotonic() + seconds
                while mark not in text and time.monotonic() < end:
                    if select.select([terminal], [], [], 0.1)[0]:
                        text += os.read(terminal, 65536).decode(errors="replace")
                self.assertIn(mark, text)
                return text
            os.write(terminal, f"unsetopt zle_bracketed_paste; PS1='> '; fpath=({data}/zsh/site-functions $fpath); autoload -U compinit && compinit -u -D; setopt nobeep; "
                               "stty cols 200 rows 100; zstyle ':completion:*' list-prompt ''; LISTMAX=1000; echo rea''dy\n".encode())
            read_until("ready\r\n")
            # Control-X a: lists and says when it has.
            os.write(terminal, b"done-listing() { zle -M \"\"; print -r -- 'listed''.' }; zle -N done-listing; bindkey '^Xa' list-choices; bindkey '^Xb' done-listing; echo re''ady2\n")
            read_until("ready2\r\n")
            os.write(terminal, line.encode() + b"\x18a\x18b")
            return read_until("listed.")
        finally:
            os.close(terminal)
            os.waitpid(child, 0)

    def test_zsh(self):
        zsh = self.need("zsh")
        done = run(zsh, "-f", "-n", data / "zsh/site-functions/_jetpinn")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        # One candidate is not listed: two begin each of these.
        for line, wanted in (("jetpinn ", ("train", "evaluate", "sweep")), ("jetpinn train --re", ("--resume",)), ("jetpinn train here.toml --resume ", ("auto", "never")),
                             ("jetpinn check here.toml --device=c", ("cpu", "cuda")), ("jetpinn train here.toml --set training.stages.0.b", ("beta1=", "beta2=")),
                             ("jetpinn train here.toml --set network.activation=s", ("silu", "sin", "softplus")), ("jetpinn scale ", ("strong", "weak"))):
            text = self.zsh(zsh, line)
            for word in wanted:
                self.assertIn(word, text, line)

    def test_manual_pages(self):
        pages = sorted((folder / "prefix/share/man/man1").iterdir())
        names = run(program, "manual", "--list").stdout.split()
        self.assertEqual({page.stem for page in pages}, set(names))
        linters = {"groff": ["groff", "-man", "-Tutf8", "-ww", "-z"], "mandoc": ["mandoc", "-T", "lint", "-W", "warning"]}
        found = [linter for name, linter in linters.items() if shutil.which(name)]
        if not found:
            self.skipTest("neither groff nor mandoc found; tests/run --all installs the packages of tests/packages")
        for page in pages:
            for linter in found:
                done = run(*linter, page)
                complaints = [line for line in done.stdout.splitlines() if "missing date" not in line]   # a page with a date would not be the same twice
                self.assertEqual(complaints, [], page.name)
        train = (folder / "prefix/share/man/man1/jetpinn-train.1").read_text()
        for text in ("\\-\\-max\\-time", "training.stages", "Default: auto"):
            self.assertIn(text, train)


if __name__ == "__main__":
    runner.main()
