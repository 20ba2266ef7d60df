"""The generated images can be learnt by convolutions and hardly by one linear layer; minutes on a core."""
import program


class ImageAccuracy(program.Case):
    def accuracy(self, model):
        self.run_program("classify", program.root / "configs/images/shapes.toml", "--output", f"runs/{model}", "--set",
                         "dataset.count=10000", "--set", "dataset.validation=2000", "--set", "training.epochs=5",
                         "--set", f"model.kind={model}")
        return self.summary(f"runs/{model}")["classification"]["validation_accuracy"]

    def test_convolutions_learn_what_a_linear_layer_cannot(self):
        self.assertGreater(self.accuracy("simple_cnn"), 0.6)
        self.assertLess(self.accuracy("linear"), 0.2)


if __name__ == "__main__":
    program.main()
