// Residuals that are not periodic in a coordinate in which the network is.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/field_values.hpp"
#include "jetpinn/network/run_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double smallest_difference = 1e-3, step_inside = 1e-7;
constexpr std::uint64_t places = 32;

struct Difference {
  double size = 0, largest = 0;   // between the two ends; of all values seen
  std::vector<double> place;      // at the lower end
};

// A residual at both ends of a coordinate, with the same fields there: at the ends themselves or a step inside, where it
// differs less, for `mod` is periodic at its jump.
void compare_ends(FieldValues& values, const Piece& piece, std::size_t along, Difference& worst) {
  const double length = piece.upper[along] - piece.lower[along];
  for (std::uint64_t i = 0; i < places; ++i) {
    std::vector<double> place = piece.lower, fields(values.leaves().size());
    for (std::size_t d = 0; d < place.size(); ++d)
      place[d] += 0.5 * (1 + audit_number(i, d, 3)) * (piece.upper[d] - piece.lower[d]);
    for (std::size_t f = 0; f < fields.size(); ++f) fields[f] = audit_number(i, f, 4);
    const auto at = [&](double x) {
      place[along] = x;
      const double value = values(place.data(), fields.data());
      if (std::isfinite(value)) worst.largest = std::max(worst.largest, std::abs(value));
      return value;
    };
    const double inner = step_inside * length;
    const double at_ends = std::abs(at(piece.upper[along]) - at(piece.lower[along]));
    const double inside = std::abs(at(piece.upper[along] - inner) - at(piece.lower[along] + inner));
    const double difference = std::min(at_ends, inside);
    if (!(difference > worst.size)) continue;
    place[along] = piece.lower[along];
    worst.size = difference;
    worst.place = place;
  }
}

Difference difference_of_ends(const Problem& problem, const Term& term, NodeId residual, std::size_t along) {
  FieldValues values(problem.graph, residual, term.pair);
  Difference worst;
  std::size_t pieces = 0;
  for (const Piece& piece : term.region.pieces) {
    const bool whole = !piece.border && piece.condition < 0 && piece.lower[along] == problem.lower[along] &&
                       piece.upper[along] == problem.upper[along];
    if (whole && ++pieces <= 8) compare_ends(values, piece, along, worst);
  }
  if (!(worst.size > smallest_difference * worst.largest)) worst.size = 0;
  return worst;
}

}  // namespace

bool periodic_outputs(const Problem& problem, int coordinate) {
  Term domain;
  domain.region = domain_region(problem.lower, problem.upper);
  return std::all_of(problem.outputs.begin(), problem.outputs.end(), [&](NodeId output) {
    return difference_of_ends(problem, domain, output, static_cast<std::size_t>(coordinate)).size == 0;
  });
}

namespace {

// Pairs that link both ends of a coordinate in which the network is periodic: it has the same values and derivatives there.
void add_vacuous_pairs(const Problem& problem, const std::string& name, int along, Warnings& warnings) {
  const auto d = static_cast<std::size_t>(along);
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    if (term.pair.size() != 1 || term.pair[0].coordinate != along) continue;
    const auto an_end = [&](double x) { return x == problem.lower[d] || x == problem.upper[d]; };
    const bool ends = an_end(term.pair[0].value) &&
                      std::all_of(term.region.pieces.begin(), term.region.pieces.end(),
                                  [&](const Piece& piece) { return !piece.border && an_end(piece.lower[d]); });
    if (ends)
      warnings.push_back(
          {"periodic", fmt::format("'{}' ({}) links both ends of {}, which network.periodic = [\"{}\"] makes one "
                                   "place: take the condition out, or \"{}\" out of network.periodic",
                                   term.name, term_key(problem, t), name, name, name)});
  }
}

}  // namespace

Warnings audit_periodic(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const auto& coordinates = problem.symbols.coordinates;
  Warnings warnings;
  for (const std::string& name : periodic_in_all(input.network)) {
    const auto d = static_cast<std::size_t>(std::find(coordinates.begin(), coordinates.end(), name) - coordinates.begin());
    if (!periodic_outputs(problem, static_cast<int>(d))) continue;   // the transform takes the network's period away
    add_vacuous_pairs(problem, name, static_cast<int>(d), warnings);
    for (std::size_t t = 0; t < problem.terms.size(); ++t)
      for (NodeId residual : problem.terms[t].stated) {
        if (reads_data(problem.graph, residual) || problem.graph.depends_on_attributes(residual))
          continue;  // known at its points alone
        const Difference found = difference_of_ends(problem, problem.terms[t], residual, d);
        if (found.size == 0) continue;
        warnings.push_back(
            {"periodic",
             fmt::format("'{}' ({}) is not periodic in {}, as network.periodic has it: with the same fields at {} and at {} "
                         "= {:.6g} its residual differs by {:.2g} of its largest value; take \"{}\" out of "
                         "network.periodic, or let problem.domain be one whole period",
                         problem.terms[t].name, term_key(problem, t), name, place_text(problem, found.place), name,
                         problem.upper[d], found.size / found.largest, name)});
        break;
      }
  }
  return warnings;
}

}  // namespace jetpinn
