// What a residual asks of a field at a point: of `c*u - g`, or of a derivative of u in its place, the value g/c.
#pragma once

#include "jetpinn/audit/field_values.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace jetpinn {

class Demand {
 public:
  Demand(const Problem& problem, std::size_t term, std::size_t residual);

  // The residual holds one field, or one derivative of one, and nothing else of a field.
  bool single() const { return values_.leaves().size() == 1; }
  NodeId leaf() const { return values_.leaves().front(); }

  // Nothing: the residual is not linear in it, or does not hold it here.
  std::optional<double> at(const std::vector<double>& place);

  std::size_t operations() const { return 3 * values_.operations(); }
  std::size_t term() const { return term_; }

 private:
  FieldValues values_;
  std::size_t term_;
};

// Those of all conditions that are single.
std::vector<Demand> demands_of_conditions(const Problem& problem);

}  // namespace jetpinn
