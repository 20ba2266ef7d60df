#include "jetpinn/train/recompute.hpp"

#include "jetpinn/engine/jet_sweepers.hpp"
#include "jetpinn/layer/recompute_plan.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

bool all_layers(const Assembly& assembly) { return trained_coefficients(programs_of(assembly.terms)); }

std::vector<RecomputedLayers> plans_of(const Assembly& assembly) {
  return recompute_plans(assembly.network, all_layers(assembly));
}

// What all ranks plan to take, from what they do where all is kept: engines are alike on all of them.
class PlannedBytes {
 public:
  PlannedBytes(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output)
      : assembly_(assembly),
        training_(training),
        output_(output),
        kept_(planned_bytes(assembly, training, output)),  // nothing was chosen
        kept_of_a_rank_(of_a_rank({})) {}

  double kept() const { return kept_; }
  double with(const RecomputedLayers& recomputed) const {
    return kept_ -
           static_cast<double>(kept_of_a_rank_ - of_a_rank(recomputed)) * static_cast<double>(assembly_.blocks.size());
  }

 private:
  std::int64_t of_a_rank(const RecomputedLayers& recomputed) const {
    return plan_memory(assembly_, training_, output_, 0, recomputed).total();
  }

  const Assembly& assembly_;
  const TrainingOptions& training_;
  const OutputOptions& output_;
  const double kept_;
  const std::int64_t kept_of_a_rank_;
};

// The least work within the limit; the least memory where nothing is.
RecomputedLayers choose(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output,
                        double limit_bytes) {
  if (!training.recompute.automatic)
    return training.recompute.segments == 1
               ? RecomputedLayers()
               : plan_segments(assembly.network, training.recompute.segments, all_layers(assembly));
  if (limit_bytes <= 0) return {};
  const PlannedBytes planned(assembly, training, output);
  if (planned.kept() <= limit_bytes) return {};
  RecomputedLayers least;
  double least_bytes = planned.kept();
  for (const RecomputedLayers& plan : plans_of(assembly)) {
    const double bytes = planned.with(plan);
    if (bytes < least_bytes) least = plan, least_bytes = bytes;
    if (bytes <= limit_bytes) break;
  }
  return least;
}

std::string mebibytes(std::int64_t bytes) { return fmt::format("{:.3g} MiB", static_cast<double>(bytes) / (1 << 20)); }

}  // namespace

void choose_recomputed(Assembly& assembly, const TrainingOptions& training, const OutputOptions& output,
                       double limit_bytes) {
  assembly.recomputed.clear();
  if (training.engine == EngineKind::jets) assembly.recomputed = choose(assembly, training, output, limit_bytes);
  assembly.cost = cost_model(assembly.network, assembly.terms, assembly.recomputed);
}

std::optional<RecomputeFacts> recompute_facts(const Assembly& assembly, const TrainingOptions& training,
                                              const OutputOptions& output) {
  if (assembly.recomputed.empty()) return std::nullopt;
  const std::vector<LayerRange> hidden = hidden_layers(assembly.network, all_layers(assembly));
  RecomputeFacts facts;
  facts.hidden_layers = hidden.size();
  for (const LayerRange& range : assembly.recomputed) {
    RecomputeFacts::Segment segment;
    for (std::size_t h = 0; h < hidden.size(); ++h) {
      if (hidden[h].begin == range.begin) segment.first = h + 1;
      if (hidden[h].end == range.end) segment.last = h + 1;
    }
    facts.segments.push_back(segment);
  }
  facts.channels = plan_memory(assembly, training, output, 0).channels;
  facts.channels_kept = plan_memory(assembly, training, output, 0, RecomputedLayers()).channels;
  const CostModel kept = cost_model(assembly.network, assembly.terms);
  double flop = 0;
  for (std::size_t t = 0; t < assembly.counts.size(); ++t)
    flop += kept.flop_per_point[t] * static_cast<double>(assembly.counts[t]);
  if (flop > 0) facts.more_work = assembly.flop_per_step() / flop - 1;
  return facts;
}

std::string recompute_text(const RecomputeFacts& facts) {
  std::string segments;
  for (const auto& [first, last] : facts.segments)
    segments += (segments.empty() ? "" : ", ") + (first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  const bool one = facts.segments.size() == 1 && facts.segments[0].first == facts.segments[0].last;
  return fmt::format(
      "hidden layer{} {} of {} {} computed again in the reverse sweep: channels take {} in place of {}, "
      "{:.3g} % more work",
      one ? "" : "s", segments, facts.hidden_layers, one ? "is" : "are", mebibytes(facts.channels),
      mebibytes(facts.channels_kept), 100 * facts.more_work);
}

double least_planned_bytes(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output) {
  const PlannedBytes planned(assembly, training, output);
  double least = planned.kept();
  if (training.engine != EngineKind::jets) return least;
  for (const RecomputedLayers& plan : plans_of(assembly)) least = std::min(least, planned.with(plan));
  return least;
}

}  // namespace jetpinn
