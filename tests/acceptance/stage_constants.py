"""Constants with other values in some stages: a stage trains what a run with these values trains, and a run goes on exactly."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

OTHER = "training.stages.0.constants.kappa=0.5"
SECOND = "training.stages.1={{ optimizer = '{}', steps = {} }}"


class StageConstants(program.Case):
    def train(self, folder, *sets, ranks=1, config="heat.toml"):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("train", config, "--output", folder, *options, ranks=ranks).output

    def hash_of(self, folder):
        return self.summary(folder)["parameter_hash"]

    def test_a_stage_trains_what_a_run_with_its_constants_trains(self):
        self.train("runs/base")
        output = self.train("runs/stage", OTHER)
        self.assertIn("in this stage kappa = 0.5", output)
        self.train("runs/run", "problem.constants.kappa=0.5")
        self.assertEqual(self.hash_of("runs/stage"), self.hash_of("runs/run"))
        self.assertEqual(self.summary("runs/stage")["loss"], self.summary("runs/run")["loss"])
        self.assertNotEqual(self.hash_of("runs/stage"), self.hash_of("runs/base"))

    def test_a_curriculum_ends_in_the_problem(self):
        """The loss of the first stage is lower by far: its network is not kept, and nothing is called a setback."""
        second = [SECOND.format("adam", 20), "output.log_every_steps=1"]
        easy = "training.stages.0.constants.kappa=0"
        output = self.train("runs/curriculum", "problem.constants.kappa=50", easy, *second)
        self.assertIn("in this stage kappa = 0", output)
        self.assertIn("in this stage all constants have the values of the problem", output)
        self.assertNotIn("ended at loss", output)
        summary = self.summary("runs/curriculum")
        self.assertGreaterEqual(summary["kept_step"], 20)
        self.assertEqual(summary["loss"] > summary["stages"][0]["loss"], True)

    def test_going_on_keeps_the_bits(self):
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                whole, parts = f"runs/whole-{ranks}", f"runs/parts-{ranks}"
                level = ["training.reproducibility=ranks", "problem.constants.mu=1", "training.stages.0.optimizer=adam",
                         "monitors.0={ name = 'flux', on = 'x == 0', integral = 'kappa*u_x' }"]
                last = "training.stages.1={{ optimizer = 'lbfgs', steps = {}, constants = {{ kappa = 0.3 }} }}"
                self.train(parts, OTHER, *level)
                for steps in (3, 8):
                    self.train(parts, OTHER, *level, last.format(steps), ranks=ranks)
                self.train(whole, OTHER, *level, last.format(8))
                self.assertEqual(self.hash_of(parts), self.hash_of(whole))
                self.assertEqual(self.summary(parts)["monitors"], self.summary(whole)["monitors"])

    def test_other_constants_are_another_run(self):
        self.train("runs/heat", OTHER)
        output = self.run_program("train", "heat.toml", "--output", "runs/heat", "--set", OTHER.replace("0.5", "0.4"), status=2).output
        self.assertIn("training.stages.0.constants.kappa: 0.5 -> 0.4", output)

    def test_bad_input(self):
        for change, says in (("training.stages.0.constants.kapa=1", "did you mean 'kappa'?"),
                             ("training.stages.0.constants.kappa=u", "u"),
                             ("problem.conditions.0.weight=1 + kappa", "a weight is the same in all stages")):
            output = self.run_program("check", "heat.toml", "--set", OTHER, "--set", change, status=2).output
            self.assertIn(says, output)
        output = self.run_program("check", "heat.toml", "--set", OTHER).output
        self.assertIn("learning rate constant 0.001, kappa = 0.5", output)


if __name__ == "__main__":
    program.main()
