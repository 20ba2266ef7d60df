// A symmetric matrix whose rows the ranks share. Every product of a row is computed whole by one rank, in an order that the
// length alone decides: results have the same bits on any number of ranks.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/broyden_update.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

class Communicator;

class SharedMatrix {
 public:
  // ranks: null, or outlives it. All of this rank's memory is touched now: too small a machine must not be found out later.
  SharedMatrix(std::int64_t size, Communicator* ranks);
  SharedMatrix(const SharedMatrix&) = delete;
  SharedMatrix& operator=(const SharedMatrix&) = delete;
  static std::int64_t bytes(std::int64_t size, int rank, int ranks);  // of one rank

  void set_diagonal(double value);  // M = value I
  // M <- keep M + sign[0] p pᵀ + sign[1] q qᵀ, with p and q combined from s and v [size]. The rows follow in the next sweep;
  // one that waits must not be there.
  void update(const RankTwo& update, const double* s, const double* v);
  // mx = M x and my = M y, [size] each, replicated. Collective: one all-gather. One pass over this rank's rows, which also
  // brings them up to date: 16 bytes an element after an update, 8 without; 8 or 4 operations.
  void sweep(const double* x, const double* y, double* mx, double* my);
  // M x, where mx was the product with M before the update that waits; no pass over the rows.
  void carry_over(const double* x, double* mx) const;

  State state();

 private:
  template <bool Update>
  void sweep_own_rows();

  Communicator* ranks_;
  std::int64_t size_, stride_;       // of a row: whole blocks of a column, for checkpoints
  std::vector<std::int64_t> begin_;  // [ranks + 1], first rows
  RowRange own_;
  std::vector<double> rows_;      // [own_.count(), stride], rank-local; zero behind size
  std::vector<Block> blocks_;     // rank-local
  double factors_[3] = {};        // replicated: keep, sign[0], sign[1] of the update that waits; 0 0 0: none does
  std::vector<double> p_, q_;     // [stride], zero behind size, replicated: of that update
  std::vector<double> x_, y_;     // [stride], zero behind size, scratch
  std::vector<double> products_;  // [size, 2], scratch
};

}  // namespace jetpinn
