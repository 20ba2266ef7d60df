#include "jetpinn/train/profiling.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/profile_table.hpp"
#include "jetpinn/profile/summary.hpp"

#include <algorithm>
#include <vector>

namespace jetpinn {

Profiling::Profiling(Communicator& communicator, const TrainSetup& setup) : communicator_(communicator), setup_(setup) {}

void Profiling::retire_engine() {
  if (!engine_) return;
  add(retired_, engine_->work());
  retired_s_ += engine_roofline_s();
  engine_ = nullptr;
}

void Profiling::use(const Engine& engine, const MemoryRecord& memory, std::int64_t points) {
  engine_ = &engine;
  points_ = points;
  memory_ = memory;
  if (!machine_) machine_ = machine_peaks(communicator_);
  peaks_ = machine_->in(engine.precision());
}

void Profiling::start(std::int64_t step, std::int64_t evaluations, double agreed_s) {
  // What other engines computed until now, as the audit's, is start-up: their work is not counted.
  for (const Region kernels : {Region::product, Region::activation, Region::tape})
    move_region_time(kernels, Region::startup, region_times()[kernels]);
  if (setup_.output.profile.detail == ProfileDetail::off) return;
  ProfileFacts begin;
  begin.step = step;
  begin.evaluations = evaluations;
  profiler_.emplace(communicator_, setup_.run_directory, setup_.output.profile, setup_.program_start, begin, agreed_s);
}

void Profiling::begin_step() noexcept {
  if (profiler_) profiler_->begin_step();
}

void Profiling::end_step() noexcept {
  if (profiler_) profiler_->end_step();
}

void Profiling::close_if_due(DistributedObjective& objective, std::int64_t step, double agreed_s) {
  if (profiler_ && profiler_->due(agreed_s)) close(objective, step, agreed_s);
}

void Profiling::close(DistributedObjective& objective, std::int64_t step, double agreed_s) {
  if (profiler_) profiler_->close(facts(objective, step), objective.allreduce_seconds(), agreed_s);
  objective.clear_allreduce_seconds();
}

void Profiling::finish(DistributedObjective& objective, std::int64_t step, double agreed_s, RunSummary& summary) {
  const double wall_s = std::max(wall_seconds() - setup_.program_start, 1e-9);
  summary.peak_memory_mib = communicator_.gather("summary", static_cast<double>(peak_resident_bytes()) / 1048576.0);
  summary.product_share = mean_over_ranks(region_times()[Region::product] / wall_s);
  summary.utilisation = mean_over_ranks(roofline_s() / wall_s);
  summary.memory_efficiency = mean_over_ranks(memory_efficiency());
  if (!profiler_) return;
  profiler_->close(facts(objective, step), objective.allreduce_seconds(), agreed_s, summary.status);
  objective.clear_allreduce_seconds();
  const std::vector<std::string> ranks = communicator_.gather("profile", to_json_text(profiler_->totals()));
  communicator_.agree("profile", [&] {
    if (!communicator_.root()) return;
    std::vector<RankTotals> totals;
    for (const std::string& rank : ranks) totals.push_back(totals_from_json(rank));
    const ProfileSummary profile = summarize(totals);
    write_text_file(setup_.run_directory + "/profile/summary.json", summary_json(profile));
    summary.profile = profile_table(profile);
    summary.bottleneck = profile.bottleneck.sentence;
    if (!profile.doubts.empty()) summary.bottleneck += " (shares not known well: " + profile.doubts.front() + ")";
  });
}

double Profiling::mean_over_ranks(double value) const {
  double sum = 0;
  for (double of_rank : communicator_.gather("summary", value)) sum += of_rank;
  return sum / communicator_.size();
}

void Profiling::fail(const DistributedObjective& objective, std::int64_t step) noexcept {
  if (profiler_) profiler_->fail(facts(objective, step));
}

ProfileFacts Profiling::facts(const DistributedObjective& objective, std::int64_t step) const {
  ProfileFacts facts;
  facts.step = step;
  facts.evaluations = objective.evaluations();
  facts.message_bytes = objective.message_bytes();
  facts.points = points_;
  facts.work = retired_;
  if (engine_) {
    facts.precision = to_string(engine_->precision());
    add(facts.work, engine_->work());
  }
  facts.memory = memory_;
  facts.peaks = peaks_;
  return facts;
}

double Profiling::engine_roofline_s() const {
  if (!engine_) return 0;
  const EngineWork work = engine_->work();
  double seconds = 0;
  for (const KernelWork& kernel : {work.product, work.activation, work.tape}) seconds += roofline_seconds(kernel, peaks_);
  const double rate = engine_->product_rate();
  return seconds > 0 || rate <= 0 ? seconds : work.product.flop / rate;
}

double Profiling::roofline_s() const { return retired_s_ + engine_roofline_s(); }

double Profiling::memory_efficiency() const {
  return memory_.used > 0 ? static_cast<double>(memory_.minimum) / static_cast<double>(memory_.used) : 0;
}

}  // namespace jetpinn
