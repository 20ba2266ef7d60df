"""Runs that stop, are killed or get more to do go on from their checkpoint as if nothing had happened."""
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

def stages(adam, second, resample_every=7, optimizer="lbfgs"):
    """Points that change, two optimisers: much to remember. A stage of 0 steps is not there yet."""
    options = ["--quiet", "--set", f"sampling.resample_every={resample_every}", "--set", "output.log_every=0", "--set", f"training.stages.0.steps={adam}"]
    stage = f"training.stages.1={{ optimizer = '{optimizer}', steps = {second}, history = 5 }}"
    return options + (["--set", stage] if second else [])


class Resume(program.Case):
    def hash_of(self, run_folder):
        return self.summary(run_folder)["parameter_hash"]

    def metrics(self, run_folder):
        return [json.loads(line) for line in (self.folder / run_folder / "metrics.jsonl").read_text().splitlines()]

    def endless(self, *more):
        """A stage that only a signal ends, logged every step."""
        return ["train", "heat.toml", *stages(1000000, 0), *more]

    def test_stopped_and_resumed_is_never_stopped(self):
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                whole, parts = f"runs/whole-{ranks}", f"runs/parts-{ranks}"
                long = ["train", "heat.toml", *stages(1000, 40)]
                process = self.start(*long, "--output", parts, ranks=ranks)
                self.wait_for_steps(parts, 3)
                status, output = self.stop(process, ranks)
                self.assertEqual(status, 75, output)
                summary = self.summary(parts)
                self.assertEqual((summary["status"], summary["stopped_by"]), ("stopped", "signal"))
                self.assertLess(summary["steps"], 1000)
                self.assertEqual(self.metrics(parts)[-1]["stage"], 0)
                self.run_program(*long, "--output", parts, ranks=ranks)
                self.run_program(*long, "--output", whole, ranks=ranks)
                self.assertEqual(self.hash_of(parts), self.hash_of(whole))
                self.assertEqual([line["step"] for line in self.metrics(parts)], list(range(1, 1041)))
                self.assertEqual(self.metrics(parts)[-1]["error"], self.metrics(whole)[-1]["error"])
                self.assertEqual(self.summary(parts)["points_seen"], self.summary(whole)["points_seen"])

    def test_level_ranks_keeps_its_bits_on_any_rank_count(self):
        level = ["--set", "training.reproducibility=ranks", "--output"]

        def keeps_its_bits(sampler):
            train = ["train", "heat.toml", "--set", f"sampling.method={sampler}", *level]
            every = 0 if sampler == "grid" else 7   # a grid is the same at each draw, and refused with an interval
            for ranks, steps in ((1, (30, 0)), (2, (60, 0)), (3, (60, 12)), (1, (60, 24))):
                self.run_program(*train, f"runs/moved-{sampler}", *stages(*steps, every), ranks=ranks)
            self.run_program(*train, f"runs/alone-{sampler}", *stages(60, 24, every))
            self.assertEqual(self.summary(f"runs/moved-{sampler}")["steps"], 84)
            self.assertEqual(self.hash_of(f"runs/moved-{sampler}"), self.hash_of(f"runs/alone-{sampler}"), sampler)

        program.side_by_side(keeps_its_bits, ("sobol", "lhs", "uniform", "grid"))

    def test_matrices_of_an_optimizer_go_on_on_any_rank_count(self):
        train = ["train", "heat.toml", "--set", "training.reproducibility=ranks", "--output"]
        for optimizer in ("ssbroyden", "ngd", "soap"):
            moved, alone = f"runs/moved-{optimizer}", f"runs/alone-{optimizer}"
            for ranks, steps in ((2, 6), (3, 13), (1, 20)):
                self.run_program(*train, moved, *stages(20, steps, optimizer=optimizer), ranks=ranks)
            self.run_program(*train, alone, *stages(20, 20, optimizer=optimizer))
            self.assertEqual(self.summary(moved)["steps"], 40)
            self.assertEqual(self.hash_of(moved), self.hash_of(alone), optimizer)

    def test_killed_run_goes_on(self):
        frequent = ["--set", "output.checkpoint.every=0.02"]
        process = self.start(*self.endless(*frequent, "--output", "runs/killed"))
        self.wait_for_steps("runs/killed", 100)
        process.kill()
        process.communicate()
        newest = max(int(path.name[5:]) for path in (self.folder / "runs/killed/checkpoints").glob("step-*"))
        logged = (self.folder / "runs/killed/metrics.jsonl").read_text().count("\n")
        self.assertFalse((self.folder / "runs/killed/summary.json").exists())
        process = self.start(*self.endless(*frequent, "--output", "runs/killed"))
        self.wait_for_steps("runs/killed", logged + 100)
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)
        self.assertGreater(newest, 0)
        steps = [line["step"] for line in self.metrics("runs/killed")]
        self.assertEqual(steps, list(range(1, len(steps) + 1)), "every step once")

    def test_more_steps(self):
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/a")
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/a", "--set", "training.stages.0.steps=50")
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/b", "--set", "training.stages.0.steps=50")
        self.assertEqual(self.summary("runs/a")["steps"], 50)
        self.assertEqual(self.hash_of("runs/a"), self.hash_of("runs/b"))
        result = self.run_program("train", "heat.toml", "--output", "runs/a", "--set", "training.stages.0.steps=50")
        self.assertIn("complete", result.output)

    def test_a_stage_more_is_that_of_a_whole_run(self):
        """L-BFGS has reached its tolerance: it takes no step more because Adam follows it now."""
        tolerant = ["--set", "training.stages.1={ optimizer = 'lbfgs', steps = 50, loss_tolerance = 0.9 }"]
        more = ["--set", "training.stages.2={ optimizer = 'adam', steps = 7 }"]
        train = ["train", "heat.toml", *stages(6, 0, resample_every=4), *tolerant, "--output"]
        self.run_program(*train, "runs/parts")
        self.assertEqual(self.summary("runs/parts")["stopped_by"], "tolerance")
        self.run_program(*train, "runs/parts", *more)
        self.run_program(*train, "runs/whole", *more)
        self.assertEqual(self.summary("runs/parts")["steps"], self.summary("runs/whole")["steps"])
        self.assertEqual(self.hash_of("runs/parts"), self.hash_of("runs/whole"))

    def test_a_stage_more_may_be_the_first_that_keeps_the_best_network(self):
        """A stage of L-BFGS alone keeps none. Adam behind it makes the network worse, and that of L-BFGS is kept."""
        train = ["train", "heat.toml", "--quiet", "--set", "training.stages.0={ optimizer = 'lbfgs', steps = 12 }", "--output"]
        more = ["--set", "training.stages.1={ optimizer = 'adam', steps = 6, learning_rate = 0.3 }"]
        self.run_program(*train, "runs/parts")
        self.run_program(*train, "runs/parts", *more)
        self.run_program(*train, "runs/whole", *more)
        self.assertEqual(self.summary("runs/whole")["kept_step"], 12)
        self.assertEqual(self.summary("runs/parts")["kept_step"], 12)
        self.assertEqual(self.hash_of("runs/parts"), self.hash_of("runs/whole"))

    def test_a_stage_more_may_be_the_first_of_its_kind(self):
        for kind in ("batch = { heat = 256 }", "gate = { target = 0.3 }", "sampling = { points = { heat = 500 } }"):
            with self.subTest(kind=kind):
                folder = kind.split(" ")[0]
                more = ["--set", f"training.stages.1={{ optimizer = 'adam', steps = 12, {kind} }}"]
                self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{folder}")
                self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{folder}", *more)
                self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{folder}-whole", *more)
                self.assertEqual(self.summary(f"runs/{folder}")["steps"], 32)
                self.assertEqual(self.hash_of(f"runs/{folder}"), self.hash_of(f"runs/{folder}-whole"))

    def test_an_end_of_before_is_none_of_the_longer_run(self):
        """It ends by its loss, goes on under a lower one, is stopped there, and goes on again."""
        self.run_program(*self.endless("--output", "runs/a", "--set", "training.stop.loss=1e3"))
        self.assertEqual(self.summary("runs/a")["stopped_by"], "loss")
        for _ in range(2):
            before = self.summary("runs/a")["steps"]
            process = self.start(*self.endless("--output", "runs/a", "--set", "training.stop.loss=1e-30"))
            self.wait_for_steps("runs/a", before + 3)
            self.assertEqual(self.stop(process)[0], 75)
            self.assertEqual(self.summary("runs/a")["stopped_by"], "signal")

    def test_a_longer_run_that_is_killed_is_still_longer(self):
        """It ends by its loss, goes on under a lower one, and is killed before a checkpoint is due."""
        self.run_program(*self.endless("--output", "runs/a", "--set", "training.stop.loss=1e3"))
        longer = self.endless("--output", "runs/a", "--set", "training.stop.loss=1e-30")
        process = self.start(*longer)
        self.wait_for_steps("runs/a", self.summary("runs/a")["steps"] + 3)
        process.kill()
        process.communicate()
        logged = (self.folder / "runs/a/metrics.jsonl").read_text().count("\n")
        process = self.start(*longer)
        self.wait_for_steps("runs/a", logged + 3)
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)

    def test_time_limit_stops_in_time(self):
        self.run_program(*self.endless("--output", "runs/limit", "--max-time", "5"), status=75)
        # The run's own account: how long a busy machine takes to bury a process is not its choice.
        self.assertLess(self.summary("runs/limit")["wall_s"], 5)
        self.assertEqual(self.summary("runs/limit")["status"], "stopped")
        end = int(time.time()) + 7
        os.environ["SLURM_JOB_END_TIME"] = str(end)
        self.addCleanup(os.environ.pop, "SLURM_JOB_END_TIME", None)
        self.run_program(*self.endless("--output", "runs/limit"), status=75)
        self.assertLess((self.folder / "runs/limit/summary.json").stat().st_mtime, end)

    def test_what_differs_is_refused_by_name(self):
        process = self.start(*self.endless("--output", "runs/a"))
        self.wait_for_steps("runs/a")
        self.stop(process)
        before = sorted((path.name, path.stat().st_mtime_ns) for path in (self.folder / "runs/a").rglob("*"))
        result = self.run_program(*self.endless("--output", "runs/a", "--seed", "9", "--set", "network.hidden=[16, 17]"), status=2)
        self.assertIn("training.seed: 3 -> 9", result.output)
        self.assertIn("network.hidden", result.output)
        self.run_program(*self.endless("--output", "runs/a", "--resume", "never"), status=2)
        after = sorted((path.name, path.stat().st_mtime_ns) for path in (self.folder / "runs/a").rglob("*"))
        self.assertEqual(before, after)
        # harmless: how often it logs, evaluates, saves
        process = self.start(*self.endless("--output", "runs/a", "--set", "output.evaluate_every=3", "--set", "output.checkpoint.keep=5"))
        self.wait_for_steps("runs/a", self.metrics("runs/a")[-1]["step"] + 1)
        self.assertEqual(self.stop(process)[0], 75)

    def test_no_checkpoint_is_no_fresh_start(self):
        process = self.start(*self.endless("--output", "runs/a"))
        self.wait_for_steps("runs/a")
        self.stop(process)
        (self.folder / "runs/a/checkpoints").rename(self.folder / "elsewhere")
        for ranks in (1, 2):
            result = self.run_program(*self.endless("--output", "runs/a"), ranks=ranks, status=5)
            self.assertIn("no checkpoint", result.output)
        self.assertTrue(self.metrics("runs/a"))

    def test_checkpoints_without_their_config_are_not_written_over(self):
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/a")
        (self.folder / "runs/a/config.toml").unlink()
        before = sorted(path.name for path in (self.folder / "runs/a").rglob("*"))
        result = self.run_program("train", "heat.toml", "--quiet", "--output", "runs/a", ranks=2, status=2)
        self.assertIn("holds checkpoints but no config.toml", result.output)
        self.assertEqual(before, sorted(path.name for path in (self.folder / "runs/a").rglob("*")))
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/a", "--force")
        self.assertTrue((self.folder / "runs/a.old-1/checkpoints").is_dir())

    def test_one_run_at_a_time(self):
        process = self.start(*self.endless("--output", "runs/a"))
        self.wait_for_steps("runs/a")
        for options in ([], ["--force"]):
            result = self.run_program(*self.endless("--output", "runs/a", *options), status=2)
            self.assertIn(f"pid {process.pid}", result.output)
        self.assertEqual(self.stop(process)[0], 75)

    def test_not_finite_goes_back_before_it_gives_up(self):
        # Sound at the start, then a logarithm of a negative number for every u that training drives there.
        broken = ["--set", "problem.equations.0.residual=u_t - kappa*u_xx + 1e-3*log(1.2 - u)", "--set", "problem.conditions.0.residual=u - 3",
                  "--set", "training.stages.0.learning_rate=0.05", "--set", "training.stages.0.steps=2000"]
        for ranks in (1, 2):
            result = self.run_program("train", "heat.toml", *broken, "--output", f"runs/{ranks}", ranks=ranks, status=3)
            self.assertIn("back to the parameters of step", result.output)
            self.assertIn("not-finite-heat.h5", result.output)
            self.assertTrue((self.folder / f"runs/{ranks}/not-finite-heat.h5").exists())
            self.assertGreater(self.summary(f"runs/{ranks}")["skipped_steps"], 10)


if __name__ == "__main__":
    program.main()
