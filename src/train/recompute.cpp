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

// The least work within the limit; the least memory where nothing is. What a plan takes falls with its columns.
RecomputedLayers choose_within(const Assembly& assembly, const PlannedBytes& planned, double limit_bytes) {
  RecomputeSearch search(assembly.network, all_layers(assembly));
  RecomputePlan chosen = search.least();
  const double least_bytes = planned.with(chosen.layers);
  if (least_bytes > limit_bytes) return least_bytes < planned.kept() ? chosen.layers : RecomputedLayers();
  std::int64_t within = chosen.columns, beyond = search.keeps_all().columns;
  while (beyond - within > 1) {
    const std::int64_t middle = within + (beyond - within) / 2;
    std::optional<RecomputePlan> found = search.within(middle);
    if (found && planned.with(found->layers) > limit_bytes) {
      beyond = std::min(middle, found->columns);
    } else {
      within = middle;
      if (found) chosen = *std::move(found);
    }
  }
  return chosen.layers;
}

RecomputedLayers choose(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output,
                        double limit_bytes) {
  const RecomputeOptions& wanted = training.recompute;
  if (wanted.automatic ? limit_bytes <= 0 : wanted.segments == 1) return {};
  if (!wanted.automatic) {
    RecomputedLayers segments = plan_segments(assembly.network, wanted.segments, all_layers(assembly));
    const PlannedBytes planned(assembly, training, output);
    return planned.with(segments) < planned.kept() ? segments : RecomputedLayers();
  }
  const PlannedBytes planned(assembly, training, output);
  return planned.kept() <= limit_bytes ? RecomputedLayers() : choose_within(assembly, planned, limit_bytes);
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
  if (training.engine != EngineKind::jets) return planned.kept();
  RecomputeSearch search(assembly.network, all_layers(assembly));
  return std::min(planned.kept(), planned.with(search.least().layers));
}

}  // namespace jetpinn
