"""The ablation study: scores and their intervals, the plain path agrees, the cache serves and is checked, bad input is one message."""
import csv
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

NAMES = {"flattened", "norms", "moments", "one_layer", "singular_values", "stable_rank", "alignment", "fourier", "image"}


class Ablate(program.Case):
    def weights(self, *options, file="w.h5"):
        self.run_program("sample", "weights", "--file", file, "--quiet", *options)
        return self.folder / file

    def ablate(self, *options, data="w.h5", output="study", ranks=1, status=0):
        return self.run_program("ablate", data, "--output", output, *options, ranks=ranks, status=status).output

    def study(self, folder="study"):
        return json.loads((self.folder / folder / "ablate.json").read_text())

    def scores(self, folder):
        return {result["name"]: result["score"]["runs"] for result in self.study(folder)["results"]}

    def test_a_study(self):
        self.weights("--count", "150", "--layers", "12", "--rows", "16", "--columns", "12")
        options = ("--runs", "3", "--epochs", "12", "--cache", "cache")
        self.ablate(*options)
        study = self.study()
        self.assertEqual({result["name"] for result in study["results"]}, NAMES)
        means = [result["score"]["mean"] for result in study["results"]]
        self.assertEqual(means, sorted(means, reverse=True))
        for result in study["results"]:
            runs = result["score"]["runs"]
            self.assertEqual(len(runs), 3)
            self.assertAlmostEqual(result["score"]["mean"], numpy.mean(runs), delta=1e-12)
            self.assertAlmostEqual(result["score"]["deviation"], numpy.std(runs, ddof=1), delta=1e-12)
            self.assertAlmostEqual(result["score"]["half_width"], 4.303 * numpy.std(runs, ddof=1) / 3**0.5, delta=1e-9)
            confusion = numpy.array(result["confusion"]).reshape(4, 4)   # of 3 runs with 30 test samples each
            self.assertEqual(confusion.sum(), 90)
            self.assertAlmostEqual(numpy.trace(confusion) / 90, result["score"]["mean"], delta=1e-12)
            self.assertFalse(result["cached"])
        rows = list(csv.DictReader((self.folder / "study/ablate.csv").open()))
        self.assertEqual(len(rows), 27)
        page = "".join(ElementTree.parse(self.folder / "study/index.html").getroot().itertext())   # well-formed
        self.assertIn(study["sentences"][0], page)
        self.assertEqual([path.name for path in (self.folder / "study").glob("features-*")], [])

        # Again: nothing is trained. Elsewhere, on two ranks: the features come from the cache, the scores are the same ones.
        self.assertIn("9 representations, 9 of them there already", self.ablate(*options))
        damaged = sorted((self.folder / "cache").glob("*.features"))[0]
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")
        for kept in (self.folder / "cache").glob("*.result"):
            kept.rename(self.folder / kept.name)
        output = self.ablate(*options, output="again", ranks=2)
        self.assertEqual(output.count("computed again"), 1)
        self.assertEqual(sum(result["cached"] for result in self.study("again")["results"]), 8)
        self.assertEqual(self.scores("again"), self.scores("study"))
        # What trainings came to is in the cache too: nothing but what is damaged is trained, and page and table are those of before.
        damaged = self.folder / "cache" / next(self.folder.glob("moments-*.result")).name
        damaged.write_text(damaged.read_text().replace('"scores"', '"stores"'))
        output = self.ablate(*options, output="third")
        self.assertIn("9 representations, 8 of them there already", output)
        self.assertEqual(output.count("trained again"), 1)
        self.assertEqual({result["name"] for result in self.study("third")["results"] if not result["scores_cached"]}, {"moments"})
        for part in ("name", "score", "confusion", "epochs", "best_epochs"):
            self.assertEqual([r[part] for r in self.study("third")["results"]], [r[part] for r in self.study("study")["results"]], part)
        self.assertNotIn("scores from the cache", self.ablate(*options, "--seed", "1", "--representations", "norms", output="others"))
        # Features that two ranks make are those of one.
        self.ablate(*options[:4], "--representations", "norms,singular_values", output="two", ranks=2)
        for name, runs in self.scores("two").items():
            self.assertEqual(runs, self.scores("study")[name])
        # One representation at a time, as a job array has them, is the same study.
        for name in ("norms", "image"):
            self.ablate(*options, "--representations", name, output="array")
        self.assertEqual(set(self.scores("array")), {"norms", "image"})
        self.assertIn("study of other data or with other options", self.ablate("--runs", "4", status=2))

    def test_the_plain_path_agrees(self):
        """Singular values of factors in fp32 against whole decompositions in fp64: a test sample or two of 40 may fall otherwise."""
        self.weights("--count", "200", "--layers", "8", "--rows", "12", "--columns", "12")
        options = ("--runs", "2", "--epochs", "15", "--representations", "singular_values,stable_rank,norms,fourier")
        self.ablate(*options, output="fast")
        self.ablate(*options, "--reference", output="plain")
        fast, plain = self.scores("fast"), self.scores("plain")
        for name in fast:
            for run in range(2):
                self.assertLessEqual(abs(fast[name][run] - plain[name][run]), 2.5 / 40, (name, fast, plain))
        self.assertTrue(self.study("plain")["reference"])
        self.assertEqual(self.study("plain")["precision"], "fp64")
        self.assertIn("one rank", self.ablate("--reference", output="no", ranks=2, status=2))
        self.assertIn("leave --cache away", self.ablate("--reference", "--cache", "c", output="no", status=2))

    def test_values_are_predicted_too(self):
        """Labels that are no whole numbers: the score is the share of their variance."""
        path = self.weights("--count", "200", "--layers", "16", "--rows", "8", "--columns", "8", "--rank", "0")
        with h5py.File(path, "r+") as file:
            self.assertEqual(file["weight"].shape, (200, 16, 8, 8))
            size = numpy.log((file["weight"][:] ** 2).sum((2, 3))).mean(1)   # what norms see
            del file["labels"], file.attrs["classes"]
            file["labels"] = size + 1e-3
        self.ablate("--quick", "--no-mixed", "--representations", "norms,alignment", "--epochs", "60")
        study = self.study()
        self.assertEqual((study["runs"], study["data"]["chosen_layers"], study["data"]["classes"]), (3, 8, []))
        self.assertEqual(study["results"][0]["name"], "norms")
        self.assertGreater(study["results"][0]["score"]["mean"], 0.5)
        self.assertLess(study["results"][1]["score"]["mean"], 0.3)
        with h5py.File(path, "r+") as file:   # as times are: far from 0, where fp32 knows no differences of this size
            del file["labels"]
            file["labels"] = size.astype("f8") + 1.7e9
        self.ablate("--quick", "--representations", "norms", "--epochs", "60", output="far")
        self.assertGreater(self.study("far")["results"][0]["score"]["mean"], 0.5)

    def test_imported_networks(self):
        def tensors(name, numbers):
            header = {f"l.{n}.lora_{f}.weight": {"dtype": "F32", "shape": shape, "data_offsets": [64 * n + 32 * k, 64 * n + 32 * k + 32]}
                      for n in range(2) for k, (f, shape) in enumerate((("A", [1, 8]), ("B", [8, 1])))}
            text = json.dumps(header).encode()
            (self.folder / name).write_bytes(struct.pack("<Q", len(text)) + text + numpy.asarray(numbers, "<f4").tobytes())
        lines = ["path,label"]
        for n in range(12):
            tensors(f"n{n}.safetensors", numpy.arange(32) + n)
            lines.append(f"n{n}.safetensors,{'even' if n % 2 == 0 else 'odd'}")
        self.write("list.csv", "\n".join(lines) + "\n")
        self.run_program("sample", "weights", "--import", "list.csv", "--file", "w.h5", ranks=2)
        with h5py.File(self.folder / "w.h5") as file:
            self.assertEqual((file["A"].shape, file["B"].shape), ((12, 2, 1, 8), (12, 2, 8, 1)))
            self.assertEqual(file["A"][3, 1, 0, 0], 16 + 3)
            self.assertEqual(list(file["labels"][:4]), [0, 1, 0, 1])
            self.assertEqual(list(file.attrs["classes"]), ["even", "odd"])
        self.run_program("sample", "weights", "--import", "list.csv", "--file", "w.h5")   # the same again
        self.assertIn("of another sample", self.run_program("sample", "weights", "--file", "w.h5", status=2).output)
        # The matrices between hidden layers of a run.
        self.run_program("train", "heat.toml", "--quiet", "--set", "network.hidden=[8, 8, 8]", "--output", "run")
        self.write("runs.csv", "path,label\n" + "run,0\nrun,1\n")
        self.run_program("sample", "weights", "--import", "runs.csv", "--file", "r.h5")
        with h5py.File(self.folder / "r.h5") as file:
            self.assertEqual(file["weight"].shape, (2, 2, 8, 8))

    def test_bad_input_is_one_message(self):
        path = self.weights("--count", "40", "--layers", "4", "--rows", "6", "--columns", "6")
        whole = path.read_bytes()

        def changed(name, change):
            (self.folder / name).write_bytes(whole)
            with h5py.File(self.folder / name, "r+") as file:
                change(file)

        def put(dataset, place, value):
            def change(file):
                file[dataset][place] = value
            return change

        def unequal(file):
            del file["B"]
            file["B"] = numpy.ones((40, 4, 6, 5), "f4")
        changed("nan.h5", put("A", (33, 2, 0, 1), numpy.nan))
        changed("labels.h5", put("labels", 7, 4))
        changed("one.h5", put("labels", slice(None), 1))
        def large(file):   # finite, and their squares are not
            file["A"][17], file["B"][17] = 1e20, 1e20
        changed("large.h5", large)
        changed("unequal.h5", unequal)
        (self.folder / "short.h5").write_bytes(whole[:len(whole) // 2])
        self.write("text.h5", "no HDF5")
        cases = [("nan.h5", (), ("dataset 'A'", "sample 33, layer 2", "NaN")), ("labels.h5", (), ("the label of sample 7 is 4",)),
                 ("one.h5", (), ("all 40 samples have the label 1",)), ("unequal.h5", (), ("[40, 4, 4, 6]", "[40, 4, 6, 5]", "no factors")),
                 ("large.h5", (), ("sample 17", "fp32", "too large", "--no-mixed")),
                 ("w.h5", ("--learning-rate", "1e300"), ("--learning-rate", "at most")), ("short.h5", (), ("truncated",)), ("text.h5", (), ("not an HDF5 file",)), ("none.h5", (), ("no such file",)),
                 ("w.h5", ("--representations", "norms,momments"), ("did you mean 'moments'",)),
                 ("w.h5", ("--sample-layers", "0"), ("--sample-layers",)), ("w.h5", ("--batch", "32"), ("--batch",)),
                 ("w.h5", ("--cache", "text.h5"), ("--cache",)), ("w.h5", ("--set", "a=1"), ("--set",))]

        def refused(case):
            data, options, words = case
            for ranks in (1, 3) if data in ("nan.h5", "short.h5") else (1,):
                output = self.ablate("--runs", "1", *options, data=data, output="bad-" + data + str(ranks), ranks=ranks, status=2)
                self.assertEqual(output.count("jetpinn: "), 1, output)
                for word in words:
                    self.assertIn(word, output)
                self.assertEqual(list((self.folder / ("bad-" + data + str(ranks))).glob("features-*/*")), [])
        program.side_by_side(refused, cases, at_once=2)
        # Whose data are mended types the same command again.
        self.ablate("--runs", "1", "--epochs", "1", "--representations", "norms", output="bad-nan.h51")
        self.assertIn("needs data", self.run_program("ablate", status=2).output)

    def test_a_task_of_a_job_array(self):
        """jobs/ablate.sbatch as Slurm would start its tasks, with mpirun for a launcher."""
        self.weights("--count", "30", "--layers", "3", "--rows", "6", "--columns", "6")
        environment = dict(os.environ, JETPINN_ROOT=str(program.root), JETPINN_PROGRAM=program.program, JETPINN_LAUNCHER="mpirun",
                           SLURM_JOB_ID="7", SLURM_ARRAY_JOB_ID="7", SLURM_NTASKS="1", SLURM_SUBMIT_DIR=str(self.folder))
        script = program.root / "jobs/ablate.sbatch"

        def task(number, *options):
            done = subprocess.run(["bash", script, "w.h5", "--runs", "1", "--epochs", "2", "--output", "array", *options], cwd=self.folder,
                                  env=dict(environment, SLURM_ARRAY_TASK_ID=str(number)), stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            return done.returncode, done.stdout
        for number in (2, 8):
            status, output = task(number)
            self.assertEqual(status, 0, output)
        self.assertEqual(set(self.scores("array")), {"norms", "fourier"})
        self.assertEqual(task(10)[0], 2)
        self.assertEqual(task(1, "--representations", "image")[0], 2)
        listed = re.search(r"^representations=\((.*)\)$", script.read_text(), re.M).group(1).split()
        self.assertEqual(listed, re.findall(r"^ +(\w+): ", self.run_program("ablate", "--help").output, re.M))


if __name__ == "__main__":
    program.main()
