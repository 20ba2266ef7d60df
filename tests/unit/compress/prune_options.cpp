// What `prune` cannot do is refused by the option that asks for it.
#include "jetpinn/compress/prune_options.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

TEST(PruneOptions, BadValuesAreNamed) {
  PruneOptions half;
  half.target = 0.5;
  const auto refused = [&](const std::string& words, auto change) {
    PruneOptions options = half;
    change(options);
    testing::expect_error(Status::usage, {words}, [&] { check_prune_options(options); });
  };
  check_prune_options(half);
  refused("--target is 0", [](PruneOptions& o) { o.target = 0; });
  refused("--target is 1", [](PruneOptions& o) { o.target = 1; });
  refused("--limit is 1", [](PruneOptions& o) { o.limit = 1; });
  refused("would vanish", [](PruneOptions& o) { o.min_width = 0; });
  refused("--allowed-loss is 0.5", [](PruneOptions& o) { o.allowed_loss = 0.5; });
}

TEST(PruneOptions, NamesAreThoseOfTheCommand) {
  for (const std::string& name : unit_score_names()) EXPECT_EQ(to_string(unit_score(name)), name);
  for (const std::string& name : prune_schedule_names()) EXPECT_EQ(to_string(prune_schedule(name)), name);
  EXPECT_EQ(unit_score("residual"), UnitScore::residual);
  EXPECT_EQ(prune_schedule("cubic"), PruneSchedule::cubic);
}

}  // namespace
}  // namespace jetpinn
