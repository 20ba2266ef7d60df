#include "jetpinn/train/term_measures.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace jetpinn {
namespace {

// Faces with the same numbers of nodes are counted together.
std::string nodes_text(const QuadraturePoints& nodes, std::size_t parts) {
  std::vector<std::pair<std::string, int>> kinds;
  for (std::size_t p = 0; p < parts; ++p) {
    const std::string text = nodes.text(p);
    const auto known = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == text; });
    if (known == kinds.end())
      kinds.emplace_back(text, 1);
    else
      ++known->second;
  }
  std::string text;
  for (const auto& [count, times] : kinds)
    text += (text.empty() ? "Gauss-Legendre nodes " : " and ") + count +
            (times > 1 ? fmt::format(" on each of {} parts", times) : "");
  return text;
}

// The box that the parts of a region lie in, in space cut down to that of the domain: "x -1 .. 1, y 0 .. 2".
std::string box_text(const Problem& problem, const BoxRegion& region) {
  const std::vector<int> space = problem.symbols.space();
  std::string text;
  for (std::size_t d = 0; d < region.units().size(); ++d) {
    double lower = region.lower(0)[d], upper = region.upper(0)[d];
    for (std::size_t p = 1; p < region.parts(); ++p) {
      lower = std::min(lower, region.lower(p)[d]);
      upper = std::max(upper, region.upper(p)[d]);
    }
    const auto axis = std::find(space.begin(), space.end(), static_cast<int>(d));
    if (problem.shape && axis != space.end()) {
      const auto k = static_cast<std::size_t>(axis - space.begin());
      lower = std::max(lower, problem.shape->lower()[k]);
      upper = std::min(upper, problem.shape->upper()[k]);
    }
    const auto shown = [&](double place) { return std::abs(place) < 1e-9 * region.units()[d] ? 0.0 : place; };
    text += fmt::format("{}{} {:.6g} .. {:.6g}", text.empty() ? "" : ", ", problem.symbols.coordinates[d], shown(lower),
                        shown(upper));
  }
  return text;
}

// The share of points that are drawn for a part and lie out of it, by the trial points that gave its measure.
double rejected(const BoxRegion& region, std::size_t part) {
  const Piece& piece = region.region().pieces[part];
  double drawn = piece.border ? piece.border->border->surface().measure() : 1;
  const DrawnBox box = drawn_box(piece);
  for (const std::size_t d : free_coordinates(piece))
    drawn *= (box.upper[d] - box.lower[d]) / (piece.border ? 1 : region.units()[d]);
  return 1 - (piece.border ? piece.size : piece.measure) / drawn;
}

// "in x -1 .. 1, y 0 .. 2, 23 % of the points drawn rejected"; of several parts the least and the most of them.
std::string drawn_text(const Problem& problem, const BoxRegion& region) {
  double least = 1, most = 0;
  for (std::size_t p = 0; p < region.parts(); ++p) {
    least = std::min(least, rejected(region, p));
    most = std::max(most, rejected(region, p));
  }
  const auto percent = [](double share) { return fmt::format("{:.{}g}", 100 * std::max(share, 0.0), share > 0.99 ? 4 : 2); };
  return fmt::format("in {}, {} % of the points drawn rejected", box_text(problem, region),
                     percent(least) == percent(most) ? percent(most) : percent(least) + " to " + percent(most));
}

}  // namespace

std::vector<std::string> measure_sentences(const Assembly& assembly) {
  const Problem& problem = *assembly.problem;
  std::vector<std::string> sentences;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    const BoxRegion region(term.region, problem.graph);
    if (is_stored(assembly, t) || region.dimension() == 0) continue;
    const std::vector<double> measures = region.coordinate_measures();
    bool estimated = false;
    for (std::size_t p = 0; p < region.parts(); ++p) estimated = estimated || region.restricted(p);
    std::string text = fmt::format("{} {}{:.6g}", term.name, estimated ? "about " : "",
                                   std::accumulate(measures.begin(), measures.end(), 0.0));
    if (assembly.chosen.method_of(term.name) == SamplingMethod::gauss_legendre)
      text += ", " + nodes_text(term_quadrature(assembly, assembly.chosen, t), region.parts());
    if (term.integral) text += ", of which the loss is an integral";
    if (estimated) text += ", " + drawn_text(problem, region);
    sentences.push_back(text);
  }
  return sentences;
}

}  // namespace jetpinn
