#include "jetpinn/engine/jet_sweep.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/engine/tape_work.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace jetpinn {

template <class A>
FieldColumns<ColumnArithmetic<A>> JetSweeper<A>::allocate_fields(const TermProgram& program, std::int64_t chunk,
                                                                 PoolOf<A>& pool, bool along) {
  const std::int64_t size = std::int64_t{program.fields} * program.channels() * chunk;
  const auto make = [&] { return pool.template allocate<T>(size); };
  FieldColumns<C> fields;
  fields.values = make();
  fields.adjoints = make();
  if (along) fields.tangents = make();
  fields.stride = chunk;
  return fields;
}

template <class A>
JetSweeper<A>::JetSweeper(JetNetwork<A>& network, const TermProgram& program, ChunkSize size, PoolOf<A>& pool, Stream stream)
    : network_(network),
      program_(program),
      size_(size),
      columns_(program_, size.chunk, pool, stream, network.use() == BufferUse::linearisation),
      fields_(allocate_fields(program_, size.chunk, pool, network.use() == BufferUse::linearisation)),
      tape_(program_, chunk(), pool, stream),
      tape_columns_(program_, fields_, network.network().columns(), network.numbers(), chunk(), pool) {
  const bool along = network.use() == BufferUse::linearisation;
  const ModuleSetting<A> setting{program_, columns_, size_, {}, {}, {}, {}, {}, {}, fields_, pool, stream, along};
  const std::vector<bool> members = network.network().members_of(program_.fields_read());
  for (int l = 0; l < network.layers(); ++l) {
    const bool read = members[static_cast<std::size_t>(network.network().layers[static_cast<std::size_t>(l)].member)];
    modules_.push_back(read ? network.module(l, setting) : nullptr);
    if (read) order_.push_back(modules_.back().get());
    outputs_of_.push_back(network.output(l, program_.channels()));
  }
  const BufferPlan& plan = network.plan();
  for (std::size_t p = 0; p < plan.passes.size(); ++p) {
    Pass pass;
    for (int l : plan.passes[p]) {
      if (!modules_[static_cast<std::size_t>(l)]) continue;
      pass.modules.push_back(modules_[static_cast<std::size_t>(l)].get());
      pass.first = l;   // they descend
    }
    for (int l : plan.again[p])
      if (modules_[static_cast<std::size_t>(l)]) pass.again.push_back(modules_[static_cast<std::size_t>(l)].get());
    if (!pass.modules.empty()) passes_.push_back(std::move(pass));
  }
  plan_work();
}

template <class A>
void JetSweeper<A>::plan_work() {
  forward_work_.point.activation.flop = columns_.flop();
  reverse_work_.point.activation.flop = columns_.reverse_flop();
  for (const JetModule<A>* module : order_) {
    add(forward_work_, module->forward_work());
    add(tangent_work_, module->tangent_work());
  }
  for (const Pass& pass : passes_) {
    for (const JetModule<A>* module : pass.again) add(reverse_work_, module->forward_work());
    for (const JetModule<A>* module : pass.modules) add(reverse_work_, module->reverse_work());
  }
  tape_forward_ = tape_forward_work<T>(program_);
  tape_reverse_ = tape_reverse_work<T>(program_);
}

template <class A>
void JetSweeper<A>::count_tape(std::int64_t n, bool reverse) {
  add(work_.tape, tape_forward_, static_cast<double>(n));
  if (reverse) add(work_.tape, tape_reverse_, static_cast<double>(n));
}

template <class A>
void JetSweeper<A>::count(const SweepWork& sweep) {
  sweep.add_chunk(work_, points_, (points_ + size_.tile - 1) / size_.tile);
}

template <class A>
template <class Visit>
void JetSweeper<A>::for_each_tile(const Visit& visit) const {
  for (std::int64_t i = 0; i < points_; i += size_.tile) visit(TileRange{i, std::min(size_.tile, points_ - i)});
}

