// Points that are missing or never change: faces without one, resampling without an effect, rows of
// a reference outside the domain.
#include "jetpinn/audit/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jetpinn {

Warnings audit_faces(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const std::vector<PiecePoints> pieces = points_per_piece(input.assembly, t);
    const auto bare = [](const PiecePoints& piece) { return piece.points == 0; };
    const auto first = std::find_if(pieces.begin(), pieces.end(), bare);
    if (first == pieces.end()) continue;
    warnings.push_back(
        {"faces",
         fmt::format(
             "{} of the {} faces of '{}' ({}) have no point, the first is {}, and nothing holds the field there: let "
             "sampling.points.{} be at least {}",
             std::count_if(pieces.begin(), pieces.end(), bare), pieces.size(), problem.terms[t].name, term_key(problem, t),
             first->piece, problem.terms[t].name, pieces.size())});
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

Warnings audit_resampling(const AuditInput& input) {
  const std::int64_t every = input.assembly.sampling.resample_every, steps = input.training.total_steps();
  if (every == 0) return {};
  const auto is_fixed = [](const Piece& piece) { return piece.lower == piece.upper; };
  const auto& terms = input.assembly.problem->terms;
  const bool fixed = std::all_of(terms.begin(), terms.end(), [&](const Term& term) {
    return term.table || std::all_of(term.region.pieces.begin(), term.region.pieces.end(), is_fixed);
  });
  if (fixed)
    return {{"resampling", fmt::format("sampling.resample_every = {} changes nothing, for every term has single points that "
                                       "stay where they are: set it to 0",
                                       every)}};
  if (every >= steps && steps > 0)
    return {{"resampling",
             fmt::format(
                 "sampling.resample_every = {} changes nothing, for training ends after {} steps: lower it, or set it to 0",
                 every, steps)}};
  return {};
}

}  // namespace jetpinn
