#include "jetpinn/bench/bench_allreduce.hpp"

#include "support/world.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace jetpinn {
namespace {

using test::world;

BenchAllreduceOptions quick() {
  BenchAllreduceOptions options;
  options.bytes = {8, 1000, 70000, 300000};
  options.timing = {0, 2};
  return options;
}

double figure(const BenchResult& result, const std::string& name) {
  for (const auto& [key, value] : result.figures)
    if (key == name) return std::get<double>(value);
  ADD_FAILURE() << "no figure " << name << " of " << result.name;
  return 0;
}

TEST(BenchAllreduce, TimesAndVerifiesEveryKindAndSize) {
  const BenchReport report = bench_allreduce(world(), quick());
  EXPECT_EQ(report.benchmark, "allreduce");
  EXPECT_EQ(report.machine.ranks, world().size());
  ASSERT_EQ(report.results.size(), 3 * quick().bytes.size());
  EXPECT_TRUE(report.verified()) << report.text();
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const BenchResult& result = report.results[i];
    const std::int64_t bytes = quick().bytes[i / 3];
    EXPECT_EQ(std::get<std::int64_t>(result.parameters[0].second), bytes);
    EXPECT_EQ(result.name, to_string(gradient_sync_kinds[i % 3]));
    EXPECT_GE(result.seconds.samples, 2);
    if (result.name == "early") {
      EXPECT_NEAR(figure(result, "compute_s") + figure(result, "exposed_s"), result.seconds.median, 1e-12);
      EXPECT_GE(figure(result, "overlap"), 0);
    } else {
      // nccl-tests' definitions.
      const double rate = static_cast<double>(bytes) / result.seconds.median * 1e-9, ranks = world().size();
      EXPECT_NEAR(figure(result, "algorithm_gb_per_s") / rate, 1, 1e-12);
      EXPECT_NEAR(figure(result, "bus_gb_per_s"), 2 * (ranks - 1) / ranks * rate, 1e-12 * rate);
      EXPECT_GE(figure(result, "copy_share"), 0);
    }
  }
}

TEST(BenchAllreduce, SaysWhatSumsWhereThatMayNotBeWhatWasAskedFor) {
  BenchAllreduceOptions options = quick();
  options.bytes = {1000};
  options.sync.library = GradientLibrary::automatic;
  options.sync.nccl.nccl = "libno-such-nccl.so";
  for (const BenchResult& result : bench_allreduce(world(), options).results) {
    ASSERT_EQ(result.figures.back().first, "summed_by");
    EXPECT_TRUE(std::get<std::string>(result.figures.back().second).starts_with("MPI: ")) << result.name;
  }
}

// Adds one to an entry of the last rank.
class WrongSync : public GradientSync {
 public:
  explicit WrongSync(std::unique_ptr<GradientSync> sync) : sync_(std::move(sync)) {}
  void start_together(Stream stream, std::span<const SumPart> parts) override {
    for (const SumPart& part : parts)
      if (world().rank() == world().size() - 1 && part.count > 0) static_cast<double*>(part.data)[part.count - 1] += 1;
    sync_->start_together(stream, parts);
  }
  void progress() override { sync_->progress(); }
  void wait(Stream stream, double deadline_s) override { sync_->wait(stream, deadline_s); }
  void abort() noexcept override { sync_->abort(); }

 private:
  std::unique_ptr<GradientSync> sync_;
};

TEST(BenchAllreduce, AWrongSumIsNotVerified) {
  BenchAllreduceOptions options = quick();
  options.bytes = {70000};
  options.make_sync = [](Communicator& communicator, const GradientSyncOptions& sync) -> std::unique_ptr<GradientSync> {
    auto sound = make_gradient_sync(communicator, sync);
    if (sync.kind == GradientSyncKind::plain) return sound;
    return std::make_unique<WrongSync>(std::move(sound));
  };
  for (const BenchResult& result : bench_allreduce(world(), options).results) {
    EXPECT_EQ(result.verified, result.name == "plain") << result.name;
    EXPECT_EQ(result.trouble.empty(), result.verified);
  }
}

}  // namespace
}  // namespace jetpinn
