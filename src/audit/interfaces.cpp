// Conditions on fields that have equations in regions alone: places that no region reaches, and an interface beside which
// two regions overlap.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/field_values.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/problem/field_region.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double step_aside = 1e-6;  // of the domain's length
constexpr std::uint64_t draws = 24;  // places of a piece
constexpr std::size_t most_pieces = 16;

struct RegionalField {
  int field = 0, site = 0;
  BoxRegion region;
};

// Of a term's fields those that have a meaning in a region alone.
std::vector<RegionalField> regional_fields(const Problem& problem, const Term& term) {
  std::set<std::pair<int, int>> read;  // fields and sites
  for (const NodeId id : reachable(problem.graph, term.stated))
    if (const Node& node = problem.graph[id]; node.op == Op::field) read.emplace(node.index, node.site);
  std::vector<RegionalField> fields;
  for (const auto& [field, site] : read)
    if (const std::optional<PointRegion> region = field_region(problem, field))
      fields.push_back({field, site, BoxRegion(*region, problem.graph)});
  return fields;
}

class Looker {
 public:
  Looker(const Problem& problem, std::size_t term)
      : problem_(problem), term_(term), fields_(regional_fields(problem, problem.terms[term])) {}

  void look(Warnings& warnings) {
    const std::vector<Piece>& pieces = problem_.terms[term_].region.pieces;
    if (has_border(problem_.terms[term_].region)) return;  // a place beside a piece is looked for along the coordinates
    for (std::size_t p = 0; p < pieces.size() && p < most_pieces; ++p)
      for (std::uint64_t i = 0; i < draws && !fields_.empty(); ++i) {
        const std::vector<double> place = draw(pieces[p], i);
        if (pieces[p].condition >= 0 && evaluate(problem_.graph, pieces[p].condition, place.data()) == 0) continue;
        look_at(pieces[p], place, warnings);
      }
  }

 private:
  static std::vector<double> draw(const Piece& piece, std::uint64_t i) {
    std::vector<double> place = piece.lower;
    for (std::size_t d = 0; d < place.size(); ++d)
      place[d] += 0.5 * (1 + audit_number(i, d, 5)) * (piece.upper[d] - piece.lower[d]);
    return place;
  }

  // One sentence for a term is enough: behind it there is nothing to look for.
  void look_at(const Piece& piece, const std::vector<double>& place, Warnings& warnings) {
    for (const RegionalField& one : fields_) {
      const std::vector<double> read = one.site == 0 ? place : linked(place);
      if (is_near(one.region, read)) continue;
      warnings.push_back({"interface", fmt::format("{} reads {} at {}, where none of its equations holds: let the region of "
                                                   "one (`in`) reach that place, or end the condition before it",
                                                   name(), field_name(one), place_text(problem_, read))});
      return fields_.clear();
    }
    for (std::size_t d = 0; d < place.size(); ++d)
      if (piece.lower[d] == piece.upper[d] && place[d] > problem_.lower[d] && place[d] < problem_.upper[d])
        for (const double side : {-1.0, 1.0})
          if (overlap(moved(place, d, side), place, warnings)) return fields_.clear();
  }

  bool overlap(const std::vector<double>& beside, const std::vector<double>& place, Warnings& warnings) const {
    const RegionalField* first = nullptr;
    for (const RegionalField& one : fields_) {
      if (one.site != 0 || !one.region.inside(beside.data())) continue;
      if (!first) {
        first = &one;
        continue;
      }
      warnings.push_back(
          {"interface", fmt::format("{} joins {} and {}, and the equations of both hold on one side of it, "
                                    "beside {}: let their regions (`in`) end at the interface",
                                    name(), field_name(*first), field_name(one), place_text(problem_, place))});
      return true;
    }
    return false;
  }

  std::vector<double> linked(std::vector<double> place) const {
    for (const auto& [coordinate, value] : problem_.terms[term_].pair) place[static_cast<std::size_t>(coordinate)] = value;
    return place;
  }

  std::vector<double> moved(std::vector<double> place, std::size_t d, double side) const {
    place[d] += side * step_aside * (problem_.upper[d] - problem_.lower[d]);
    return place;
  }

  bool is_near(const BoxRegion& region, const std::vector<double>& place) const {
    if (region.inside(place.data())) return true;
    for (std::size_t d = 0; d < place.size(); ++d)
      for (const double side : {-1.0, 1.0})
        if (region.inside(moved(place, d, side).data())) return true;
    return false;
  }

  std::string name() const { return fmt::format("'{}' ({})", problem_.terms[term_].name, term_key(problem_, term_)); }
  const std::string& field_name(const RegionalField& one) const {
    return problem_.symbols.fields[static_cast<std::size_t>(one.field)];
  }

  const Problem& problem_;
  std::size_t term_;
  std::vector<RegionalField> fields_;
};

}  // namespace

Warnings audit_interfaces(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t)
    if (!problem.terms[t].equation && !problem.terms[t].table) Looker(problem, t).look(warnings);
  return warnings;
}

}  // namespace jetpinn
