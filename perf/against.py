"""For perf/figures: the program of another commit, built once under build/against, its runs in turn with those of this tree."""
import pathlib
import statistics
import subprocess

root = pathlib.Path(__file__).resolve().parents[1]

PAIRS = 7          # of runs of the two programs
ALLOWED = 0.02     # of a step's time: beyond it a row is slower


class Unusable(Exception):
    pass


def git(*arguments):
    return subprocess.run(["git", "-C", root, *arguments], text=True, capture_output=True)


def set_up(tree):
    """What went wrong with the build of a tree, by its own jobs/setup; None: nothing."""
    command = ["bash", "-c", 'source "$0/jobs/setup" && set_up jetpinn', str(tree)]
    done = subprocess.run(command, text=True, stderr=subprocess.PIPE)
    return None if done.returncode == 0 else done.stderr.strip() or f"status {done.returncode}"


def commit_of(revision):
    """Its whole hash. Throws Unusable."""
    found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode != 0:
        raise Unusable(f"--against {revision}: there is no such commit in {root}")
    return found.stdout.strip()


def work_tree(revision, commit):
    """The folder of a commit. Made at the first call, found again at later ones."""
    tree = root / "build/against" / commit
    if not (tree / ".git").exists():
        git("worktree", "prune")   # of one whose folder was removed
        made = git("worktree", "add", "--force", "--detach", str(tree), commit)
        if made.returncode != 0:
            raise Unusable(f"--against {revision}: {made.stderr.strip()}")
    return tree


def share_wheels(tree):
    """Both trees have one virtual environment where they ask for the same wheels; otherwise the other makes its own."""
    wheels = "jobs/requirements.txt"
    same = (tree / wheels).exists() and (tree / wheels).read_text() == (root / wheels).read_text()
    link = tree / ".venv"
    if same and (root / ".venv").exists() and not link.exists():
        link.symlink_to((root / ".venv").resolve())


def build(revision):
    """The program of a commit, and its name for a person; this tree's program is brought up to date too. Throws Unusable."""
    commit = commit_of(revision)
    name = git("log", "-1", "--format=%h %s", commit).stdout.strip()
    tree = work_tree(revision, commit)
    share_wheels(tree)
    for what, folder in ((f"--against {revision}: {name}", tree), ("this tree", root)):
        problem = set_up(folder)
        if problem:
            raise Unusable(f"{what} does not build: {problem}")
    return tree / "build/release/jetpinn", name


def scatter(ratios):
    middle = statistics.median(ratios)
    return statistics.median(abs(ratio - middle) for ratio in ratios)


def compare(measure, before, after):
    """measure(program): {row: seconds of a step}. Prints each row of the two programs; returns the rows that are slower."""
    pairs = [(measure(before), measure(after)) for _ in range(PAIRS)]
    slower = []
    for row in pairs[0][0]:
        times = [statistics.median(pair[side][row] for pair in pairs) for side in (0, 1)]
        ratios = [pair[1][row] / pair[0][row] for pair in pairs]
        ratio = statistics.median(ratios)
        if not ratio <= 1 + ALLOWED:
            slower.append(row)
        word = "MISSED" if row in slower else "reached"
        print(f"{row:24} before {1e3 * times[0]:8.3f} ms  after {1e3 * times[1]:8.3f} ms  ratio {ratio:.3f}  {word} "
              f"(median deviation of a pair {100 * scatter(ratios):.1f} %)", flush=True)
    return slower
