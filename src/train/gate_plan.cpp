#include "jetpinn/train/gate_plan.hpp"

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/gate/selection.hpp"
#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

// Steps of no point would train nothing without a word.
void require_chosen(const Assembly& assembly, const TrainingOptions& training, const std::vector<std::size_t>& terms) {
  double candidates = 0;
  for (const std::size_t t : terms) candidates += static_cast<double>(assembly.counts[t]);
  for (std::size_t s = 0; s < training.stages.size(); ++s)
    if (const GateOptions gate = training.gate_of_stage(s); gate.target * candidates < 1)
      throw Error(Status::usage,
                  fmt::format("the gate of stage {} leaves less than one of {:g} points to a step, for its target is {:g}; "
                              "raise the target (gate.target) or take more points (sampling.points)",
                              s, candidates, gate.target));
}

}  // namespace

std::string why_not_gated(const Assembly& assembly, std::size_t t) {
  const Term& term = assembly.problem->terms[t];
  if (is_streamed(assembly, t)) return "the rows of its table are streamed, and none is kept to have a score";
  if (term.hard) return "it is hard, and its residual 0 everywhere";
  if (term.reduction != Reduction::mean_of_squares) return "it squares a mean, which is one of all its points";
  if (is_stored(assembly, t)) return "";
  const auto is_single = [](const Piece& piece) { return dimension_of(piece) == 0; };
  const std::vector<Piece>& pieces = term.region.pieces;
  return std::all_of(pieces.begin(), pieces.end(), is_single) ? "it has single points, all of which are needed" : "";
}

std::vector<std::size_t> gated_terms(const Assembly& assembly, const TrainingOptions& training) {
  std::vector<std::size_t> terms;
  if (!training.has_gate()) return terms;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::string& name = assembly.terms[t].name;
    if (!training.gate.names(name)) continue;
    const std::string reason = why_not_gated(assembly, t);
    if (reason.empty())
      terms.push_back(t);
    else if (!training.gate.terms.empty())
      throw Error(Status::usage,
                  fmt::format("gate.terms: the points of '{}' cannot be gated, for {}; leave it out", name, reason));
  }
  if (terms.empty())
    throw Error(Status::usage, "the gate has no candidates, for no term has points that could be left out; remove [gate]");
  for (const std::size_t t : terms)
    if (assembly.counts[t] > most_gated_samples)
      throw Error(Status::usage, fmt::format("a gate takes up to 2^30 points of a term, and '{}' has {}; lower "
                                             "sampling.points, or leave it out of gate.terms",
                                             assembly.terms[t].name, assembly.counts[t]));
  require_chosen(assembly, training, terms);
  return terms;
}

std::int64_t gate_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank) {
  if (!training.has_gate()) return 0;
  constexpr auto real = static_cast<std::int64_t>(sizeof(double));
  const StagePoints& points = assembly.stage_points(stage);
  double target = 0;  // the largest of any stage, for its chosen points stay
  for (std::size_t s = 0; s < training.stages.size(); ++s)
    if (const GateOptions gate = training.gate_of_stage(s); gate.active()) target = std::max(target, gate.target);
  std::int64_t bytes = 0;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::int64_t own = grown(assembly, t, rows_of(points.blocks[static_cast<std::size_t>(rank)][t]));
    const std::int64_t columns = point_columns(assembly, t) + 1;
    if (!training.gate.names(assembly.terms[t].name) || !why_not_gated(assembly, t).empty()) {
      bytes += own * columns * real;  // beside the chosen ones
      continue;
    }
    // Scores, what becomes of them in a step, the residuals of a scoring, and the chosen points as they are sent and dealt.
    const std::int64_t scores = (training.gate.significance.gradient > 0 ? 4 : 3) + 4;
    const auto chosen = static_cast<std::int64_t>(std::ceil(static_cast<double>(own) * target * 2)) + block_points;
    bytes += real * (own * (scores + assembly.terms[t].program.residuals()) + 4 * std::min(own, chosen) * columns);
  }
  return bytes;
}

std::string gate_text(const Assembly& assembly, const TrainingOptions& training) {
  std::string text;
  for (std::size_t s = 0; s < training.stages.size(); ++s) {
    const GateOptions gate = training.gate_of_stage(s);
    if (!gate.active()) continue;
    const std::string scored = gate.scores()
                                   ? fmt::format(", scored every {} step{}", gate.refresh, gate.refresh == 1 ? "" : "s")
                                   : ", drawn evenly";
    text +=
        fmt::format("gate       stage {}: {:g} % of the points after {} steps of all{}, {:g} % of them evenly, {}; terms", s,
                    100 * gate.target, gate.warm_up, scored, 100 * gate.uniform,
                    gate.unbiased ? "weighed by 1/probability" : "weighed alike");
    for (std::size_t t = 0; t < assembly.terms.size(); ++t)
      if (gate.names(assembly.terms[t].name) && why_not_gated(assembly, t).empty()) text += " " + assembly.terms[t].name;
    text += "\n";
  }
  return text;
}

}  // namespace jetpinn
