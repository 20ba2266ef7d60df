// Binds what a term's residual tape reads to columns, chunk by chunk, and says where the adjoints go.
#pragma once

#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/layer/jet_module.hpp"
#include "jetpinn/layer/point_columns.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/layer/term_columns.hpp"
#include "jetpinn/plan/jet_plan.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

template <class A>
class TapeColumns {
 public:
  using T = typename A::Storage;

  using Space = typename A::Space;

  // For chunks of at most `chunk` points of the term. column_of [fields]: which of the columns in `fields` is a field's
  // (Network::columns). The program and the numbers outlive it.
  TapeColumns(const TermProgram& program, const FieldColumns<A>& fields, const std::vector<int>& column_of,
              const RunNumbers& numbers, std::int64_t chunk, PoolOf<A>& pool);

  // `places` has loaded the range, which must stay while the chunk is swept.
  void bind(Stream stream, const TermRange& range, const PointColumns<A>& places);

  const std::vector<Column<const T>>& inputs() const { return inputs_; }  // [program.inputs], addresses of the space
  const std::vector<Column<T>>& adjoints() const { return adjoints_; }    // of channels and trainables; others are null

  // trainables[k] += the adjoints that the tape's last reverse wrote, over points in their order; on a device in two stages.
  void add_trainables(Stream stream, Pointer<double, Space> trainables) const;
  // changes[i] += what the tape's last reverse makes of the fields' tangents and of the trainables' direction.
  void add_changes(Stream stream, const std::vector<double>& direction, double* changes) const;

 private:
  std::int64_t channel_at(const TermInput& input) const;   // where its column begins
  Place<A> trainable_at(std::size_t k) const { return trainables_ + static_cast<std::int64_t>(k) * chunk_; }
  void bind_points(Stream stream, std::size_t k, const TermRange& range, const PointColumns<A>& places);

  const TermProgram& program_;
  const FieldColumns<A> fields_;
  const RunNumbers& numbers_;
  const std::int64_t chunk_;
  std::int64_t count_ = 0;         // of the range bound last
  const std::vector<int> column_of_;
  Staged<T, Space> values_;                 // [inputs] of those that are alike for all points
  Pointer<double, Space> there_ = nullptr;  // [inputs, chunk] data and attributes, on a device
  Place<A> cast_ = nullptr;                 // [inputs, chunk] the same, where T is not double
  Place<A> trainables_ = nullptr;           // [inputs, chunk] adjoints
  Pointer<double, Space> partial_ = nullptr;  // a device's scratch of their sums
  std::vector<Column<const T>> inputs_;
  std::vector<Column<T>> adjoints_;
};

}  // namespace jetpinn