template <class A>
void JetSweeper<A>::begin_chunk(Stream stream, const TermRange& points) {
  columns_.load(stream, points, network_.numbers());
  tape_columns_.bind(stream, points, columns_);
  points_ = columns_.points();
  for (JetModule<A>* module : order_) module->begin_chunk(stream, points_);
}

// h_0 = x, h_l = f_l(h_k, ...), u = the last one, all channels of a tile at a time.
template <class A>
void JetSweeper<A>::forward(Stream stream, const TermRange& points, RegionSample& sample) {
  sample.enter(Region::activation);
  begin_chunk(stream, points);
  for_each_tile([&](TileRange tile) {
    for (JetModule<A>* module : order_) {
      sample.enter(module->region());
      module->forward(stream, tile);
    }
  });
  count(forward_work_);
}

// dh_l = sum over k of (df_l/dh_k) dh_k, and what the layer's own parameters change.
template <class A>
void JetSweeper<A>::tangent(Stream stream) {
  columns_.load_changes(stream, network_.trainable_direction());
  for (JetModule<A>* module : order_) module->begin_tangent(stream, points_);
  for_each_tile([&](TileRange tile) {
    for (JetModule<A>* module : order_) module->tangent(stream, tile);
  });
  count(tangent_work_);
}

// h̄_k += (df_l/dh_k)ᵀ h̄_l from the last layer down, tile by tile; then W̄ += Hᵀ Z̄ over all rows of the chunk at once.
// Before, h_l = f_l(h_k, ...) once more where it was not kept.
template <class A>
void JetSweeper<A>::reverse(Stream stream, RegionSample& sample, Pointer<double, typename A::Space> trainables,
                            const LayersDone& done) {
  tape_columns_.add_trainables(stream, trainables);
  columns_.slots().begin_reverse(stream);
  int final_from = network_.layers();
  for (const Pass& pass : passes_) {
    const auto sweep = [&](const std::vector<JetModule<A>*>& modules, void (JetModule<A>::*step)(Stream, TileRange)) {
      for_each_tile([&](TileRange tile) {
        for (JetModule<A>* module : modules) {
          sample.enter(module->region());
          (module->*step)(stream, tile);
        }
        if (done && final_from < network_.layers()) done(final_from);
      });
    };
    if (!pass.again.empty()) sweep(pass.again, &JetModule<A>::again);
    sweep(pass.modules, &JetModule<A>::reverse);
    sample.enter(pass.modules.front()->region());
    pass.modules.front()->gather(stream, points_);
    sample.enter(Region::activation);
    final_from = pass.first;
    if (done && final_from > 0) done(final_from);   // the rest is final when the sweep returns
  }
  columns_.slots().add_trainables(stream, trainables);
  count(reverse_work_);
}

template <class A>
int JetSweeper<A>::first_not_finite(Stream stream, const TermRange& point) requires(A::Space::host) {
  const auto finite = [](auto value) {
    if constexpr (std::is_same_v<decltype(value), BFloat16>)
      return is_finite(value);
    else
      return std::isfinite(value);
  };
  int first = network_.layers();
  forward_by_layers(stream, point, [&](int l, const JetPlace<A>& sums) {
    // Sums alone are looked at: an activation that overflows is named by the matrix behind it.
    if (!network_.network().layers[static_cast<std::size_t>(l)].block("weight") || first < network_.layers()) return;
    if (!std::all_of(sums.data, sums.data + program_.channels() * points_ * sums.width, finite)) first = l;
  });
  // What saturates on its way, as tanh does, is no fault where the outputs are finite.
  bool sound = true;
  for (std::int64_t k = 0; k < program_.fields * program_.channels(); ++k)
    sound = sound && std::all_of(fields_.values + k * fields_.stride, fields_.values + k * fields_.stride + points_, finite);
  return sound ? network_.layers() : std::min(first, network_.layers() - 1);
}

template class JetSweeper<HostFp32>;
template class JetSweeper<HostFp64>;
template class JetSweeper<HostBf16>;
#define JETPINN_INSTANTIATE(A) template class JetSweeper<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
