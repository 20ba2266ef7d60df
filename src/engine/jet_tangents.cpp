#include "jetpinn/engine/jet_tangents.hpp"

#include <algorithm>

namespace jetpinn {

template <class A>
JetTangents<A>::JetTangents(const Network& network, const TermProgram& program) : network_(network, ProductChoice(), pool_) {
  const ChunkSize size = choose_chunk(network_.plan(), 2 * program.channels(), sizeof(T));
  network_.allocate(size.chunk * program.channels(), size.tile * program.channels(), pool_, true);
  sweeper_ = std::make_unique<JetSweeper<A>>(network_, program, size, pool_, true);
  seeds_.resize(static_cast<std::size_t>(program.residuals() * size.chunk));
  pool_.seal();
}

template <class A>
void JetTangents<A>::run(Stream stream, const double* parameters, const TermPoints& points, const double* direction,
                         double* tangents) {
  network_.load(parameters);
  network_.load_direction(direction);
  for (std::int64_t first = 0; first < points.local_count; first += sweeper_->chunk()) {
    const std::int64_t count = std::min(sweeper_->chunk(), points.local_count - first);
    sweeper_->tangent(stream, {points.coordinates.data() + first, points.local_count, count});
    load_residual_tangents(stream, first, count, points.local_count, tangents);
  }
}

// dr_k = sum over fields and channels of (dr_k / du_fc) du_fc: the tape's reverse, one residual at a time.
template <class A>
void JetTangents<A>::load_residual_tangents(Stream stream, std::int64_t first, std::int64_t count, std::int64_t stride,
                                            double* tangents) {
  const TermProgram& program = sweeper_->program();
  const std::int64_t chunk = sweeper_->chunk(), columns = std::int64_t{program.fields} * program.channels();
  const FieldColumns<A>& fields = sweeper_->fields();
  std::vector<Column<const T>> seeds;
  for (int k = 0; k < program.residuals(); ++k) seeds.push_back({seeds_.data() + k * chunk, 1});
  for (int k = 0; k < program.residuals(); ++k) {
    std::fill(seeds_.begin(), seeds_.end(), T(0));
    std::fill_n(seeds_.begin() + k * chunk, count, T(1));
    tape_reverse<T>(stream, program.residual, count, sweeper_->inputs().data(), seeds.data(), sweeper_->adjoints().data());
    double* target = tangents + k * stride + first;
    std::fill_n(target, count, 0.0);
    for (std::int64_t c = 0; c < columns; ++c)
      for (std::int64_t i = 0; i < count; ++i)
        target[i] += static_cast<double>(fields.adjoints[c * fields.stride + i]) * fields.tangents[c * fields.stride + i];
  }
}

template class JetTangents<HostFp32>;
template class JetTangents<HostFp64>;

}  // namespace jetpinn
