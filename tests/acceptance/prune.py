"""prune: a trained network loses neurons in rounds of fine-tuning, and what comes out is an ordinary run folder."""
import json
import pathlib
import shutil
import sys
import tomllib

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

QUICK = ("--rounds", "2", "--steps", "15", "--allowed-loss", "1000")
RANKS = ("--set", "training.reproducibility=ranks")


class Prune(program.Case):
    def setUp(self):
        super().setUp()
        self.run_program("train", "heat.toml", "--quiet", *RANKS)

    def report(self, folder):
        return json.loads((self.folder / folder / "pruning.json").read_text())

    def hidden(self, folder):
        return tomllib.loads((self.folder / folder / "config.toml").read_text())["network"]["hidden"]

    def test_a_smaller_network_is_an_ordinary_run(self):
        output = self.run_program("prune", "runs/heat", "--target", "0.5", *QUICK, "--output", "small").output
        report = self.report("small")
        self.assertEqual(report["status"], "completed")
        self.assertEqual(report["before"]["parameters"], 337)
        self.assertAlmostEqual(report["reduction"], 0.5, delta=0.03)
        self.assertEqual([round["accepted"] for round in report["rounds"]], [True, True])
        self.assertEqual([times["points"] for times in report["times"]], [1, 32, 1242, 100000])
        self.assertGreater(report["rounds"][0]["parameters"], report["rounds"][1]["parameters"])
        self.assertIn("advice: ", output)
        for picture in ("architecture.svg", "error.svg"):
            self.assertIn("<svg", (self.folder / "small" / picture).read_text())
        hidden = self.hidden("small")
        self.assertEqual([hidden], report["after"]["hidden"])
        a, b = hidden
        with h5py.File(self.folder / "small/network.h5") as file:
            self.assertEqual(len(file["parameters"]), 3 * a + (a + 1) * b + b + 1)
        # What the report says of it is what the commands say.
        evaluated = self.run_program("evaluate", "small").output
        self.assertIn(f"{report['after']['error']['u']['rel_l2']:.4e}", evaluated)
        told = {field: {name: value for name, value in error.items() if name != "r2"}
                for field, error in report["after"]["error"].items()}
        self.assertEqual(told, self.summary("small")["error"])
        self.assertIn(f"R2 {report['after']['error']['u']['r2']:.6f}", evaluated)
        # How well statements are met, before and after, is what `evaluate --physics --against` says.
        self.run_program("evaluate", "small", "--physics", "--against", "runs/heat", "--allowed", "1e6")
        physics = json.loads((self.folder / "small/evaluation.json").read_text())["physics"]
        self.assertEqual({name: one["change"] for name, one in physics.items()},
                         {name: one["change"] for name, one in report["physics"].items()})
        for name, one in physics.items():
            self.assertEqual(one["mean"], report["physics"][name]["after"]["mean"])
            self.assertEqual(one["before"]["mean"], report["physics"][name]["before"]["mean"])
            row = next(line for line in output.splitlines() if line.startswith(name + " "))
            self.assertTrue(row.endswith(f"({100 * one['change']:+.3g} %)"), row)
        self.run_program("predict", "small", "--grid", "t=0:1:3,x=0:1:3")
        self.run_program("report", "small")
        # It is there, and goes on as a run does, wherever it is moved.
        again = ("prune", "runs/heat", "--target", "0.5", *QUICK, "--output", "small")
        self.assertIn("this pruning is complete", self.run_program(*again).output)
        shutil.move(self.folder / "small", self.folder / "moved")
        self.assertIn("is complete", self.run_program("train", "moved/config.toml", "--output", "moved").output)
        self.run_program("train", "moved/config.toml", "--output", "moved", "--quiet", "--set", "training.stages.0.steps=25")
        self.assertEqual(self.summary("moved")["steps"], 25)
        # And is pruned again.
        self.run_program("prune", "moved", "--target", "0.4", *QUICK, "--output", "smaller", "--quiet")
        self.assertLess(self.report("smaller")["after"]["parameters"], report["after"]["parameters"])

    def test_the_same_on_any_number_of_ranks(self):
        for score in ("taylor", "residual", "activation"):
            hashes = set()
            for ranks in (1, 3) if score == "taylor" else (1, 2):
                folder = f"{score}-{ranks}"
                self.run_program("prune", "runs/heat", "--target", "0.6", *QUICK, "--score", score, "--global", "--quiet",
                                 "--output", folder, ranks=ranks)
                hashes.add((self.summary(folder)["parameter_hash"], str(self.hidden(folder))))
            self.assertEqual(len(hashes), 1, hashes)

    def test_stopped_it_goes_on_with_the_same_bits(self):
        options = ("prune", "runs/heat", "--target", "0.5", "--rounds", "2", "--steps", "500", "--allowed-loss", "1000",
                   "--set", "output.log_every_steps=20", "--quiet", "--output")
        process = self.start(*options, "stopped")
        self.wait_for_steps("stopped/rounds/2")
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)
        self.assertEqual(self.report("stopped")["status"], "stopped")
        self.assertFalse((self.folder / "stopped/config.toml").exists())
        self.run_program(*options, "stopped")
        self.run_program(*options, "whole")
        self.assertEqual(self.summary("stopped")["parameter_hash"], self.summary("whole")["parameter_hash"])
        self.assertEqual(self.report("stopped")["rounds"][0], self.report("whole")["rounds"][0])

    def test_a_round_that_loses_too_much_is_rolled_back(self):
        output = self.run_program("prune", "runs/heat", "--target", "0.85", "--rounds", "2", "--steps", "1", "--allowed-loss",
                                  "1", "--score", "magnitude", "--no-fold", "--output", "back").output
        report = self.report("back")
        self.assertEqual([round["accepted"] for round in report["rounds"]], [False, False])
        self.assertIn("rolled back, the next round removes half as much", output)
        self.assertGreater(report["rounds"][1]["parameters"], report["rounds"][0]["parameters"])
        self.assertEqual(report["after"]["parameters"], 337)
        self.assertEqual(self.hidden("back"), [16, 16])
        self.assertEqual(self.summary("back")["parameter_hash"], self.summary("runs/heat")["parameter_hash"])
        self.assertIn("nothing went", report["advice"])
        self.run_program("evaluate", "back")

    def test_no_layer_of_three_vanishes_at_a_high_target(self):
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/three", "--set", "network.hidden=[20, 18, 16]")
        for how in ("--uniform", "--global"):
            self.run_program("prune", "runs/three", "--target", "0.98", how, "--limit", "0.99", "--min-width", "1", "--rounds",
                             "2", "--steps", "2", "--allowed-loss", "1e9", "--quiet", "--output", f"few{how}")
            hidden = self.hidden(f"few{how}")
            self.assertTrue(len(hidden) == 3 and min(hidden) >= 1 and max(hidden) <= 3, hidden)
            self.assertGreater(self.report(f"few{how}")["reduction"], 0.97)
            self.run_program("evaluate", f"few{how}", "--quiet")
        self.assertIn("is out of reach", self.run_program("prune", "runs/three", "--target", "0.99", "--limit", "0.99",
                                                          "--min-width", "1", status=2).output)

    def test_another_request_is_named(self):
        prune = ("prune", "runs/heat", "--rounds", "1", "--steps", "2", "--allowed-loss", "1e6", "--quiet", "--output", "small")
        self.run_program(*prune, "--target", "0.5")
        self.assertIn("holds another pruning (--min-width: 4 -> 3, --target: 0.5 -> 0.4)",
                      self.run_program(*prune, "--target", "0.4", "--min-width", "3", status=2).output)

    def test_what_lies_in_the_folder_stays(self):
        quick = ("--target", "0.5", "--rounds", "1", "--steps", "2", "--allowed-loss", "1e6", "--quiet")
        files = {"points/mine.csv": "1, 2", "start/notes.txt": "of mine", "summary.json": "{}"}
        for path, text in files.items():
            place = self.folder / "mine" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

        def are_there(folder):
            found = {str(path.relative_to(self.folder / folder)): path.read_text()
                     for path in (self.folder / folder).rglob("*") if path.is_file()}
            self.assertEqual(found, files)

        prune = ("prune", "runs/heat", *quick, "--output", "mine")
        for ranks in (1, 2):
            self.assertIn("holds something that no pruning has written", self.run_program(*prune, status=2, ranks=ranks).output)
        are_there("mine")
        self.run_program(*prune, "--force")
        are_there("mine.old-1")
        self.run_program("evaluate", "mine", "--quiet")
        self.assertFalse((self.folder / "mine/rounds/copies").exists())
        # The same on another device would be another pruning, and so is that of another config.
        self.assertIn('holds another pruning (--device: "cpu" -> "emulated")',
                      self.run_program(*prune, "--device", "emulated", status=2).output)
        config = self.folder / "runs/heat/config.toml"
        text = config.read_text()
        config.write_text(text.replace("kappa = 0.1", "kappa = 0.2"))
        self.assertIn("holds another pruning (config of the run: ", self.run_program(*prune, status=2).output)
        config.write_text(text)
        self.run_program(*prune)
        (self.folder / "mine/network.h5").unlink()
        self.assertIn("was complete, and its network.h5 is not there any more; put it back",
                      self.run_program(*prune, status=2).output)
        # Of a run that is called by no name of its own.
        self.run_program("prune", ".", *quick, cwd=self.folder / "runs/heat")
        self.assertTrue((self.folder / "runs/heat-pruned/network.h5").exists())

    def test_every_kind_of_network(self):
        kinds = {"residual": [], "modified_mlp": ["network.slope=trainable"], "piratenet": ["network.factorized={mean=0.5}"],
                 "mlp": ["network.fourier={features=8}", "network.periodic=[\"x\"]"]}

        def prune(item):
            kind, sets = item
            words = [word for text in [f"network.kind={kind}", *sets] for word in ("--set", text)]
            self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{kind}", *words)
            self.run_program("prune", f"runs/{kind}", "--target", "0.5", "--rounds", "1", "--steps", "5", "--allowed-loss",
                             "1e6", "--quiet", "--output", kind)
            self.assertAlmostEqual(self.report(kind)["reduction"], 0.5, delta=0.06, msg=kind)
            self.run_program("evaluate", kind)

        program.side_by_side(prune, list(kinds.items()), at_once=2)

    def test_several_networks_and_batches(self):
        text = (self.folder / "heat.toml").read_text()
        several = text.replace('fields = ["u"]', 'fields = ["u", "q"]').replace('"u_t - kappa*u_xx"', '["u_t + q_x", "q + kappa*u_x"]')
        several = several.replace("[network]\nhidden = [16, 16]", '[[networks]]\nfields = ["u"]\nhidden = [16, 12]\n'
                                  '[[networks]]\nfields = ["q"]\nkind = "residual"\nhidden = [10, 10]')
        self.write("several.toml", several.replace('method = "sobol"', 'method = "sobol"\nbatch = { heat = 300 }'))
        self.run_program("train", "several.toml", "--quiet", "--output", "runs/several")
        self.run_program("prune", "runs/several", "--target", "0.5", "--rounds", "1", "--epochs", "3", "--allowed-loss", "1e6",
                         "--quiet", "--output", "fewer")
        self.assertEqual(self.summary("fewer")["steps"], 9)   # six blocks in three batches, three times
        networks = tomllib.loads((self.folder / "fewer/config.toml").read_text())["networks"]
        self.assertEqual([network["hidden"] for network in networks], self.report("fewer")["after"]["hidden"])
        self.assertEqual(len(set(networks[1]["hidden"])), 1)

    def test_refused(self):
        shutil.copytree(self.folder / "runs/heat", self.folder / "runs/bare")
        (self.folder / "runs/bare/network.h5").unlink()
        shutil.rmtree(self.folder / "runs/bare/checkpoints")
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/windows", "--set", "training.windows.count=2",
                         "--set", "training.stages.0.steps=2")
        before = sorted(path.name for path in (self.folder / "runs/heat").iterdir())
        (self.folder / "link").symlink_to("runs/heat")
        (self.folder / "all").symlink_to("runs")
        cases = [
            (["--target", "0.95"], "--target 0.95 is out of reach: with --limit 0.9 and --min-width 4"),
            (["--target", "0"], "--target is 0"),
            (["--target", "-1"], "--target"),
            (["--target", "1"], "--target is 1"),
            (["--target", "half"], "--target"),
            ([], "--target is required"),
            (["--target", "0.5", "--limit", "1"], "would vanish"),
            (["--target", "0.5", "--min-width", "0"], "would vanish"),
            (["--target", "0.5", "--score", "tailor"], "did you mean 'taylor'?"),
            (["--target", "0.5", "--schedule", "cubid"], "did you mean 'cubic'?"),
            (["--target", "0.5", "--optimizer", "adan"], "did you mean 'adam'?"),
            (["--target", "0.5", "--allowed-loss", "0.1"], "--allowed-loss is 0.1"),
            (["--target", "0.5", "--steps", "2", "--epochs", "2"], "excludes"),
            *((["--target", "0.5", *force, "--output", output], words)
              for output, words in {"runs/heat": "is the run that is pruned", "runs/windows/../heat/": "is the run that is pruned",
                                    "link": "is the run that is pruned", "runs/heat/small": "lies in runs/heat",
                                    "link/new/small": "lies in runs/heat", "runs": "holds runs/heat", ".": "holds runs/heat",
                                    "all": "holds runs/heat"}.items() for force in ([], ["--force"])),
            (["--target", "0.5", "--set", "training.stages=[]"], "'training.stages' is empty; write [[training.stages]]"),
            (["--target", "0.5", "--output", "runs/windows"], "holds another run"),
            (["--target", "0.5", "--output", "heat.toml"], "is not a folder"),
        ]

        def refuse(item):
            ranks, (options, words) = item
            result = self.run_program("prune", "runs/heat", *options, ranks=ranks, status=2)
            self.assertIn(words, result.output)
            self.assertEqual(result.output.count("jetpinn: "), 1, result.output)

        program.side_by_side(refuse, [(1 + k % 4 // 3, case) for k, case in enumerate(cases)])
        for run, words in (("runs/bare", "after step 0; put its network.h5 back, or train it again with --force"), ("runs/windows", "runs/windows/windows/0"),
                           ("runs/heta", "did you mean"), ("heat.toml", "is a file")):
            self.assertIn(words, self.run_program("prune", run, "--target", "0.5", status=2).output)
        self.assertIn("sparsify the run folder of a window, as in runs/windows/windows/0", self.run_program("sparsify", "runs/windows", status=2, ranks=2).output)
        self.assertEqual(sorted(path.name for path in (self.folder / "runs").iterdir()), ["bare", "heat", "windows"])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["all", "heat.toml", "link", "runs"])
        self.assertEqual(sorted(path.name for path in (self.folder / "runs/heat").iterdir()), before)
        self.run_program("prune", "runs/windows/windows/0", "--target", "0.5", "--rounds", "1", "--steps", "2",
                         "--allowed-loss", "1e6", "--quiet", "--output", "window")


if __name__ == "__main__":
    program.main()
