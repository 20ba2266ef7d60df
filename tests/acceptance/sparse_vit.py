"""The transformer with sparse attention as a user trains it: tiny images, and two blocks, for the class token sees everything."""
import json

import program

TINY = """
[dataset]
format = "shapes"
count = 60
validation = 20
[model]
kind = "sparse_vit"
patch = 8
width = 16
heads = 2
depth = 2
hidden = 16
window = 4
tile = 2
[training]
epochs = 2
batch = 30
learning_rate = 3e-3
reproducibility = "ranks"
"""


class SparseVit(program.Case):
    def setUp(self):
        super().setUp()
        self.write("vit.toml", TINY)

    def classify(self, name, *sets, ranks=1, status=0):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("classify", "vit.toml", "--output", f"runs/{name}", *options, ranks=ranks, status=status).output

    def hash_of(self, name):
        return self.summary(f"runs/{name}")["parameter_hash"]

    def test_trains_to_the_same_bits_on_any_ranks(self):
        self.assertIn("sparse_vit on 60 shapes images", self.classify("one"))
        self.classify("three", ranks=3)
        self.assertEqual(self.hash_of("one"), self.hash_of("three"))
        losses = [json.loads(line)["loss"] for line in (self.folder / "runs/one/metrics.jsonl").read_text().splitlines()]
        self.assertLess(losses[1], losses[0])

    def test_a_window_of_the_whole_image_is_the_dense_one(self):
        sets = ["training.precision=fp64", "training.epochs=1"]
        self.classify("dense", *sets, "model.attention=dense")
        self.classify("whole", *sets, "model.window=64")
        self.classify("sparse", *sets)
        dense, whole, sparse = (self.summary(f"runs/{name}")["classification"]["validation_loss"] for name in ("dense", "whole", "sparse"))
        self.assertLess(abs(whole - dense), 1e-9 * dense)
        self.assertGreater(abs(sparse - dense), 1e-6 * dense)

    def test_what_cannot_be_is_refused(self):
        for sets, words in ((["model.patch=5"], "whole patches of 5 x 5"), (["model.heads=3"], "not made of 3 whole heads"),
                            (["model.top_k=1.5"], "'model.top_k' is out of range"), (["model.global_tokens=0"], "out of range"),
                            (["model.tile=65"], "out of range"), (["model.kind=simple_cnn"], "belongs to sparse_vit")):
            self.assertIn(words, self.classify("none", *sets, status=2))
            self.assertFalse((self.folder / "runs/none").exists())


if __name__ == "__main__":
    program.main()
