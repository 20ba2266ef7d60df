#include "jetpinn/engine/jet_sweep.hpp"

#include "jetpinn/base/types.hpp"
#include "jetpinn/kernels/feature_columns.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace jetpinn {

namespace {

void add(RegionTimes& sum, const RegionTimes& times) {
  for (int r = 0; r < static_cast<int>(Region::count); ++r) sum.seconds[r] += times.seconds[r];
}

// How often the calling thread was off its core, by its own will or not.
std::int64_t thread_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw + usage.ru_nivcsw;
}

}  // namespace

void RegionSample::begin_chunk() {
  detail_ = region_detail();
  on_ = detail_ || chunks_ % every == 0;
  ++chunks_;
  if (!on_) return;
  chunk_ = {};
  switches_ = thread_switches();
  since_ = wall_seconds();
  current_ = Region::other;
}

void RegionSample::enter(Region region) {
  if (!on_ || region == current_) return;
  const double now = wall_seconds();
  chunk_[current_] += now - since_;
  since_ = now;
  if (detail_ && current_ != Region::other) pop_region();
  current_ = region;
  if (detail_ && current_ != Region::other) push_region(region);
}

void RegionSample::end_chunk() {
  if (!on_) return;
  enter(Region::other);
  add(thread_switches() == switches_ ? whole_ : interrupted_, chunk_);
  on_ = detail_ = false;
}

double RegionSample::share(Region region) const {
  for (const RegionTimes& times : {whole_, interrupted_}) {
    double total = 0;
    for (double seconds : times.seconds) total += seconds;
    if (total > 0) return times[region] / total;
  }
  return 0;
}

ChunkSize choose_chunk(int channels, int hidden, std::int64_t width, std::int64_t bytes_per_value) {
  const std::int64_t point = channels * width * bytes_per_value;   // bytes of one layer of one point
  const auto fit = [](std::int64_t bytes, std::int64_t per_point, std::int64_t most) {
    std::int64_t points = most;
    while (points > 8 && points * per_point > bytes) points /= 2;
    return points;
  };
  const std::int64_t chunk = fit(768 << 10, point * (hidden + 3), block_points);
  return {chunk, fit(24 << 10, point, chunk)};
}

template <class T>
JetSweeper<T>::JetSweeper(const Network& network, const TermProgram& program, ChunkSize size, JetLayers<T>& layers, Pool& pool)
    : network_(network), program_(program), size_(size), layers_(layers), activation_(network.activation, program.plan.program) {
  plan_features(pool);
  plan_work();
  const std::int64_t n = size_.chunk, outputs = std::int64_t{program_.fields} * program_.channels(), slots = program_.plan.program.slots;
  if constexpr (sizeof(T) != sizeof(double)) coordinates_ = pool.allocate<T>(program_.dimensions * n);
  features_ = pool.allocate<T>(static_cast<std::int64_t>(varying_.size()) * n);
  sum_ = pool.allocate<double>(n);
  slots_ = pool.allocate<double>(slots * n);
  slots_cast_ = pool.allocate<T>(slots * n);
  if (activation_.per_point()) coefficients_ = pool.allocate<T>(activation_.monomials() * n);
  outputs_ = pool.allocate<T>(outputs * n);
  output_adjoints_ = pool.allocate<T>(outputs * n);
  inputs_.resize(static_cast<std::size_t>(program_.dimensions + outputs));
  adjoints_.resize(inputs_.size());
  for (std::int64_t k = 0; k < outputs; ++k) {
    inputs_[static_cast<std::size_t>(program_.dimensions + k)] = {outputs_ + k * n, 1};
    adjoints_[static_cast<std::size_t>(program_.dimensions + k)] = {output_adjoints_ + k * n, 1};
  }
}

template <class T>
const typename JetSweeper<T>::Turn& JetSweeper<T>::turn_of(const Feature& feature, Pool& pool) {
  for (const Turn& turn : turns_) {
    if (turn.coordinate == feature.coordinate && turn.scale == feature.scale && turn.shift == feature.shift) return turn;
  }
  const std::int64_t n = padded<double>(size_.chunk);
  turns_.push_back({feature.coordinate, feature.scale, feature.shift, pool.allocate<double>(n), pool.allocate<double>(n)});
  return turns_.back();
}

