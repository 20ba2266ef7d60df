// Linearisations by jets: one sweep forward over a chunk, then as many in reverse and along directions as are asked for, in
// buffers of their own beside those of training.
//
// Rows of J are swept point by point, forward and for each residual in reverse: a reverse of the whole chunk for each row
// would do the work of all its points for one of them.
#pragma once

#include "jetpinn/engine/carried_vector.hpp"
#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/engine/linearization.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

template <class A>
class JetLinearizations {
 public:
  using T = typename A::Storage;

  // points: held at once; 0: from channels and width. A block at most. Pool and stream outlive it.
  JetLinearizations(const Network& network, const std::vector<const TermProgram*>& terms, const ProductChoice& products,
                    std::int64_t points, PoolOf<A>& pool, Stream stream);

  void visit(Stream stream, const double* parameters, const std::vector<double>& constants, int term,
             const TermPoints& points, const VisitLinearization& visit);
  EngineWork work() const;

 private:
  class Chunk;
  struct Term {
    std::unique_ptr<JetSweeper<A>> chunk, point;
    Staged<T, typename A::Space> residuals;  // [residuals, chunk] what the tape reads or writes for each
  };

  template <class Work>
  void add_to(Stream stream, double* gradient, const Work& work);

  JetNetwork<A> network_;
  CarriedVector<typename A::Space> parameters_, direction_, gradient_;  // of the caller, who is on the host
  std::vector<double> added_;                                           // [parameters] on its way from a device
  std::vector<Term> terms_;
  RegionSample sample_;  // of nothing: its time is that of the whole
};

}  // namespace jetpinn
