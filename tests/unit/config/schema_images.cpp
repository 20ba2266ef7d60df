#include "jetpinn/config/document.hpp"
#include "jetpinn/config/schema.hpp"
#include "support/config_text.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <tuple>

namespace jetpinn {
namespace {

const std::string smallest_images = "[dataset]\nformat = 'shapes'\n";

Config parse_images(const std::string& text, const std::vector<std::string>& sets = {}) {
  return parse_config(text, "a/shapes.toml", sets, ConfigTask::images);
}

void refused_images(const std::vector<std::string>& sets, const std::vector<std::string>& words) {
  testing::expect_error(Status::usage, words, [&] { parse_images(smallest_images, sets); });
}

TEST(SchemaImages, DefaultsAreThoseOfTheStructs) {
  const Config config = parse_images(smallest_images);
  const ClassifyOptions standard, &images = config.images;
  EXPECT_EQ(config.name, "shapes");
  EXPECT_TRUE(images.dataset == standard.dataset);
  EXPECT_EQ(images.model, standard.model);
  const auto vit = [](const VitOptions& of) {
    return std::tuple(of.attention, of.patch, of.width, of.heads, of.depth, of.hidden, of.sparse.global, of.sparse.window,
                      of.sparse.ratio, of.sparse.tile);
  };
  EXPECT_TRUE(vit(images.vit) == vit(standard.vit));
  EXPECT_EQ(images.precision, standard.precision);
  EXPECT_EQ(images.epochs, standard.epochs);
  EXPECT_EQ(images.batch, standard.batch);
  EXPECT_FALSE(images.augment.any());
  EXPECT_TRUE(images.gate == standard.gate);
  ASSERT_EQ(config.training.stages.size(), 1u);
  EXPECT_EQ(config.training.stages[0].optimizer.kind, "adam");
  EXPECT_EQ(config.training.stages[0].optimizer.learning_rate.start, ScheduleOptions().start);
  EXPECT_EQ(config.output.checkpoint_every_s, OutputOptions().checkpoint_every_s);
}

TEST(SchemaImages, KeysOfAStageAreThoseOfTheTraining) {
  const Config config =
      parse_images(smallest_images +
                   "[training]\noptimizer = 'adamw'\nweight_decay = 0.1\nclip = 2\nlearning_rate = { schedule = 'cosine', "
                   "start = 0.01, warmup = 7 }\n");
  const OptimizerOptions& optimizer = config.training.stages.at(0).optimizer;
  EXPECT_EQ(optimizer.kind, "adamw");
  EXPECT_EQ(optimizer.decay(), 0.1);
  EXPECT_EQ(optimizer.clip, 2);
  EXPECT_EQ(optimizer.learning_rate.kind, "cosine");
  EXPECT_EQ(optimizer.learning_rate.start, 0.01);
  EXPECT_EQ(optimizer.learning_rate.warmup, 7);
  EXPECT_EQ(parse_images(smallest_images, {"training.learning_rate=0.5"}).training.stages[0].optimizer.learning_rate.start,
            0.5);
}

TEST(SchemaImages, WhatIsResolvedReadsAsTheSame) {
  const Config config = parse_images(smallest_images, {"gate.target=0.2", "training.epochs=3"});
  const Config again = parse_config(config.resolved, "b/config.toml", {}, ConfigTask::images);
  EXPECT_TRUE(matters(config, again).empty());
  refused_images({"model.patch=8"}, {"model.patch belongs to sparse_vit"});
  EXPECT_EQ(again.images.gate.target, 0.2);
  EXPECT_TRUE(matters(config, parse_images(smallest_images, {"gate.target=0.2", "training.epochs=9"})).empty())
      << "more epochs go on";
  EXPECT_EQ(matters(config, parse_images(smallest_images, {"gate.target=0.2", "training.batch=9"})),
            (std::vector<std::string>{"training.batch: 128 -> 9"}));
}

TEST(SchemaImages, WhatCannotBeIsRefused) {
  refused_images({"dataset.format=cifar1"}, {"one of shapes, cifar10", "did you mean 'cifar10'"});
  refused_images({"dataset.format=cifar10"}, {"needs dataset.folder"});
  refused_images({"dataset.format=hdf5"}, {"needs dataset.file"});
  refused_images({"dataset.file=a.h5"}, {"the format shapes reads no dataset.file"});
  refused_images({"dataset.classes=5"}, {"the format shapes has classes of its own and reads no dataset.classes"});
  refused_images({"training.stages.0.steps=3"}, {"unknown key 'stages' in training"});
  refused_images({"network.kind=mlp"}, {"unknown key 'network'"});
  refused_images({"gate.target=0"}, {"'gate.target' is out of range"});
  refused_images({"gate.target=0.2", "gate.controller={ lowest = 2, highest = 1 }"}, {"no threshold is left"});
  refused_images({"gate.target=0.2", "gate.controller={ integral = 1.5, proportional = 0.5 }"}, {"swings ever wider"});
  refused_images({"gate.target=0.2", "gate.significance={ residual = 0, change = 0, age = 0 }"}, {"nothing is significant"});
  refused_images({"gate.uniform=0.5"}, {"gate.uniform changes a gate that there is not", "gate.target = 0.25"});
  refused_images({"gate.significance.age=0.5", "gate.target=1"}, {"gate.significance.age changes a gate that there is not"});
  refused_images({"training.learning_rate.schedule=one_cycle", "training.learning_rate.max=1e-9"}, {"below it"});
  refused_images({"name=a/b"}, {"the name of a run becomes a folder"});
  testing::expect_error(Status::usage, {"dataset.format", "missing"}, [] { parse_images("name = 'a'\n"); });
  testing::expect_error(Status::usage, {"run it by `jetpinn train`"}, [] { parse_images(small_config); });
  testing::expect_error(Status::usage, {"run it by `jetpinn classify`"},
                        [] { parse_config(smallest_images, "a.toml", {}); });
}

// JETPINN_UPDATE_DOCS=1 in the environment writes the page's list anew.
TEST(SchemaImages, DocsListEveryKeyAsItIs) {
  const char* root = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const std::string path = std::string(root) + "/docs/classify.md", begin = "```text\n", end = "```\n";
  std::ifstream file(path);
  std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t from = page.find(begin), to = from == std::string::npos ? from : page.find("\n" + end, from);
  ASSERT_NE(to, std::string::npos) << "docs/classify.md has no ```text block";
  const std::size_t first = from + begin.size();
  const std::string keys = describe_keys(ConfigTask::images);
  if (std::getenv("JETPINN_UPDATE_DOCS"))
    std::ofstream(path) << page.substr(0, first) << keys << page.substr(to + 1);
  else
    EXPECT_EQ(page.substr(first, to + 1 - first), keys) << "run unit_config once with JETPINN_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace jetpinn
