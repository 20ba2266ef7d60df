#include "jetpinn/config/schema_rows.hpp"

#include <utility>

namespace jetpinn {
namespace {

// The row of a problem's key, under another path where that is given: its setter writes where the training of a problem
// looks. Of a stage: the one stage of a classification.
void take_over(std::vector<Key>& keys, const Schema& problem, const std::string& path, const std::string& as = "") {
  Key key = *problem.find(path);
  if (!as.empty()) key.path = as;
  keys.push_back(std::move(key));
}

void add_dataset_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "dataset." + name, type, std::move(standard), std::move(doc));
  };
  const auto number = [&](const std::string& name, std::int64_t DatasetOptions::*member, std::string standard,
                          std::string doc) {
    return row(name, KeyType::integer, std::move(standard), std::move(doc)).set([member](const KeySlot& s, const Value& v) {
      s.config.images.dataset.*member = v.integer;
    });
  };
  std::vector<std::string> formats;
  for (const ImageFormat format : image_formats) formats.emplace_back(to_string(format));
  row("format", KeyType::word, "",
      "shapes: a set that is generated; cifar10, cifar100: the binary versions of these sets; idx: MNIST, Fashion-MNIST and "
      "the like; hdf5: images and labels of one file.")
      .required()
      .words(formats)
      .set([](const KeySlot& s, const Value& v) {
        for (const ImageFormat format : image_formats)
          if (v.place.text == to_string(format)) s.config.images.dataset.format = format;
      });
  row("folder", KeyType::file, "\"\"", "cifar10, cifar100, idx: where the unpacked files lie. Relative to the config.")
      .set([](const KeySlot& s, const Value& v) { s.config.images.dataset.folder = v.place.text; });
  row("file", KeyType::file, "\"\"", "hdf5: the file, as `jetpinn sample images` writes one. Relative to the config.")
      .set([](const KeySlot& s, const Value& v) { s.config.images.dataset.file = v.place.text; });
  row("published", KeyType::flag, "true",
      "cifar10, cifar100: files must have the sizes and checksums of the published ones; false: any number of images.")
      .set([](const KeySlot& s, const Value& v) { s.config.images.dataset.published = v.flag; });
  row("labels", KeyType::word, "\"fine\"", "cifar100: its 100 classes, or its 20 superclasses.")
      .words({"fine", "coarse"})
      .set([](const KeySlot& s, const Value& v) { s.config.images.dataset.coarse = v.place.text == "coarse"; });
  number("count", &DatasetOptions::count, "50000", "shapes: images that are trained on.").at_least(1).at_most(1e8);
  number("validation", &DatasetOptions::validation, "10000",
         "shapes: images to validate with, behind those; hdf5: the last ones of the file.")
      .at_least(1)
      .at_most(1e8);
  row("seed", KeyType::integer, "0", "shapes: of the images.").at_least(0).set([](const KeySlot& s, const Value& v) {
    s.config.images.dataset.seed = static_cast<std::uint64_t>(v.integer);
  });
  number("classes", &DatasetOptions::classes, "0",
         "idx, hdf5: how many classes there are; 0: as the labels, or names in the file, tell.")
      .at_least(0)
      .at_most(1e5);
  number("limit", &DatasetOptions::limit, "0", "Train on the first so many images alone; 0: on all.").at_least(0);
}

void add_model_keys(std::vector<Key>& keys) {
  std::vector<std::string> kinds;
  std::string text;
  for (const ModelKind& kind : model_kinds()) {
    kinds.emplace_back(kind.name);
    text += (text.empty() ? "" : "; ") + std::string(kind.name) + ": " + kind.text;
  }
  KeyRow(keys, "model.kind", KeyType::word, "\"simple_cnn\"", text + ".")
      .words(kinds)
      .set([](const KeySlot& s, const Value& v) { s.config.images.model = v.place.text; });
}

void add_augment_keys(std::vector<Key>& keys) {
  const auto pixels = [&](const std::string& name, std::int64_t AugmentOptions::*member, std::string doc) {
    KeyRow(keys, "training.augment." + name, KeyType::integer, "0", std::move(doc))
        .unit("pixels")
        .at_least(0)
        .at_most(4096)
        .set([member](const KeySlot& s, const Value& v) { s.config.images.augment.*member = v.integer; });
  };
  KeyRow(keys, "training.augment.flip", KeyType::flag, "false", "Every second image is mirrored, by chance.")
      .set([](const KeySlot& s, const Value& v) { s.config.images.augment.flip = v.flag; });
  pixels("shift", &AugmentOptions::shift, "Each image is moved by up to so many each way; what comes in is black.");
  pixels("cutout", &AugmentOptions::cutout, "A square of this side becomes the mean colour; 0: none does.");
}

