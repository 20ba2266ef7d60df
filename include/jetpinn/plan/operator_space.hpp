// Linear differential operators with constant coefficients as polynomials ("symbols") in xi, and
// the space of channels they need.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <map>
#include <vector>

namespace jetpinn {

// sum of coefficient * D^derivative; no part of order 0.
using Symbol = std::map<Derivative, double>;

// The derivatives by each direction: d/dxi_i of xi^alpha is alpha_i xi^(alpha - e_i); a constant that results is left out.
std::vector<Symbol> symbol_derivatives(const Symbol& symbol);

// A derivative with one `coordinate` less; its multiplicity in `derivative` must be positive.
Derivative without(const Derivative& derivative, int coordinate);

// A channel of the basis: an operator with coefficient 1 at its pivot, which occurs in no other channel's operator.
struct BasisOperator {
  Derivative pivot;
  Symbol symbol;
};

// The smallest space that holds given symbols, is closed under d/dxi, and contains 1 (left implicit).
class OperatorSpace {
 public:
  void add(const Symbol& symbol);                       // with all its derivatives
  bool contains(const Symbol& symbol) const;
  int size() const { return static_cast<int>(rows_.size()); }

  // Reduced echelon basis whose operators of order at most d span those of the space, for every d: then only
  // channels of lower order enter a channel's products. Stand-alone derivatives become channels of their own;
  // other pivots are chosen for sparsity, then for low order, among entries that are not small in their row.
  // Ordered by highest order, then by pivot.
  std::vector<BasisOperator> basis() const;

 private:
  // A coefficient and the size of the addends it came from: cancellation to nothing is seen without regard to units.
  struct Entry {
    double value = 0, magnitude = 0;
  };
  using Row = std::map<Derivative, Entry>;
  static Row make_row(const Symbol& symbol);
  static void eliminate(Row& row, const Row& by, const Derivative& pivot);
  Row reduce(const Symbol& symbol) const;

  struct Pivot {
    std::size_t row;
    Derivative monomial;
  };
  template <class Allowed>
  static Pivot choose_pivot(const std::vector<Row>& rows, const std::vector<bool>& pending, Allowed allowed);
  std::vector<std::vector<Row>> rows_by_order() const;

  struct Pivoted {
    Derivative pivot;
    Row row;
  };
  std::vector<Pivoted> rows_;          // triangular: each row is free of the pivots before it
  std::vector<Symbol> generators_;     // what the rows came from
};

}  // namespace jetpinn
