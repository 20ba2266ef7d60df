#include "jetpinn/plan/operator_space.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace jetpinn {

namespace {

constexpr double cancelled = 1e-13;       // relative to the addends: rounding of a few hundred eliminations
constexpr double smallest_pivot = 0.01;   // relative to the row

int multiplicity(const Derivative& derivative, int coordinate) {
  return static_cast<int>(std::count(derivative.by.begin(), derivative.by.begin() + derivative.order, coordinate));
}

template <class Parts>
int highest_order(const Parts& parts) {
  int order = 0;
  for (const auto& part : parts) order = std::max<int>(order, part.first.order);
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

// Least fill first (Markowitz), then the lowest monomial, among the row's allowed entries that
// are not small beside each other.
template <class Allowed>
OperatorSpace::Pivot OperatorSpace::choose_pivot(const std::vector<Row>& rows, const std::vector<bool>& pending,
                                                 Allowed allowed) {
  std::map<Derivative, int> uses;  // pending rows that hold the monomial
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!pending[r]) continue;
    for (const auto& entry : rows[r]) ++uses[entry.first];
  }
  using Choice = std::tuple<std::int64_t, Derivative, std::size_t>;
  bool found = false;
  Choice best;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!pending[r]) continue;
    double largest = 0;
    for (const auto& [alpha, entry] : rows[r]) {
      if (allowed(alpha)) largest = std::max(largest, std::abs(entry.value));
    }
    for (const auto& [alpha, entry] : rows[r]) {
      if (!allowed(alpha) || std::abs(entry.value) < smallest_pivot * largest) continue;
      const Choice choice{(static_cast<std::int64_t>(rows[r].size()) - 1) * (uses[alpha] - 1), alpha, r};
      if (!found || choice < best) best = choice;
      found = true;
    }
  }
  JETPINN_CHECK(found, "the generators are independent");
  return {std::get<2>(best), std::get<1>(best)};
}

// Rows of the same span, sorted by order, whose parts of highest order are independent among the rows of one order. A row
// that is a combination of others in its highest order is reduced by them, and belongs to the lower order that is left.
std::vector<std::vector<OperatorSpace::Row>> OperatorSpace::rows_by_order() const {
  std::vector<Row> rows;
  for (const Symbol& generator : generators_) rows.push_back(make_row(generator));
  std::vector<std::vector<Row>> by_order(max_order + 1);
  std::vector<bool> placed(rows.size(), false);
  for (int order = max_order; order > 0; --order) {
    const std::vector<Row> whole = rows;  // sparser than what the elimination leaves
    const auto leads = [order](const Derivative& alpha) { return alpha.order == order; };
    for (;;) {
      std::vector<bool> pending(rows.size());
      bool any = false;
      for (std::size_t r = 0; r < rows.size(); ++r) any |= pending[r] = !placed[r] && highest_order(rows[r]) == order;
      if (!any) break;
      const Pivot pivot = choose_pivot(rows, pending, leads);
      placed[pivot.row] = true;
      by_order[static_cast<std::size_t>(order)].push_back(whole[pivot.row]);
      for (std::size_t r = 0; r < rows.size(); ++r) {
        if (pending[r] && r != pivot.row) eliminate(rows[r], rows[pivot.row], pivot.monomial);
      }
    }
  }
  return by_order;
}

// Why the orders come one after the other. Let V be the space and V_d its operators of order at
// most d. For p in V of order d,
//   p(xi + eta) - p(xi) - p(eta)   lies in   V_(d-1) (x) V_(d-1):
// by Taylor it is sum over alpha != 0 of D^alpha p(xi) eta^alpha / alpha! - p(eta), V is closed under the D^alpha, and every
// addend lowers the degree in xi; and the same in eta. The same holds for more than two arguments. So a basis in which the
// channels of order at most d span V_d, for every d, lets only channels of lower order enter a channel: none enters
// itself, not by way of others either, and the sweeps can work in place. A basis of V alone does not do: of {xyyy +
// xxxy - xyy, ...} the operator xxx + 3 xyy - 2 xy with the pivot xy was reduced out of operators of second order,
// which got orders above their own.
// Order by order: the rows of order d are reduced by all channels below, whose pivots they lose; their own pivots are chosen
// among monomials that no channel below holds, so those stay as they are. There is always one, for the monomials of order d
// are such and the rows' parts of order d are independent; for the same reason no elimination lowers a row's order.
std::vector<BasisOperator> OperatorSpace::basis() const {
  std::vector<BasisOperator> result;
  std::vector<Pivoted> below;
  std::set<Derivative> taken;  // monomials of the channels below
  for (std::vector<Row>& rows : rows_by_order()) {
    for (Row& row : rows) {
      for (const Pivoted& channel : below) eliminate(row, channel.row, channel.pivot);
    }
    const auto is_free = [&taken](const Derivative& alpha) { return taken.count(alpha) == 0; };
    std::vector<bool> pending(rows.size(), true);
    std::vector<Derivative> pivots(rows.size());
    for (std::size_t step = 0; step < rows.size(); ++step) {
      const Pivot pivot = choose_pivot(rows, pending, is_free);
      pending[pivot.row] = false;
      pivots[pivot.row] = pivot.monomial;
      for (std::size_t other = 0; other < rows.size(); ++other) {
        if (other != pivot.row) eliminate(rows[other], rows[pivot.row], pivot.monomial);
      }
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
      BasisOperator channel{pivots[r], {}};
      for (const auto& [alpha, entry] : rows[r]) {
        channel.symbol[alpha] = entry.value / rows[r].at(pivots[r]).value;
        taken.insert(alpha);
      }
      result.push_back(std::move(channel));
      below.push_back({pivots[r], rows[r]});
    }
  }
  std::sort(result.begin(), result.end(), [](const BasisOperator& a, const BasisOperator& b) {
    return std::make_pair(highest_order(a.symbol), a.pivot) < std::make_pair(highest_order(b.symbol), b.pivot);
  });
  return result;
}

}  // namespace jetpinn
