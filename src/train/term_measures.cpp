#include "jetpinn/train/term_measures.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
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
    sentences.push_back(text);
  }
  return sentences;
}

}  // namespace jetpinn