// Channel c of feature f(x_k): the sum of its parts that are pure derivatives by x_k; all others vanish.
template <class T>
void JetSweeper<T>::plan_features(Pool& pool) {
  const int features = static_cast<int>(network_.features.size());
  constant_.assign(static_cast<std::size_t>(program_.channels() * features), T(0));
  for (int c = 0; c < program_.channels(); ++c) {
    for (int i = 0; i < features; ++i) {
      const Feature& feature = network_.features[static_cast<std::size_t>(i)];
      const bool linear = feature.kind == Feature::Kind::linear;
      Varying pair{c, i, {}};
      double constant = 0;
      for (const ChannelPart& part : program_.plan.channels[static_cast<std::size_t>(c)].parts) {
        const Derivative& d = part.derivative;
        const bool pure = std::all_of(d.by.begin(), d.by.begin() + d.order, [&](int k) { return k == feature.coordinate; });
        if (!pure || (linear && d.order != 1)) continue;
        if (linear && part.slot < 0) {
          constant += part.coefficient * feature.scale;
        } else if (linear) {
          pair.parts.push_back({part.coefficient * feature.scale, nullptr, part.slot});
        } else {  // cos -> -sin -> -cos -> sin -> cos; a sine is a cosine three steps on
          const int step = (d.order + (feature.kind == Feature::Kind::sine ? 3 : 0)) % 4;
          const Turn& turn = turn_of(feature, pool);
          double factor = part.coefficient * (step == 1 || step == 2 ? -1 : 1);
          for (int k = 0; k < d.order; ++k) factor *= feature.scale;
          pair.parts.push_back({factor, step % 2 == 0 ? turn.cosine : turn.sine, part.slot});
        }
      }
      if (c == 0 || !pair.parts.empty()) {
        varying_.push_back(pair);
        varying_channel_.push_back(c);
        varying_feature_.push_back(i);
      }
      constant_[static_cast<std::size_t>(c * features + i)] = static_cast<T>(constant);
    }
  }
}

template <class T>
void JetSweeper<T>::plan_work() {
  FeatureWork features;
  features.features = static_cast<std::int64_t>(network_.features.size());
  features.varying = static_cast<std::int64_t>(varying_.size());
  features.turns = static_cast<std::int64_t>(turns_.size());
  for (const Varying& pair : varying_) features.parts += static_cast<std::int64_t>(pair.parts.size());
  for (std::int64_t c = 0; c < program_.channels(); ++c) {
    const auto row = constant_.begin() + c * features.features;
    features.constant_channels += std::any_of(row, row + features.features, [](T value) { return value != T(0); });
  }
  forward_work_ = jet_forward_work<T>(network_, program_, layers_, features);
  reverse_work_ = jet_reverse_work<T>(network_, program_, layers_, features);
  tape_forward_ = tape_forward_work<T>(program_);
  tape_reverse_ = tape_reverse_work<T>(program_);
}

template <class T>
void JetSweeper<T>::count_tape(std::int64_t n, bool reverse) {
  const auto points = static_cast<double>(n);
  work_.tape.flop += points * (tape_forward_.flop + (reverse ? tape_reverse_.flop : 0));
  work_.tape.bytes += points * (tape_forward_.bytes + (reverse ? tape_reverse_.bytes : 0));
}

template <class T>
void JetSweeper<T>::evaluate_features(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t n) {
  for (const Turn& turn : turns_) {
    sincos_columns(stream, n, coordinates + turn.coordinate * stride, turn.scale, turn.shift, turn.sine, turn.cosine);
  }
  for (std::size_t e = 0; e < varying_.size(); ++e) {
    T* column = features_ + static_cast<std::int64_t>(e) * size_.chunk;
    if (varying_[e].parts.empty()) {
      const Feature& feature = network_.features[static_cast<std::size_t>(varying_[e].feature)];
      const double* x = coordinates + feature.coordinate * stride;
      for (std::int64_t i = 0; i < n; ++i) column[i] = static_cast<T>(feature.scale * x[i] + feature.shift);
      continue;
    }
    std::fill_n(sum_, n, 0.0);
    for (const VaryingPart& part : varying_[e].parts) {
      const double* slot = part.slot < 0 ? nullptr : slots_ + part.slot * size_.chunk;
      for (std::int64_t i = 0; i < n; ++i) {
        sum_[i] += part.factor * (part.column ? part.column[i] : 1.0) * (slot ? slot[i] : 1.0);
      }
    }
    for (std::int64_t i = 0; i < n; ++i) column[i] = static_cast<T>(sum_[i]);
  }
}

// What depends on the points alone: coordinates in T, point coefficients, the features' jets.
template <class T>
void JetSweeper<T>::evaluate_point_columns(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t n) {
  for (int d = 0; d < program_.dimensions; ++d) {
    const double* x = coordinates + d * stride;
    if constexpr (sizeof(T) == sizeof(double)) {
      inputs_[static_cast<std::size_t>(d)] = {x, 1};
    } else {
      T* column = coordinates_ + d * size_.chunk;
      for (std::int64_t i = 0; i < n; ++i) column[i] = static_cast<T>(x[i]);
      inputs_[static_cast<std::size_t>(d)] = {column, 1};
    }
  }
  const int slots = program_.plan.program.slots;
  if (slots > 0) {
    std::vector<Column<const double>> in;
    std::vector<Column<double>> out;
    for (int d = 0; d < program_.dimensions; ++d) in.push_back({coordinates + d * stride, 1});
    for (int s = 0; s < slots; ++s) out.push_back({slots_ + s * size_.chunk, 1});
    tape_forward<double>(stream, program_.coefficients, n, in.data(), out.data());
    for (int s = 0; s < slots; ++s) {
      for (std::int64_t i = 0; i < n; ++i) slots_cast_[s * size_.chunk + i] = static_cast<T>(slots_[s * size_.chunk + i]);
    }
    if (activation_.per_point()) activation_.fill_coefficients(n, slots_cast_, size_.chunk, coefficients_);
  }
  evaluate_features(stream, coordinates, stride, n);
}

