#include "jetpinn/engine/operator_space.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace jetpinn {

namespace {

constexpr double cancelled = 1e-13;       // relative to the addends: rounding of a few hundred eliminations
constexpr double smallest_pivot = 0.01;   // relative to the row

int multiplicity(const Derivative& derivative, int coordinate) {
  return static_cast<int>(std::count(derivative.by.begin(), derivative.by.begin() + derivative.order, coordinate));
}

int highest_order(const Symbol& symbol) {
  int order = 0;
  for (const auto& part : symbol) order = std::max<int>(order, part.first.order);
  return order;
}

}  // namespace

Derivative without(const Derivative& derivative, int coordinate) {
  Derivative result;
  bool removed = false;
  for (int k = 0; k < derivative.order; ++k) {
    if (!removed && derivative.by[k] == coordinate) removed = true;
    else result.by[result.order++] = derivative.by[k];
  }
  JETPINN_CHECK(removed, "coordinate " + std::to_string(coordinate));
  return result;
}

std::vector<Symbol> symbol_derivatives(const Symbol& symbol) {
  std::map<int, Symbol> by;
  for (const auto& [alpha, coefficient] : symbol) {
    for (int k = 0; k < alpha.order; ++k) {
      const int coordinate = alpha.by[k];
      if (alpha.order == 1 || (k > 0 && alpha.by[k - 1] == coordinate)) continue;
      by[coordinate][without(alpha, coordinate)] += multiplicity(alpha, coordinate) * coefficient;
    }
  }
  std::vector<Symbol> result;
  for (auto& entry : by) result.push_back(std::move(entry.second));
  return result;
}

OperatorSpace::Row OperatorSpace::make_row(const Symbol& symbol) {
  Row row;
  for (const auto& [alpha, coefficient] : symbol) {
    if (coefficient != 0) row[alpha] = {coefficient, std::abs(coefficient)};
  }
  return row;
}

// row -= row[pivot] / by[pivot] * by
void OperatorSpace::eliminate(Row& row, const Row& by, const Derivative& pivot) {
  const auto at = row.find(pivot);
  if (at == row.end()) return;
  const double factor = at->second.value / by.at(pivot).value;
  for (const auto& [alpha, entry] : by) {
    Entry& target = row[alpha];
    target.value -= factor * entry.value;
    target.magnitude += std::abs(factor) * entry.magnitude;
    if (alpha == pivot || std::abs(target.value) <= cancelled * target.magnitude) row.erase(alpha);
  }
}

OperatorSpace::Row OperatorSpace::reduce(const Symbol& symbol) const {
  Row row = make_row(symbol);
  for (const Pivoted& known : rows_) eliminate(row, known.row, known.pivot);
  return row;
}

bool OperatorSpace::contains(const Symbol& symbol) const { return reduce(symbol).empty(); }

void OperatorSpace::add(const Symbol& symbol) {
  std::vector<Symbol> pending{symbol};
  while (!pending.empty()) {
    const Symbol next = std::move(pending.back());
    pending.pop_back();
    Row row = reduce(next);
    if (row.empty()) continue;  // its derivatives are combinations of derivatives that are there or on their way
    const auto largest = std::max_element(row.begin(), row.end(), [](const auto& a, const auto& b) {
      return std::abs(a.second.value) < std::abs(b.second.value);
    });
    rows_.push_back({largest->first, row});
    generators_.push_back(next);
    for (Symbol& derivative : symbol_derivatives(next)) pending.push_back(std::move(derivative));
  }
}

std::vector<BasisOperator> OperatorSpace::basis() const {
  std::vector<Row> rows;
  for (const Symbol& generator : generators_) rows.push_back(make_row(generator));
  std::vector<bool> done(rows.size(), false);
  std::vector<Derivative> pivots(rows.size());

  for (std::size_t step = 0; step < rows.size(); ++step) {
    std::map<Derivative, int> uses;  // rows without a pivot yet that hold the monomial
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (done[r]) continue;
      for (const auto& entry : rows[r]) ++uses[entry.first];
    }
    // Least fill first (Markowitz), then the lowest monomial.
    using Choice = std::tuple<std::int64_t, Derivative, std::size_t>;
    bool found = false;
    Choice best;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (done[r]) continue;
      double largest = 0;
      for (const auto& entry : rows[r]) largest = std::max(largest, std::abs(entry.second.value));
      for (const auto& [alpha, entry] : rows[r]) {
        if (std::abs(entry.value) < smallest_pivot * largest) continue;
        const Choice choice{(static_cast<std::int64_t>(rows[r].size()) - 1) * (uses[alpha] - 1), alpha, r};
        if (!found || choice < best) best = choice;
        found = true;
      }
    }
    JETPINN_CHECK(found, "the generators are independent");
    const std::size_t r = std::get<2>(best);
    pivots[r] = std::get<1>(best);
    done[r] = true;
    for (std::size_t other = 0; other < rows.size(); ++other) {
      if (other != r) eliminate(rows[other], rows[r], pivots[r]);
    }
  }

  std::vector<BasisOperator> result;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    BasisOperator channel;
    channel.pivot = pivots[r];
    for (const auto& [alpha, entry] : rows[r]) channel.symbol[alpha] = entry.value / rows[r].at(pivots[r]).value;
    result.push_back(std::move(channel));
  }
  std::sort(result.begin(), result.end(), [](const BasisOperator& a, const BasisOperator& b) {
    return std::make_pair(highest_order(a.symbol), a.pivot) < std::make_pair(highest_order(b.symbol), b.pivot);
  });
  return result;
}

}  // namespace jetpinn
