"""Layers that are computed again in the reverse sweep: the same bits, less memory, and what `check` and summary.json say of it."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

DEEP = "network.hidden=[40,40,40,40,40,40,40,40]"
UNITS = {"KiB": 1024, "MiB": 1048576}


class Recompute(program.Case):
    def sets(self, *changes):
        return [word for change in (DEEP, "training.stages.0.steps=4", *changes) for word in ("--set", change)]

    def check(self, *changes, status=0):
        return self.run_program("check", "heat.toml", *self.sets(*changes), status=status).output

    def train(self, folder, *changes, ranks=1, options=()):
        self.run_program("train", "heat.toml", "--output", folder, *options, *self.sets(*changes), ranks=ranks)
        return self.summary(folder)

    def test_every_choice_trains_the_same_network(self):
        kept = self.train("runs/kept")
        self.assertIsNone(kept["recompute"])
        for choice in (2, 8):
            again = self.train(f"runs/{choice}", f"training.recompute={choice}")
            self.assertEqual(again["parameter_hash"], kept["parameter_hash"])
            self.assertEqual(again["loss"], kept["loss"])
            facts = again["recompute"]
            self.assertEqual(len(facts["segments"]), choice - 1)
            self.assertEqual(facts["hidden_layers"], 8)
            self.assertGreater(facts["more_work"], 0)
            self.assertLess(facts["more_work"], 1 / 3)
        on_device = [self.train(f"runs/device{choice}", f"training.recompute={choice}", options=["--device", "emulated"])
                     for choice in (1, 3)]
        self.assertEqual(on_device[0]["parameter_hash"], on_device[1]["parameter_hash"])

    def test_a_run_goes_on_with_another_choice_and_on_other_ranks(self):
        level, late = "training.reproducibility=ranks", "training.stages.0.steps=8"
        whole = self.train("runs/whole", level, late)
        self.train("runs/parts", level, "training.recompute=3")
        parts = self.train("runs/parts", level, late, "training.recompute=5", ranks=2)
        self.assertEqual(parts["steps"], 8)
        self.assertEqual(parts["parameter_hash"], whole["parameter_hash"])

    def planned(self, output):
        found = re.search(r"^memory +([0-9.]+) (\w+) on rank 0", output, re.M)
        return float(found[1]) * UNITS[found[2]]

    def test_a_limit_decides(self):
        kept, least = self.planned(self.check()), self.planned(self.check("training.recompute=3"))
        self.assertLess(least, kept)
        limit = f"run.memory_limit={int(0.5 * (kept + least))}"
        self.assertIn('(training.recompute = "auto" stays within it)', self.check(limit, status=2))
        output = self.check(limit, "training.recompute=auto")
        self.assertRegex(output, r"recompute  hidden layers? \d.* of 8 (is|are) computed again in the reverse sweep: channels take")
        self.assertLessEqual(self.planned(output), 0.51 * (kept + least))
        self.assertIn("nothing: the plan is within run.memory_limit", self.check("run.memory_limit=1 GiB", "training.recompute=auto"))
        self.assertIn("as little is kept as can be", self.check("run.memory_limit=200 KiB", "training.recompute=auto", status=2))

    def test_bad_input(self):
        for change, says in (("training.recompute=9", "this network has 8 hidden layers"),
                             ("training.recompute=0", "out of range"),
                             ("training.recompute=nome", "did you mean 'none'?"),
                             ("training.recompute=true", "must be one of none, auto, or a whole number")):
            self.assertIn(says, self.check(change, status=2))
        self.assertIn("training.recompute is of the jets engine",
                      self.check("training.recompute=2", "training.engine=reference", status=2))


if __name__ == "__main__":
    program.unittest.main()
