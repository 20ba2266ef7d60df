// Gauss-Legendre quadrature: n nodes and weights that integrate polynomials up to degree 2n - 1 exactly.
//
// The nodes are the zeros of the Legendre polynomial P_n, the weights 2 / ((1 - x^2) P_n'(x)^2) (Davis and Rabinowitz,
// Methods of Numerical Integration, 2.7). Zeros are found by Newton's iteration from Tricomi's estimate, P_n by its
// three-term recurrence, in long double: where that has 64 bits, nodes are right to 1e-15 and weights to 1e-15 of the
// largest.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

struct QuadratureRule {
  std::vector<double> nodes, weights;  // [n], nodes rising; weights are above 0
};

// On [-1, 1], whose weights add up to 2. nodes: 1 .. most_panel_nodes
inline constexpr std::int64_t most_panel_nodes = 256;
QuadratureRule gauss_legendre(std::int64_t nodes);

// Any number of nodes on an interval. Up to 256 of them are one rule; more lie in panels, each with a rule of its own: as
// few panels as hold them, whose numbers of nodes differ by one at most and whose lengths are as these numbers. Only the
// rules are kept, so that memory does not grow with the nodes.
class QuadratureAxis {
 public:
  QuadratureAxis(double lower, double upper, std::int64_t nodes);

  std::int64_t nodes() const { return nodes_; }
  std::int64_t panels() const { return panels_; }
  double node(std::int64_t i) const;
  double weight(std::int64_t i) const;  // of the mean over the interval: all add up to 1

 private:
  // The panel of a node: how many nodes it and those before it have, and the node's place in it.
  struct Panel {
    std::int64_t before, count, place;
  };
  Panel panel_of(std::int64_t i) const;
  const QuadratureRule& rule_of(const Panel& panel) const { return panel.count > shorter_ ? long_ : short_; }

  double lower_, upper_;
  std::int64_t nodes_, panels_;
  std::int64_t shorter_, longer_panels_;  // nodes of the shorter panels; the first panels have one more
  QuadratureRule short_, long_;
};

}  // namespace jetpinn
