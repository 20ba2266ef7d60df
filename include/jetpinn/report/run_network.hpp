// A run's network with its equations, asked for values at points by all ranks together.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class RunNetwork {
 public:
  // Collective. The back end of products is that of level `ranks`, so that any number of ranks finds the same bits.
  RunNetwork(Communicator& communicator, const Assembly& assembly, const ProblemText& text, EngineOptions options,
             const std::vector<double>& parameters);

  const Problem& problem() const { return *assembly_.problem; }
  const Assembly& assembly() const { return assembly_; }
  Communicator& communicator() const { return communicator_; }
  std::string residual_text(std::size_t term, std::size_t residual) const;   // as in the config

  static constexpr int fields = -1;
  // [outputs][rows] on rank 0, empty elsewhere: residuals of a term of the problem, or all fields (NaN
  // where a field has no meaning, see problem/field_region.hpp). coordinates: [dimensions * rows], the same on every rank.
  // piece: in which of the term's region they lie, whose normals these are. Collective.
  std::vector<std::vector<double>> values(int term, const std::vector<double>& coordinates, std::size_t piece = 0) const;

  // At most so many points along each axis of a plane, that it costs a second or two.
  std::int64_t affordable(int term, std::int64_t wanted) const;

 private:
  Communicator& communicator_;
  const Assembly& assembly_;
  const ProblemText& text_;
  const std::vector<double>& parameters_;
  std::unique_ptr<Engine> engine_;   // term 0: the fields
  CostModel cost_;
};

}  // namespace jetpinn
