// The tape of a term's residuals where the engine computes (kernels/tape.hpp says what it does).
#pragma once

#include "jetpinn/kernels/device_tape.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/device.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

template <class A, bool = A::Space::host>
class ResidualTape {
 public:
  using T = typename A::Storage;
  template <class U>
  using Columns = std::vector<Column<U>>;   // of the space's addresses

  // The program outlives it.
  ResidualTape(const TermProgram& program, std::int64_t, PoolOf<A>&, Stream) : program_(program) {}

  void forward(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<T>& outputs) {
    tape_forward<T>(stream, program_.residual, points, inputs.data(), outputs.data());
  }
  void reverse(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& cotangents,
               const Columns<T>& adjoints) {
    tape_reverse<T>(stream, program_.residual, points, inputs.data(), cotangents.data(), adjoints.data());
  }
  // sums [2] += those of the squares, weighted and not.
  void residual(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& weights,
                double scale, const Columns<T>& adjoints, double* sums, const Column<const T>& quadrature) {
    tape_residual<T>(stream, program_.residual, points, inputs.data(), weights.data(), scale, nullptr, adjoints.data(), sums,
                     quadrature);
  }

 private:
  const TermProgram& program_;
};

template <class A>
class ResidualTape<A, false> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;
  template <class U>
  using Columns = std::vector<Column<U>>;

  ResidualTape(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream)
      : tape_(stream, pool, program.residual, chunk, wanted_of(program)) {}

  void forward(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<T>& outputs) {
    tape_.forward(stream, points, inputs, outputs);
  }
  void reverse(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& cotangents,
               const Columns<T>& adjoints) {
    tape_.reverse(stream, points, inputs, cotangents, adjoints);
  }
  void residual(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& weights,
                double scale, const Columns<T>& adjoints, DevicePointer<double, Space> sums,
                const Column<const T>& quadrature) {
    tape_.residual(stream, points, inputs, weights, scale, {}, adjoints, sums, quadrature);
  }

 private:
  // Adjoints are wanted of what networks give and of what is trained.
  static std::vector<bool> wanted_of(const TermProgram& program) {
    std::vector<bool> wanted;
    for (const TermInput& input : program.inputs)
      wanted.push_back(input.group == InputGroup::channel || input.group == InputGroup::trainable);
    return wanted;
  }

  const DeviceTape<T, Space> tape_;
};

}  // namespace jetpinn