template <class T>
JetSweep<T> JetSweeper<T>::sweep(int layer, std::int64_t first, std::int64_t points, const Buffers& buffers) const {
  JetSweep<T> sweep;
  sweep.tile = {points, layers_[layer].width};
  const bool vary = activation_.per_point();
  sweep.coefficients = vary ? coefficients_ + first * activation_.monomials() : activation_.coefficients();
  sweep.coefficient_stride = vary ? activation_.monomials() : 0;
  sweep.bias = layers_[layer].bias;
  sweep.bias_gradient = layers_[layer].bias_gradient;
  sweep.z = buffers.z[static_cast<std::size_t>(layer)] + first * program_.channels() * layers_[layer].width;
  return sweep;
}

template <class T>
void JetSweeper<T>::forward(Stream stream, const Buffers& buffers, const double* coordinates, std::int64_t stride, std::int64_t n,
                            RegionSample& sample) {
  forward_work_.add_chunk(work_, n, (n + size_.tile - 1) / size_.tile);
  const int V = program_.channels(), hidden = layers_.hidden(), last = hidden - 1;
  sample.enter(Region::activation);
  evaluate_point_columns(stream, coordinates, stride, n);
  FeatureJets<T> jets{static_cast<int>(network_.features.size()), V, constant_.data(), static_cast<int>(varying_.size()),
                      varying_channel_.data(), varying_feature_.data(), nullptr, size_.chunk};
  for (std::int64_t i = 0; i < n; i += size_.tile) {
    const std::int64_t points = std::min(size_.tile, n - i);
    jets.values = features_ + i;
    T* h = buffers.h + i * V * layers_.max_width();
    for (int l = 0; l < hidden; ++l) {
      JetSweep<T> step = sweep(l, i, points, buffers);
      if (l == 0) {
        input_forward<T>(stream, step.tile, jets, layers_[0].weights, step.z);
      } else {
        sample.enter(Region::product);
        (*layers_[l].forward)(V * points, h, layers_[l].weights, step.z);
        sample.enter(Region::activation);
      }
      if (l == last) h = buffers.h + i * V * layers_[last].width;
      step.h = h;
      activation_.forward(stream, step);
    }
    output_forward<T>(stream, {points, layers_[last].width}, V, program_.fields, layers_[hidden].weights, layers_[hidden].bias, h,
                      outputs_ + i, size_.chunk);
  }
}

template <class T>
void JetSweeper<T>::reverse(Stream stream, const Buffers& buffers, std::int64_t n, RegionSample& sample,
                            const LayersDone& done) {
  reverse_work_.add_chunk(work_, n, (n + size_.tile - 1) / size_.tile);
  const int V = program_.channels(), hidden = layers_.hidden(), last = hidden - 1;
  T *a = buffers.a, *b = buffers.b;
  sample.enter(Region::activation);
  for (std::int64_t i = 0; i < n; i += size_.tile) {
    const std::int64_t points = std::min(size_.tile, n - i), at = i * V * layers_[last].width;
    output_reverse<T>(stream, {points, layers_[last].width}, V, program_.fields, layers_[hidden].weights, buffers.h + at,
                      output_adjoints_ + i, size_.chunk, a + at, layers_[hidden].weight_gradient, layers_[hidden].bias_gradient);
    JetSweep<T> step = sweep(last, i, points, buffers);
    step.adjoint = a + at;
    activation_.reverse(stream, step);
  }
  if (done) done(hidden);
  for (int l = last; l > 0; --l) {
    const JetLayer<T>& layer = layers_[l];
    for (std::int64_t i = 0; i < n; i += size_.tile) {
      const std::int64_t points = std::min(size_.tile, n - i);
      JetSweep<T> step = sweep(l - 1, i, points, buffers);
      step.adjoint = b + i * V * layer.input_width;
      step.h = buffers.h + i * V * layer.input_width;
      sample.enter(Region::product);
      (*layer.input_gradient)(V * points, a + i * V * layer.width, layer.transposed, step.adjoint);
      sample.enter(Region::activation);
      activation_.reverse(stream, step);
      if (done) done(l + 1);
    }
    sample.enter(Region::product);
    (*layer.gradient)(V * n, buffers.h, a, layer.weight_gradient);
    sample.enter(Region::activation);
    if (done) done(l);
    std::swap(a, b);
  }
  FeatureJets<T> jets{static_cast<int>(network_.features.size()), V, constant_.data(), static_cast<int>(varying_.size()),
                      varying_channel_.data(), varying_feature_.data(), nullptr, size_.chunk};
  for (std::int64_t i = 0; i < n; i += size_.tile) {
    jets.values = features_ + i;
    input_reverse<T>(stream, {std::min(size_.tile, n - i), layers_[0].width}, jets, a + i * V * layers_[0].width,
                     layers_[0].weight_gradient);
    if (done) done(1);
  }
}

template class JetSweeper<float>;
template class JetSweeper<double>;

}  // namespace jetpinn
