"""Points that follow the residual: the same ones on any number of ranks and after a stop, a message where they cannot."""
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import h5py  # noqa: E402
import program  # noqa: E402

METHODS = {"rad": ["sampling.adaptive.most_change=0.7"], "rar_d": ["sampling.adaptive.add=0.3"], "rar_g": [], "r3": [], "importance": [],
           "cells": ["sampling.adaptive.cells=20"], "uncertainty": ["sampling.adaptive.score=uncertainty", "sampling.adaptive.ensemble=3"]}
# Adam with rounds, then searches with others.
STAGES = ["sampling.points.heat=700", "training.stages.0.optimizer=adam", "training.stages.0.steps=8",
          "training.stages.1={ optimizer = 'lbfgs', steps = 6 }", "training.reproducibility=ranks", "output.log_every_steps=1"]


def sets_of(method):
    name = {"cells": "importance", "uncertainty": "rad"}.get(method, method)
    return [f"sampling.adaptive.method={name}", "sampling.adaptive.every=3", "sampling.adaptive.search_every=2",
            *METHODS[method], *STAGES]


class Adaptive(program.MethodsCase):
    methods, plain = METHODS, STAGES

    def sets_of(self, method):
        return sets_of(method)

    def look_at_ranks(self, method):
        points = self.points(f"runs/{method}-1")
        self.assertEqual(points, self.points(f"runs/{method}-4"))
        self.assertEqual(len(points["x"]), {"rar_d": 1400, "rar_g": 1050}.get(method, 700), method)

    def points(self, folder, term="heat"):
        """Rows of the newest checkpoint, as docs/adaptive.md reads them."""
        with h5py.File(self.folder / folder / "checkpoints/latest/columns.h5") as file:
            group = file[f"points/{term}/coordinates"]
            return {name: group[name][:].tolist() for name in group}

    def test_a_layer_gets_more_points(self):
        """The residual is large where t < 0.1, whatever the network says."""
        sets = ["problem.equations.0.residual='u_t - 0.1*u_xx + 50*step(0.1 - t)'", *sets_of("rad"), "sampling.adaptive.offset=0"]
        self.train("runs/layer", sets)
        times = self.points("runs/layer")["t"]
        self.assertGreater(sum(t < 0.1 for t in times) / len(times), 0.3)

    def test_the_log_has_a_line_for_each_round(self):
        log = self.train("runs/lines", sets_of("r3"))
        self.assertIn("round 1 of points: heat exchanges", log)
        self.assertIn("round 5 of points", log)   # after steps 3 and 6 of adam, 8, 10 and 12 of lbfgs
        self.assertNotIn("round 6 of points", log)
        last = [json.loads(line) for line in (self.folder / "runs/lines/metrics.jsonl").read_text().splitlines()][-1]
        self.assertTrue(math.isfinite(last["loss"]))

    def test_the_report_shows_where_points_came_to(self):
        self.train("runs/report", sets_of("rar_d"))
        self.run_program("report", "runs/report")
        page = (self.folder / "runs/report/report.html").read_text()
        self.assertIn("Points that follow the residual are those of the last checkpoint", page)
        self.assertIn("heat: 1400", page)

    def test_terms_of_borders_follow_with_their_normals(self):
        sets = ["problem.conditions.1.residual=dn(u)", *sets_of("rad")]
        self.train("runs/normals-1", sets)
        self.train("runs/normals-3", sets, ranks=3)
        self.assertEqual(self.summary("runs/normals-1")["parameter_hash"], self.summary("runs/normals-3")["parameter_hash"])

    def test_terms_are_named_in_windows_too(self):
        """In later windows the initial condition has the state of the window before, which is a table."""
        for terms in ("['heat', 'initial']", "['initial']"):
            sets = [*sets_of("rad"), f"sampling.adaptive.terms={terms}", "training.windows.count=2", "problem.time=t"]
            self.train("runs/windows", sets)
            self.assertEqual(self.summary("runs/windows")["status"], "completed")
            self.run_program("evaluate", "runs/windows")
            (self.folder / "runs/windows").rename(self.folder / f"runs/{len(terms)}")

    def test_check_tells(self):
        output = self.run_program("check", "heat.toml", *[word for one in sets_of("rar_d") for word in ("--set", one)]).output
        self.assertIn("adaptive   rar_d every 3 steps, in stages of line searches every 2", output)
        late = self.run_program("check", "heat.toml", "--set", "sampling.adaptive={ method = 'rad', every = 100000 }").output
        self.assertIn("sampling.adaptive changes nothing", late)

    def test_bad_input(self):
        for sets, words in ((["sampling.adaptive.method=rar"], "did you mean 'rad'?"),
                            (["sampling.adaptive={ method = 'rad', terms = ['haet'] }"], "did you mean 'heat'?"),
                            (["sampling.adaptive={ method = 'rar_g' }", "sampling.batch.heat=256"], "batches share a fixed number")):
            self.assertIn(words, self.train("runs/bad", sets, status=2))
            self.assertFalse((self.folder / "runs/bad").exists())


if __name__ == "__main__":
    program.main()
