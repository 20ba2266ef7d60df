"""Weights that follow the training: the same bits on any number of ranks, also after a stop; logged beside unweighted terms; and
errors of the loss that the config means."""
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

CAUSAL = ["problem.equations.0.causal={ coordinate = 't', chunks = 8, tolerances = [0.001, 1] }"]
METHODS = {"gradnorm": ["training.balance.every=3"],
           "ntk": ["training.balance.every=3", "training.balance.points=256"],
           "relobralo": ["training.balance.momentum=0.9"],
           "self_adaptive": [],
           "rba": ["training.balance.every=2"]}
# Batches of one optimiser, then searches that begin anew.
STAGES = ["sampling.points.heat=700", "sampling.batch.heat=256", "training.stages.0.optimizer=adam",
          "training.stages.1={ optimizer = 'lbfgs', steps = 6 }", "training.reproducibility=ranks", "output.log_every_steps=1"]


def sets_of(method):
    return [f"training.balance.method={method}", "training.balance.search_every=2", *METHODS[method], *CAUSAL, *STAGES]


class Balance(program.MethodsCase):
    methods, plain = METHODS, STAGES

    def sets_of(self, method):
        return sets_of(method)

    def look_at_ranks(self, method):
        weights = [[line["weights"] for line in self.lines(f"runs/{method}-{ranks}")] for ranks in (1, 4)]
        self.assertEqual(*weights)

    def lines(self, folder):
        return [json.loads(line) for line in (self.folder / folder / "metrics.jsonl").read_text().splitlines()]

    def test_metrics_tell_weights_and_the_loss_of_the_config(self):
        self.train("runs/gradnorm", ["training.balance={ method = 'gradnorm', every = 5, momentum = 0 }", "training.stages.0.optimizer=adam",
                                     "problem.conditions.0.weight=7", "output.log_every_steps=1"])
        lines = self.lines("runs/gradnorm")
        names = list(lines[0]["terms"])
        own = dict.fromkeys(names, 1.0)
        own[names[1]] = 7
        self.assertGreater(len({line["weights"][names[1]] for line in lines}), 1, "they follow the training")
        for line in lines[:-1]:
            self.assertEqual(list(line["weights"]), names)
            balanced = sum(line["weights"][n] * own[n] * line["terms"][n] for n in names)
            config = sum(own[n] * line["terms"][n] for n in names)
            self.assertLess(abs(line["loss_balanced"] / balanced - 1), 1e-12)
            self.assertLess(abs(line["loss"] / config - 1), 1e-12)
            share = line["weights"][names[0]] * line["terms"][names[0]] / balanced
            self.assertLess(abs(line["shares"][names[0]] - share), 1e-12)
        summary = self.summary("runs/gradnorm")
        self.assertLess(abs(summary["loss"] / sum(own[n] * summary["terms"][n] for n in names) - 1), 1e-12)

    def test_a_term_of_next_to_no_weight_still_has_its_loss(self):
        self.train("runs/hard", ["training.balance={ method = 'relobralo', momentum = 0.0, temperature = 1e-3 }",
                                 "training.reproducibility=ranks", "output.log_every_steps=1"])
        lines = self.lines("runs/hard")
        self.assertLess(min(min(line["weights"].values()) for line in lines), 1e-15)
        for line in lines[:-1]:
            self.assertLess(abs(line["loss"] / sum(line["terms"].values()) - 1), 1e-6)

    def test_a_lone_search_leaves_its_best_network(self):
        # It lowers the weighted loss, and that of the config rises where the weights change.
        self.train("runs/search", ["problem.equations.0.causal={ coordinate = 't', tolerance = 100, search_every = 5 }",
                                   "training.stages.0={ optimizer = 'lbfgs', steps = 60 }", "output.log_every_steps=1"])
        losses = [line["loss"] for line in self.lines("runs/search")]
        self.assertGreater(losses[-1], 1.01 * min(losses), "this case has a better network on its way")
        self.assertLess(abs(self.summary("runs/search")["loss"] / min(losses) - 1), 1e-6)

    def test_without_a_method_nothing_is_told(self):
        self.train("runs/none", ["training.balance.method=none"])
        self.assertNotIn("weights", self.lines("runs/none")[0])
        self.assertNotIn("loss_balanced", self.lines("runs/none")[0])

    def test_causal_weights_are_told(self):
        output = self.train("runs/causal", [*CAUSAL, "training.stages.0.optimizer=adam", "output.log_every_steps=1"], ranks=2)
        lines = self.lines("runs/causal")
        least = [line["least_causal_weight"]["heat"] for line in lines]
        self.assertTrue(all(0 < weight <= 1 for weight in least))
        self.assertLess(min(least), 1)
        mean = lines[-1]["weights"]["heat"]
        self.assertTrue(min(least) < mean < 1)
        self.assertIn("(causal from", output)
        self.assertIn("its tolerance rises to 1", output)
        self.assertTrue(math.isfinite(self.summary("runs/causal")["loss"]))

    def test_check_shows_methods_and_memory(self):
        options = [word for one in sets_of("rba") for word in ("--set", one)]
        output = self.run_program("check", "heat.toml", *options).output
        self.assertIn("balance    rba, momentum 0.999, rate 0.01, refreshed every 2 steps, in stages of line searches every 2", output)
        self.assertIn("causal     heat: 8 chunks of t, tolerance 0.001, then 1, refreshed every 1 step", output)
        self.assertIn("+ balancing ", output)

    def test_bad_input(self):
        for sets, says in ((["training.balance.method=gradnrom"], "did you mean 'gradnorm'?"),
                           (["training.balance={ method = 'rba', every = 0 }"], "'training.balance.every' is out of range: it must be >= 1"),
                           (["training.balance.every=3"], "needs a method"),
                           (["training.balance.method=rba", "sampling.resample_every=5"], "keeps a weight for each point"),
                           (["problem.equations.0.causal={ coordinate = 'tt' }"], "'tt' is not a coordinate"),
                           (["problem.equations.0.causal={ coordinate = 't', chunks = 0 }"], "out of range"),
                           (["problem.equations.0.causal={ coordinate = 't', tolerance = 0.0 }"], "it must be > 0"),
                           (["problem.conditions.0.causal={ coordinate = 't' }"], "it is a key of problem.equations")):
            for ranks in (1, 3):
                output = self.run_program("check", "heat.toml", *[word for one in sets for word in ("--set", one)], ranks=ranks, status=2).output
                self.assertIn(says, output)
                self.assertEqual(output.count(says), 1, "one message")


if __name__ == "__main__":
    program.main()
