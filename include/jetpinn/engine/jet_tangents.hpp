// Changes of residuals along a direction in the space of parameters, J v, by one sweep forward.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/engine/jet_sweep.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

// Memory of its own, beside the engine's: two sets of buffers, for values and their changes.
template <class A>
class JetTangents {
 public:
  using T = typename A::Storage;

  JetTangents(const Network& network, const TermProgram& program);

  // As Engine::tangents.
  void run(Stream stream, const double* parameters, const TermPoints& points, const double* direction, double* tangents);

 private:
  void load_residual_tangents(Stream stream, std::int64_t first, std::int64_t count, std::int64_t stride, double* tangents);

  Pool pool_;
  JetNetwork<A> network_;
  std::unique_ptr<JetSweeper<A>> sweeper_;
  std::vector<T> seeds_;   // [residuals, chunk]
};

}  // namespace jetpinn
