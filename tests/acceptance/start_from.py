"""training.start_from: a training that begins with the network of another run, and what is said where settings of a run were changed."""
import re
import shlex
import shutil
import sys
import pathlib

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

NONE = ("--quiet", "--set", "training.stages.0.steps=0")   # the network is left as it began


class StartFrom(program.Case):
    def setUp(self):
        super().setUp()
        self.run_program("train", "heat.toml", "--quiet")
        self.hash = self.summary("runs/heat")["parameter_hash"]

    def test_begins_with_the_parameters(self):
        for ranks, output in ((1, "one"), (2, "two")):
            self.run_program("train", "heat.toml", *NONE, "--output", output, "--set", "training.start_from=runs/heat/", ranks=ranks)
            self.assertEqual(self.summary(output)["parameter_hash"], self.hash)
        output = self.run_program("train", "heat.toml", "--output", "on", "--set", "training.start_from=runs/heat").output
        self.assertIn(f"begins with the network of {self.folder}/runs/heat", output)
        self.assertLess(self.summary("on")["loss"], self.summary("runs/heat")["loss"])
        self.assertIn(f'start_from = "{self.folder}/runs/heat"', (self.folder / "on/config.toml").read_text())

    def test_is_relative_to_the_config(self):
        (self.folder / "deep").mkdir()
        self.write("deep/next.toml", program.HEAT.replace("seed = 3", 'seed = 4\nstart_from = "../runs/heat"'))
        self.run_program("train", "deep/next.toml", *NONE, "--output", "next")
        self.assertEqual(self.summary("next")["parameter_hash"], self.hash)

    def test_is_not_read_again(self):
        self.run_program("train", "heat.toml", "--quiet", "--output", "on", "--set", "training.start_from=runs/heat")
        first = self.summary("on")["parameter_hash"]
        shutil.rmtree(self.folder / "runs")
        self.assertIn("is complete", self.run_program("train", "heat.toml", "--output", "on", "--set", "training.start_from=runs/heat").output)
        self.run_program("train", "heat.toml", "--quiet", "--output", "on", "--set", "training.start_from=runs/heat", "--set", "training.stages.0.steps=25")
        self.assertEqual(self.summary("on")["steps"], 25)
        self.assertNotEqual(self.summary("on")["parameter_hash"], first)

    def test_its_own_folder_renamed_away(self):
        self.run_program("train", "heat.toml", *NONE, "--force", "--set", "training.start_from=runs/heat")
        self.assertEqual(self.summary("runs/heat")["parameter_hash"], self.hash)

    def test_the_audit_judges_the_network_that_it_begins_with(self):
        hot = program.HEAT.replace('"u - sin(pi*x)"', '"u - 300"').replace('residual = "u"', 'residual = "u - 300"')
        self.write("hot.toml", hot.replace('"exp(-kappa*pi^2*t)*sin(pi*x)"', '"300"'))
        self.assertIn("the reference of u lies in [300, 300]", self.run_program("check", "hot.toml").output)
        shutil.copytree(self.folder / "runs/heat", self.folder / "runs/warm")
        with h5py.File(self.folder / "runs/warm/network.h5", "r+") as file:
            file["parameters"][-1] = 300   # the last bias: what was learned is about 300
        warm = ("hot.toml", "--set", "training.start_from=runs/warm")
        for ranks in (1, 2):
            for command in (["check", *warm], ["train", *warm, "--output", f"hot-{ranks}"]):
                self.assertNotIn("warning", self.run_program(*command, ranks=ranks).output)
        self.assertIn("the reference of u lies in", self.run_program("check", "hot.toml", "--set", "training.start_from=runs/heat").output)
        # Where a run goes on, what it began with may be gone.
        shutil.rmtree(self.folder / "runs/warm")
        self.assertNotIn("warning", self.run_program("train", *warm, "--output", "hot-1", "--set", "training.stages.0.steps=25").output)

    def test_refused(self):
        (self.folder / "runs/unfinished").mkdir()
        shutil.copy(self.folder / "runs/heat/config.toml", self.folder / "runs/unfinished")
        cases = [
            (("runs/heta",), "did you mean"),
            (("runs",), "it is no run folder"),
            (("runs/unfinished",), "it holds no network.h5"),
            (("runs/heat", "network.hidden=[16, 8]"), "network.hidden is [16, 16] there and [16, 8] here"),
            (("runs/heat", "network.activation=sin", "network.hidden=[8]"), "network.activation is tanh there and sin here"),
        ]
        ways = [("train", 1), ("check", 1), ("train", 2), ("check", 2), ("train", 1)]

        def refuse(item):
            ((other, *sets), words), (command, ranks) = item
            options = [word for assignment in sets for word in ("--set", assignment)]
            result = self.run_program(command, "heat.toml", "--output", "on", "--set", f"training.start_from={other}", *options, ranks=ranks, status=2)
            self.assertIn(words, result.output)
            self.assertEqual(result.output.count("jetpinn: "), 1, result.output)

        program.side_by_side(refuse, list(zip(cases, ways)))
        self.assertFalse((self.folder / "on").exists())

    def test_a_changed_rate_is_told_what_works(self):
        changed = ("train", "heat.toml", "--quiet", "--set", "training.stages.0.learning_rate.start=1e-4")
        output = self.run_program(*changed, status=2).output
        self.assertIn("belong into a stage behind", output)
        offered = shlex.split(re.search(r"begins with its network by (--set \S+)", output).group(1))
        self.run_program(*changed, *offered, "--set", "training.stages.0.steps=0", "--output", "next")
        self.assertEqual(self.summary("next")["parameter_hash"], self.hash)
        # A stage behind goes on.
        self.run_program("train", "heat.toml", "--quiet", "--set", "training.stages.1={ steps = 5, learning_rate = 1e-4 }")
        self.assertEqual(self.summary("runs/heat")["steps"], 25)
        # Of another network nothing of the old one is of use.
        self.assertNotIn("start_from", self.run_program("train", "heat.toml", "--set", "network.hidden=[8]", status=2).output)


if __name__ == "__main__":
    program.main()
