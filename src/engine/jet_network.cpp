#include "jetpinn/engine/jet_network.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/layer/padded_rows.hpp"

#include <algorithm>

namespace jetpinn {

ChunkSize choose_chunk(const BufferPlan& plan, int channels, std::int64_t bytes_per_value, std::int64_t points) {
  const std::int64_t width = whole_packs(plan.widest(), pack_bytes / bytes_per_value);
  const std::int64_t point = channels * width * bytes_per_value;  // bytes of one layer of one point
  const auto fit = [](std::int64_t bytes, std::int64_t per_point, std::int64_t limit) {
    std::int64_t points = limit;
    while (points > 8 && points * per_point > bytes) points /= 2;
    return points;
  };
  // One more than its buffers: columns, tiles and weights want their place too.
  std::int64_t chosen = fit(768 << 10, point * (plan.chunk_buffers() + 1), block_points);
  // A matrix's gradient is read and written once a chunk: that costs more than leaving the second-level cache where a chunk
  // has fewer rows than 3/4 of the matrix's.
  while (chosen < block_points && 4 * chosen * channels < 3 * width) chosen *= 2;
  const std::int64_t tile = fit(24 << 10, point, chosen);
  return points > 0 ? ChunkSize{points, std::min(points, tile)} : ChunkSize{chosen, tile};
}

ChunkSize choose_device_chunk(const BufferPlan& plan, int channels, std::int64_t bytes_per_value, std::int64_t points) {
  if (points > 0) return {points, points};
  constexpr std::int64_t most = 64 * block_points, memory = std::int64_t{256} << 20;
  const std::int64_t point = channels * plan.widest() * bytes_per_value * (plan.chunk_buffers() + 1);
  std::int64_t chosen = most;
  while (chosen > block_points && chosen * point > memory) chosen /= 2;
  return {chosen, chosen};
}

bool trained_coefficients(const std::vector<const TermProgram*>& terms) {
  return std::any_of(terms.begin(), terms.end(), [](const TermProgram* term) { return term->plan.trained(); });
}

// Rows are padded to whole packs of what computes on them.
template <class A>
std::int64_t row_width(std::int64_t units) {
  return padded<typename A::Compute>(units);
}

template <class A>
JetNetwork<A>::JetNetwork(const Network& network, const ProductChoice& products, PoolOf<A>& pool, Stream stream,
                          BufferUse use, bool trained_coefficients, const RecomputedLayers& recomputed)
    : network_(network),
      stream_(stream),
      use_(use),
      plan_(plan_buffers(network, use, trained_coefficients, recomputed)),
      along_(network.layers.size()) {
  for (const Layer& layer : network_.layers)
    layers_.push_back(make_layer<A>({network_, layer, products, pool, stream}));
}

template <class A>
std::vector<double> JetNetwork<A>::trainables_of(ConstVector parameters) const {
  std::vector<double> trainables(static_cast<std::size_t>(network_.parameters - network_.layer_parameters()));
  if (trainables.empty()) return trainables;
  const ConstVector first = parameters + network_.layer_parameters();
  if constexpr (A::Space::host) {
    std::copy_n(first, trainables.size(), trainables.data());
  } else {
    copy(stream_, first, trainables.data(), static_cast<std::int64_t>(trainables.size()));
    stream_.wait();
  }
  return trainables;
}

template <class A>
void JetNetwork<A>::load(ConstVector parameters, const std::vector<double>& constants) {
  load_layers(parameters);
  load_numbers(parameters, constants);
}

template <class A>
void JetNetwork<A>::load_layers(ConstVector parameters) {
  for (std::size_t l = 0; l < layers_.size(); ++l) layers_[l]->load(parameters + first_parameter(static_cast<int>(l)));
}

template <class A>
void JetNetwork<A>::load_numbers(ConstVector parameters, const std::vector<double>& constants) {
  numbers_.trainables = trainables_of(parameters);
  numbers_.constants = constants;
}

template <class A>
void JetNetwork<A>::load_direction(ConstVector direction) {
  for (int l = 0; l < layers(); ++l)
    if (along_[static_cast<std::size_t>(l)])
      layers_[static_cast<std::size_t>(l)]->load_direction(direction + first_parameter(l));
  trainable_direction_ = trainables_of(direction);
}

template <class A>
void JetNetwork<A>::flush(Vector gradient) {
  for (int l = 0; l < layers(); ++l) flush(l, gradient);
}

template <class A>
void JetNetwork<A>::flush(int layer, Vector gradient) {
  if (!network_.layers[static_cast<std::size_t>(layer)].trained()) return;
  layers_[static_cast<std::size_t>(layer)]->flush(gradient + first_parameter(layer));
}

template <class A>
std::int64_t JetNetwork<A>::first_parameter(int layer) const {
  for (auto at = network_.layers.begin() + layer; at != network_.layers.end(); ++at)
    if (!at->blocks.empty()) return at->blocks.front().offset;
  return network_.layer_parameters();
}

template <class A>
void JetNetwork<A>::allocate(std::int64_t chunk_rows, std::int64_t tile_rows, PoolOf<A>& pool) {
  buffers_.clear();
  for (const BufferPlan::Buffer& buffer : plan_.buffers)
    buffers_.push_back(pool.template allocate<T>((buffer.tile ? tile_rows : chunk_rows) * row_width<A>(buffer.units)));
  tiles_.resize(tile_rows, row_width<A>(plan_.widest()));
}

template <class A>
JetPlace<A> JetNetwork<A>::place(int buffer, int layer, int channels) const {
  if (buffer == BufferPlan::none) return {};
  const std::int64_t width = row_width<A>(network_.layers[static_cast<std::size_t>(layer)].units);
  const bool tile = plan_.buffers[static_cast<std::size_t>(buffer)].tile;
  return {buffers_[static_cast<std::size_t>(buffer)], width, tile ? 0 : channels * width};
}

template <class A>
std::unique_ptr<JetModule<A>> JetNetwork<A>::module(int layer, ModuleSetting<A> setting) {
  const Layer& described = network_.layers[static_cast<std::size_t>(layer)];
  const int channels = setting.channels();
  for (std::size_t k = 0; k < described.inputs.size(); ++k) {
    const int of = described.inputs[k];
    const BufferPlan::Jets& jets = plan_.jets[static_cast<std::size_t>(of)];
    const BufferPlan::Read& read = plan_.reads[static_cast<std::size_t>(layer)][k];
    const std::vector<bool>& adds = plan_.adds[static_cast<std::size_t>(layer)];
    const auto at = [&](int buffer) { return place(buffer, of, channels); };
    setting.inputs.push_back(
        {at(jets.value), at(read.again), at(read.in_reverse), at(jets.adjoint), at(jets.tangent), !adds.empty() && adds[k]});
  }
  const BufferPlan::Jets& jets = plan_.jets[static_cast<std::size_t>(layer)];
  setting.value = place(jets.value, layer, channels);
  setting.again = place(jets.again, layer, channels);
  if (jets.restores) setting.restored = place(jets.restored, layer, channels);
  setting.adjoint = place(jets.adjoint, layer, channels);
  setting.tangent = place(jets.tangent, layer, channels);
  setting.tiles = &tiles_;
  if (setting.along) along_[static_cast<std::size_t>(layer)] = true;
  return layers_[static_cast<std::size_t>(layer)]->module(setting);
}

template class JetNetwork<HostFp32>;
template class JetNetwork<HostFp64>;
template class JetNetwork<HostBf16>;
#define JETPINN_INSTANTIATE(A) template class JetNetwork<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
