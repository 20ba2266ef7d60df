// Runs that are stopped and go on, and the states of their checkpoints.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/train/trainer.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace jetpinn::testing {

// Asks to stop from the n-th evaluation on, n >= 0.
inline std::function<bool()> stop_at(std::int64_t n) {
  auto calls = std::make_shared<std::int64_t>(0);
  return [calls, n] { return (*calls)++ >= n; };
}

// A run in a folder that logs nothing, has a checkpoint where it begins, ends or is stopped, and keeps all of them.
inline TrainSetup quiet_setup(const std::string& folder) {
  TrainSetup setup;
  setup.name = "heat";
  setup.run_directory = folder;
  setup.resolved_config = "a config";
  setup.network.hidden = {6, 5};
  setup.output.log_every_s = 1e9;
  setup.output.checkpoint_every_s = 1e9;
  setup.output.checkpoint_keep = 100;
  setup.quiet = true;
  setup.stop_requested = [] { return false; };
  return setup;
}

// Collective.
inline std::string new_folder(const SharedFolder& base, const std::string& name) {
  const std::string folder = base.file(name);
  if (test::world().root()) std::filesystem::create_directories(folder);
  test::world().barrier("test");
  return folder;
}

// The newest checkpoint of a run. Collective.
inline LoadedCheckpoint newest(const std::string& folder) {
  auto loaded = CheckpointStore(test::world(), folder, {}).load();
  EXPECT_TRUE(loaded && loaded->rejected.empty());
  return std::move(*loaded);
}

// Whether runs on as many ranks as there are stop there: one rank and two everywhere, three and four at every other step or
// evaluation, between them everywhere.
inline bool stops_at(std::int64_t place) { return test::world().size() <= 2 || place % 2 == test::world().size() % 2; }

// The checkpoint after `step` of a run in `from` that saved after every step and keeps all, as if that run had been in `to`
// and stopped there: the run is trained once, not once for each step that is stopped at. Collective.
inline LoadedCheckpoint stopped_after(std::int64_t step, const std::string& from, const std::string& to) {
  if (test::world().root()) {
    std::string digits = std::to_string(step);
    digits.insert(0, 8 - digits.size(), '0');
    std::filesystem::create_directories(to + "/checkpoints");
    std::filesystem::copy(from + "/checkpoints/step-" + digits, to + "/checkpoints/step-" + digits);
  }
  test::world().barrier("test");
  LoadedCheckpoint stopped = newest(to);
  EXPECT_EQ(std::get<std::int64_t>(stopped.values.at("step")), step);
  return stopped;
}

// The first item in which the states of two runs differ; "": none. Clocks and measured products are never the same.
inline std::string difference(const StateValues& a, const StateValues& b) {
  for (const auto& [name, value] : a) {
    if (name == "elapsed_s" || name == "joules" || name == "last/logged" || name.rfind("products/", 0) == 0) continue;
    const auto other = b.find(name);
    if (other == b.end() || other->second != value) return name;
  }
  return a.size() == b.size() ? "" : "another number of items";
}

}  // namespace jetpinn::testing
