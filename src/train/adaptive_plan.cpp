#include "jetpinn/train/adaptive_plan.hpp"

#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace jetpinn {

std::int64_t times_points(double factor, double count) { return std::llround(std::min(factor * count, 1e18)); }

std::int64_t grown(const Assembly& assembly, std::size_t term, std::int64_t number) {
  const AdaptiveOptions& options = assembly.sampling.adaptive;
  if (!options.grows() || !is_adaptive(assembly, term)) return number;
  return static_cast<std::int64_t>(std::ceil(*options.settings().most * static_cast<double>(number)));
}

// The points before the round, what is sent and received of them, and of the fresh ones residuals and keys of all, columns
// of a piece.
std::int64_t adaptive_bytes(const Assembly& assembly, std::size_t stage, int rank) {
  constexpr auto real = static_cast<std::int64_t>(sizeof(double));
  const AdaptiveOptions& options = assembly.sampling.adaptive;
  const StagePoints& points = assembly.stage_points(stage);
  const auto ranks = static_cast<std::int64_t>(points.blocks.size());
  std::int64_t bytes = 0;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    if (!is_adaptive(assembly, t)) continue;
    const std::int64_t columns = point_columns(assembly, t), residuals = assembly.terms[t].program.residuals(),
                       own = with_room(assembly,
                                       grown(assembly, t, rows_of(points.blocks[static_cast<std::size_t>(rank)][t]))),
                       fresh = times_points(options.settings().candidates.value_or(1),
                                            static_cast<double>(grown(assembly, t, points.counts[t]))),
                       scored = fresh / ranks + block_points;
    const std::int64_t of_scored = options.score == AdaptiveScore::uncertainty ? 5 : 3, of_cells = options.cells > 0 ? 4 : 0;
    const std::int64_t of_pieces = options.score == AdaptiveScore::uncertainty ? 4 : 1;
    bytes += real * (own * columns * (options.roll_back > 0 ? 5 : 4) + (of_scored + of_cells) * scored +
                     std::min(scored, fresh_piece) * (columns + of_pieces * residuals + 1));
  }
  return bytes;
}

std::string adaptive_text(const Assembly& assembly) {
  const AdaptiveOptions& options = assembly.sampling.adaptive;
  if (!options.active()) return "";
  std::vector<std::string> names;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (is_adaptive(assembly, t)) names.push_back(assembly.terms[t].name);
  std::string text =
      fmt::format("adaptive   {} every {} step{}", to_string(options.method), options.every, options.every == 1 ? "" : "s");
  if (options.search_every)
    text += *options.search_every == 0 ? ", never in stages of line searches"
                                       : fmt::format(", in stages of line searches every {}", *options.search_every);
  const AdaptiveDefaults settings = options.settings();
  if (settings.candidates) text += fmt::format(", {:g} fresh points for each", *settings.candidates);
  if (options.score == AdaptiveScore::uncertainty)
    text += fmt::format(", by the uncertainty of {} networks off by {:g}", options.ensemble, options.spread);
  if (settings.power) text += fmt::format(", power {:g}, offset {:g}", *settings.power, *settings.offset);
  if (options.cells > 0) text += fmt::format(", means of about {} cells", options.cells);
  if (settings.add)
    text += fmt::format(", {:g} of the first points more, at most {:g} times as many", *settings.add, *settings.most);
  if (settings.most_change && *settings.most_change < 1)
    text += fmt::format(", at most {:g} of them change", *settings.most_change);
  return text + fmt::format("; terms {}\n", fmt::join(names, " "));
}

}  // namespace jetpinn
