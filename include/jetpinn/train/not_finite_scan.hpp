// One rank's look at what is not finite at its own points, term by term and block by block; nothing is communicated.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/expr/fault.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/residual_probe.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

// Where it begins, from one term's and one rank's point of view, as one number: the smallest over points and ranks is told.
struct Place {
  enum Kind { layer, residual, square, reverse, nowhere };
  static constexpr double kinds = 1 << 20;   // layers to a kind
  static double of(Kind kind, int layer = 0) { return static_cast<int>(kind) * kinds + layer; }
  static Kind kind(double place) { return static_cast<Kind>(static_cast<int>(place / kinds)); }
  static int layer_of(double place) { return static_cast<int>(place) % static_cast<int>(kinds); }
};

// What this rank found of one term.
struct Found {
  std::int64_t points = 0;
  double place = Place::of(Place::nowhere);
  std::vector<double> rows;   // [points saved, dimensions + residuals]
  std::int64_t saved = 0;
  FaultText part;             // of the expression, at the first point where one is to blame; empty: none
};

// The sizes of one term's share over this rank's blocks.
struct Sizes {
  double loss = 0;              // sum
  double largest_gradient = 0;  // of any block, by magnitude
  bool beyond_exact = false;    // some block's is beyond what an exact sum holds
};

class NotFiniteScan {
 public:
  NotFiniteScan(Engine& engine, const Assembly& assembly, const PointSet& points, const std::vector<double>& parameters);

  std::vector<Found> residuals();   // [terms]
  // [terms] Where the residuals are finite and the loss or its gradient is not; points are counted up to
  // the number that is saved only.
  std::vector<Found> gradients();
  const std::vector<Sizes>& sizes() const { return sizes_; }   // [terms] after gradients()

 private:
  template <class Work>
  std::vector<Found> each_term(const Work& work);
  std::vector<double> residuals_of(std::size_t term, const TermPoints& points);
  void note(std::size_t term, const TermPoints& block, std::int64_t i, const std::vector<double>& values, Found& found);
  void look_closer(std::size_t term, const TermPoints& block, Found& found);
  const double* add_row(const TermPoints& points, std::int64_t i, const std::vector<double>& values, Found& found);
  ResidualProbe& probe(std::size_t term);
  double evaluate(std::size_t term, const TermPoints& points);

  Engine& engine_;
  const Assembly& assembly_;
  const PointSet& points_;
  const std::vector<double>& parameters_;
  std::vector<double> gradient_;
  TermSums sums_;
  std::vector<Sizes> sizes_;
  std::unique_ptr<ResidualProbe> probe_;   // of the term at work
};

}  // namespace jetpinn
