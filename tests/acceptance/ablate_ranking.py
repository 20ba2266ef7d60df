"""What sees more of the latents that the generator plants comes before what sees less, and near what it can reach at best."""
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

# Latents and who sees them (docs/ablate.md); the scatter of 128 layers takes a little of the first two.
SPECTRUM, SIZE, SMOOTHNESS = (2.3 / math.sqrt(1 + 9 / 128), 1.6 / math.sqrt(1 + 9 / 128), 0.9)
SEEN = {"singular_values": (SPECTRUM, SIZE), "stable_rank": (SPECTRUM,), "fourier": (SIZE, SMOOTHNESS), "norms": (SIZE,), "moments": (SIZE,)}
ORDER = (("singular_values",), ("stable_rank",), ("fourier",), ("norms", "moments"), ("alignment", "one_layer"))


def best_accuracy(signals):
    return (3 * 0.5 * math.erfc(-math.hypot(*signals) / 2 / math.sqrt(2)) - 1) / 2


class Ranking(program.Case):
    def test_the_planted_ranking(self):
        self.run_program("ablate", "1k", "--runs", "10", "--output", "study", ranks=2)
        found = {result["name"]: result["score"] for result in json.loads((self.folder / "study/ablate.json").read_text())["results"]}
        for above, below in zip(ORDER, ORDER[1:]):
            self.assertGreater(min(found[name]["mean"] for name in above), max(found[name]["mean"] for name in below), found)
        # A network that learns from 600 samples comes near what can be known, and not beyond: 1000 samples scatter by 0.016.
        for name, signals in SEEN.items():
            best = best_accuracy(signals)
            self.assertLess(found[name]["mean"], best + 0.05, name)
            self.assertGreater(found[name]["mean"], best - 0.12, name)


if __name__ == "__main__":
    program.main()
