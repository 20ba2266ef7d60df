// A tape on a device: its program, its registers for a chunk of points, and the columns that it reads and writes. Forward,
// reverse and residual as tape.hpp says, a thread for each point; null columns as there.
#pragma once

#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/tape_items.hpp"
#include "jetpinn/kernels/tape_tile.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

template <class T, class Space>
class DeviceTape {
 public:
  template <class U>
  using Columns = std::vector<Column<U>>;  // of addresses on the device

  // For at most `points` points. wanted: inputs whose adjoints are asked for, [inputs]; none: forward only.
  template <class Pool>
  DeviceTape(Stream stream, Pool& pool, const TapeProgram& program, std::int64_t points, const std::vector<bool>& wanted)
      : inputs_(program.inputs) {
    view_.length = static_cast<std::int32_t>(program.instructions.size());
    view_.results = static_cast<std::int32_t>(program.outputs.size());
    view_.stride = points;
    view_.instructions = upload<Space>(stream, pool, program.instructions).address();
    view_.outputs = upload<Space>(stream, pool, program.outputs).address();
    view_.values = pool.template allocate<T>(view_.length * points).address();
    if (!wanted.empty()) {
      const TapeAdjointPlan plan = plan_adjoints(program, wanted);
      view_.slots = plan.slots;
      view_.slot = upload<Space>(stream, pool, plan.slot).address();
      view_.adjoints = pool.template allocate<T>(view_.slots * points).address();
      squares_ = pool.template allocate<double>(2 * points);
      partial_ = pool.template allocate<double>(2 * sum_runs(points));
    }
    read_ = pool.template allocate<Column<const T>>(inputs_ + view_.results);
    written_ = pool.template allocate<Column<T>>(inputs_ + view_.results);
  }

  void forward(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<T>& outputs) const;
  void reverse(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& cotangents,
               const Columns<T>& adjoints) const;
  // weights: [outputs] or none; residuals, adjoints: none where they are not wanted. sums: [2]. quadrature: of the device.
  void residual(Stream stream, std::int64_t points, const Columns<const T>& inputs, const Columns<const T>& weights,
                double scale, const Columns<T>& residuals, const Columns<T>& adjoints, DevicePointer<double, Space> sums,
                const Column<const T>& quadrature = {}) const;

 private:
  // Tables of columns, the inputs' first.
  void read(Stream stream, const Columns<const T>& inputs, Columns<const T> others) const;
  void write(Stream stream, const Columns<T>& inputs, Columns<T> outputs) const;

  const int inputs_;
  TapeView<T> view_;
  DevicePointer<double, Space> squares_, partial_;
  DevicePointer<Column<const T>, Space> read_;
  DevicePointer<Column<T>, Space> written_;
};

}  // namespace jetpinn
