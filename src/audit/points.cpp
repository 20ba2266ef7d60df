// Points that are missing or never change: faces without one, resampling without an effect, rows of
// a reference outside the domain, rows of a term's table outside its shapes.
#include "jetpinn/audit/audit.hpp"

#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

namespace {

const StageSampling& sampling_of(const AuditInput& input, std::size_t stage) {
  static const StageSampling none;
  const std::vector<StageSampling>& stages = input.assembly.sampling.stages;
  return stage < stages.size() ? stages[stage] : none;
}

// The key that says how many points a term has in a stage.
std::string points_key(const AuditInput& input, std::size_t stage, const std::string& term) {
  const bool own = sampling_of(input, stage).points.count(term) > 0;
  return own ? fmt::format("training.stages.{}.sampling.points.{}", stage, term) : "sampling.points." + term;
}

// Whether a stage is resampled while it lasts: after which steps is counted over all stages.
bool resamples(const TrainingOptions& training, std::size_t stage, std::int64_t every) {
  std::int64_t before = 0;
  for (std::size_t s = 0; s < stage; ++s) before += training.stages[s].steps;
  const std::int64_t last = before + training.stages[stage].steps - 1;  // steps that are done before the last one
  return last > 0 && last / every * every >= std::max<std::int64_t>(before, 1);
}

}  // namespace

Warnings audit_faces(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    std::set<std::string> keys;
    for (const std::size_t stage : input.training.trained_stages()) {
      const std::string key = points_key(input, stage, problem.terms[t].name);
      if (!keys.insert(key).second) continue;
      const std::vector<PiecePoints> pieces = points_per_piece(input.assembly, t, input.assembly.stage_points(stage).chosen);
      const auto bare = [](const PiecePoints& piece) { return piece.points == 0; };
      const auto first = std::find_if(pieces.begin(), pieces.end(), bare);
      if (first == pieces.end()) continue;
      warnings.push_back(
          {"faces",
           fmt::format("{} of the {} faces of '{}' ({}) have no point, the first is {}, and nothing holds the field there: "
                       "let {} be at least {}",
                       std::count_if(pieces.begin(), pieces.end(), bare), pieces.size(), problem.terms[t].name,
                       term_key(problem, t), first->piece, key, pieces.size())});
    }
  }
  return warnings;
}

Warnings audit_reference_rows(const AuditInput& input) {
  const ReferenceFacts& reference = input.reference;
  if (reference.left_out == 0) return {};
  return {{"reference", fmt::format("{} of {} rows of {} (reference.file) lie outside the domain and are compared with "
                                    "nothing: check the units of its "
                                    "coordinates, let problem.domain hold them, or take those rows out",
                                    reference.left_out, reference.rows, reference.source)}};
}

Warnings audit_table_rows(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    if (!problem.terms[t].table || input.assembly.tables[t].shapes.off == 0) continue;
    const RowsOffShapes& rows = input.assembly.tables[t].shapes;
    const bool all = rows.looked_at >= input.assembly.tables[t].all - input.assembly.tables[t].outside;
    warnings.push_back(
        {"table",
         fmt::format("{} of {} rows {}of {} ({}.points) lie outside the domain that the shapes make, such as row {}, "
                     "and '{}' is trained on them all the same: take them out, or let geometry.domain hold them",
                     rows.off, rows.looked_at, all ? "" : "looked at ", problem.terms[t].table->file, term_key(problem, t),
                     rows.first, problem.terms[t].name)});
  }
  return warnings;
}

Warnings audit_resampling(const AuditInput& input) {
  const std::string of_run = "sampling.resample_every";
  // Of the run, where some stage takes its value; of the stages that have one of their own.
  std::map<std::string, std::pair<std::int64_t, bool>> keys;  // value, and whether it changes something
  for (const std::size_t stage : input.training.trained_stages()) {
    const std::optional<std::int64_t> own = sampling_of(input, stage).resample_every;
    const std::string key = own ? fmt::format("training.stages.{}.sampling.resample_every", stage) : of_run;
    const std::int64_t every = own.value_or(input.assembly.sampling.resample_every);
    if (every == 0) continue;
    auto& [value, changes] = keys[key];
    value = every;
    changes = changes || input.training.total_steps() == 0 || resamples(input.training, stage, every);
  }
  const auto is_fixed = [](const Piece& piece) { return dimension_of(piece) == 0; };
  const auto& terms = input.assembly.problem->terms;
  bool fixed = true;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const std::vector<Piece>& pieces = terms[t].region.pieces;
    fixed = fixed && (is_kept(input.assembly, t) || std::all_of(pieces.begin(), pieces.end(), is_fixed));
  }
  Warnings warnings;
  for (const auto& [key, value] : keys) {
    const auto& [every, changes] = value;
    if (fixed)
      warnings.push_back({"resampling", fmt::format("{} = {} changes nothing, for all terms have single points, rows of "
                                                    "tables, or points that follow the residual: set it to 0",
                                                    key, every)});
    else if (!changes)
      warnings.push_back({"resampling", fmt::format("{} = {} changes nothing, for {}: lower it, or set it to 0", key, every,
                                                    key == of_run ? fmt::format("training ends after {} steps",
                                                                                input.training.total_steps())
                                                                  : "the stage ends before the steps of the run are a "
                                                                    "multiple of it")});
  }
  return warnings;
}

Warnings audit_adaptive(const AuditInput& input) {
  const AdaptiveOptions& adaptive = input.assembly.sampling.adaptive;
  if (!adaptive.active() || input.training.total_steps() == 0) return {};
  for (const std::size_t stage : input.training.trained_stages())
    if (const std::int64_t every = adaptive.interval(input.training.stages[stage].optimizer.searches());
        every > 0 && resamples(input.training, stage, every))
      return {};
  return {
      {"adaptive", fmt::format("sampling.adaptive changes nothing, for no stage has a step behind a multiple of {} steps "
                               "(every, search_every): lower them, or remove it",
                               adaptive.every)}};
}

}  // namespace jetpinn