void add_own_training_keys(std::vector<Key>& keys, const Schema& problem) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "training." + name, type, std::move(standard), std::move(doc));
  };
  row("epochs", KeyType::integer, "10", "Passes over all images.")
      .at_least(0)
      .at_most(1e6)
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.images.epochs = v.integer; });
  row("batch", KeyType::integer, "128", "Images of a step, over all ranks.")
      .at_least(1)
      .at_most(1e6)
      .set([](const KeySlot& s, const Value& v) { s.config.images.batch = v.integer; });
  row("seed", KeyType::integer, "0", "Seed of initial parameters, of the order of images and of what augments them.")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { s.config.training.seed = static_cast<std::uint64_t>(v.integer); });
  row("precision", KeyType::word, "\"fp32\"",
      "Arithmetic of the model; bf16: its products and convolutions, the rest in fp32. Parameters and optimisers stay in "
      "fp64.")
      .words({"fp64", "fp32", "bf16"})
      .set([](const KeySlot& s, const Value& v) {
        for (const auto precision : {ModelPrecision::fp64, ModelPrecision::fp32, ModelPrecision::bf16})
          if (v.place.text == to_string(precision)) s.config.images.precision = precision;
      });
  take_over(keys, problem, "training.reproducibility");
  take_over(keys, problem, "training.stop.time");
  row("optimizer", KeyType::word, "\"adam\"", "adam; adamw: Adam with decoupled weight decay.")
      .words({"adam", "adamw"})
      .set(problem.find("training.stages.*.optimizer")->set);
  row("learning_rate", KeyType::table, "", "A number, or a schedule over the steps of all epochs.").shorthand("start");
  for (const Key& key : problem.keys())
    if (const std::string stage = "training.stages.*."; key.path.rfind(stage + "learning_rate.", 0) == 0)
      take_over(keys, problem, key.path, "training." + key.path.substr(stage.size()));
  row("weight_decay", KeyType::number, "", "The share of each weight that goes per step, times the rate.")
      .standard("1e-2 for adamw, 0 for adam")
      .at_least(0)
      .set(problem.find("training.stages.*.weight_decay")->set);
  for (const std::string name : {"clip", "beta1", "beta2", "epsilon"})
    take_over(keys, problem, "training.stages.*." + name, "training." + name);
}

// As the gate of a problem has them (schema_gate.cpp), but for what is counted: images, and epochs in place of steps.
void add_image_gate_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, "gate." + name, type, std::move(standard), std::move(doc));
  };
  using Member = double& (*)(GateOptions&);
  const auto number = [&](const std::string& name, Member member, std::string standard, std::string doc) {
    return row(name, KeyType::number, std::move(standard), std::move(doc)).set([member](const KeySlot& s, const Value& v) {
      member(s.config.images.gate) = v.number;
    });
  };
  const auto part = [&](const std::string& name, Member member, std::string standard, std::string doc) {
    number("significance." + name, member, std::move(standard), std::move(doc)).at_least(0).at_most(1e6);
  };
  const auto epochs = [&](const std::string& name, std::int64_t GateOptions::*member, double least, std::string doc) {
    row(name, KeyType::integer, "1", std::move(doc))
        .unit("epochs")
        .at_least(least)
        .at_most(1e9)
        .set([member](const KeySlot& s, const Value& v) { s.config.images.gate.*member = v.integer; });
  };
  number(
      "target", [](GateOptions& g) -> double& { return g.target; }, "1",
      "Share of the images of a step whose gradient is taken, the significant ones; 1: no gate.")
      .above(0)
      .at_most(1);
  row("unbiased", KeyType::flag, "true",
      "Chosen images weigh 1 / probability, so that the gradient is that of all in the mean; false: they count alike.")
      .set([](const KeySlot& s, const Value& v) { s.config.images.gate.unbiased = v.flag; });
  epochs("refresh", &GateOptions::refresh, 1,
         "From one epoch in which every image is scored before its step chooses to the next.");
  epochs("warm_up", &GateOptions::warm_up, 0, "First epochs, in which every image is trained.");
  number(
      "uniform", [](GateOptions& g) -> double& { return g.uniform; }, "0.2",
      "Share of the target that is drawn whatever the significance; 1: all of it, and nothing is scored.")
      .at_least(0)
      .at_most(1);
  part(
      "residual", [](GateOptions& g) -> double& { return g.significance.residual; }, "1",
      "What the last loss of an image counts, over the mean of all.");
  part(
      "change", [](GateOptions& g) -> double& { return g.significance.change; }, "0.5", "The same of how much it changed.");
  part(
      "age", [](GateOptions& g) -> double& { return g.significance.age; }, "0.1",
      "The same of the epochs since it was trained, times the target.");
  number(
      "controller.proportional", [](GateOptions& g) -> double& { return g.controller.proportional; }, "0.2",
      "Proportional gain of the PI controller that moves the threshold, of log(rate / target).")
      .at_least(0)
      .below(1);
  number(
      "controller.integral", [](GateOptions& g) -> double& { return g.controller.integral; }, "0.5", "Its integral gain.")
      .above(0)
      .below(2);
  number(
      "controller.lowest", [](GateOptions& g) -> double& { return g.controller.lowest; }, "1e-3",
      "Lower bound of the threshold, in mean significance.")
      .above(0);
  number(
      "controller.highest", [](GateOptions& g) -> double& { return g.controller.highest; }, "1e6",
      "Upper bound of the threshold.")
      .above(0);
}

}  // namespace

void add_image_keys(std::vector<Key>& keys, const Schema& problem) {
  take_over(keys, problem, "name");
  add_dataset_keys(keys);
  add_model_keys(keys);
  add_vit_keys(keys);
  add_own_training_keys(keys, problem);
  add_augment_keys(keys);
  add_image_gate_keys(keys);
  for (const Key& key : problem.keys())
    if (key.path.rfind("output.checkpoint.", 0) == 0 || key.path.rfind("output.profile.", 0) == 0 ||
        (key.path.rfind("run.", 0) == 0 && key.path.rfind("run.dealing", 0) != 0 && key.path != "run.graphs"))
      take_over(keys, problem, key.path);
}

}  // namespace jetpinn
