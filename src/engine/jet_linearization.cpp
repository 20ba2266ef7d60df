#include "jetpinn/engine/jet_linearization.hpp"

#include "jetpinn/base/device_kinds.hpp"

#include <algorithm>

namespace jetpinn {

template <class A>
JetLinearizations<A>::JetLinearizations(const Network& network, const std::vector<const TermProgram*>& programs,
                                        const ProductChoice& products, std::int64_t points, PoolOf<A>& pool,
                                        Stream stream)
    : network_(network, products, pool, stream, BufferUse::linearisation, trained_coefficients(programs)) {
  for (CarriedVector<typename A::Space>* vector : {&parameters_, &direction_, &gradient_})
    vector->make_room(pool, network.parameters);
  std::vector<ChunkSize> sizes;
  ChunkSize rows;  // the most of any term
  int channels = 0;
  for (const TermProgram* program : programs) {
    const ChunkSize size = chunk_of<A>(network_.plan(), program->channels(), points);
    const std::int64_t chunk = std::max<std::int64_t>(std::min(size.chunk, block_points), program->sites);
    sizes.push_back({chunk, std::min(size.tile, chunk)});
    rows.chunk = std::max(rows.chunk, sizes.back().chunk * program->channels());
    rows.tile = std::max(rows.tile, sizes.back().tile * program->channels());
    channels = std::max(channels, program->sites * program->channels());
  }
  network_.allocate(rows.chunk, rows.tile, pool);
  for (std::size_t t = 0; t < programs.size(); ++t) {
    const TermProgram& program = *programs[t];
    terms_.push_back({std::make_unique<JetSweeper<A>>(network_, program, sizes[t], pool, stream), nullptr, {}});
    terms_.back().residuals.make_room(pool, program.residuals() * sizes[t].chunk);
  }
  network_.allocate(channels, channels, pool);
  for (std::size_t t = 0; t < programs.size(); ++t)
    terms_[t].point = std::make_unique<JetSweeper<A>>(network_, *programs[t],
                                                      ChunkSize{programs[t]->sites, programs[t]->sites}, pool, stream);
}

template <class A>
class JetLinearizations<A>::Chunk : public Linearization {
 public:
  using Vector = Pointer<double, typename A::Space>;

  Chunk(JetLinearizations& all, Term& term, Stream stream, const TermPoints& points, PointRange range)
      : all_(all), network_(all.network_), term_(term), program_(term.chunk->program()), stream_(stream), points_(points) {
    range_ = range;
  }

  void residuals(double* values, std::int64_t stride) override {
    forward_once();
    term_.chunk->tape().forward(stream_, range_.points, term_.chunk->inputs(), tape_columns<T>());
    term_.residuals.fetch(stream_);
    term_.chunk->count_tape(range_.points, false);
    for (int k = 0; k < program_.residuals(); ++k)
      for (std::int64_t i = 0; i < range_.points; ++i) values[k * stride + i] = static_cast<double>(tape_column(k)[i]);
  }

  void transposed(const double* w, std::int64_t stride, double* gradient) override {
    forward_once();
    for (int k = 0; k < program_.residuals(); ++k)
      for (std::int64_t i = 0; i < range_.points; ++i) tape_column(k)[i] = static_cast<T>(w[k * stride + i]);
    term_.residuals.give(stream_);
    all_.add_to(stream_, gradient, [&](Vector there) {
      reverse(*term_.chunk, range_.points, there);
      network_.flush(there);
    });
  }

  // dr_k = sum over fields and channels of (dr_k / du_fc) du_fc, and over trainables: the tape's reverse, one residual at a
  // time.
  void times(const double* v, double* values, std::int64_t stride) override {
    forward_once();
    network_.load_direction(all_.direction_.bring(stream_, v, network_.network().parameters));
    term_.chunk->tangent(stream_);
    for (int k = 0; k < program_.residuals(); ++k) {
      tape_reverse_of(*term_.chunk, k, range_.points);
      double* target = values + k * stride;
      std::fill_n(target, range_.points, 0.0);
      term_.chunk->columns().add_changes(stream_, network_.trainable_direction(), target);
    }
  }

  void rows(std::int64_t first, std::int64_t count, double* rows, std::int64_t stride) override {
    JetSweeper<A>& point = *term_.point;
    const std::int64_t parameters = network_.network().parameters;
    for (std::int64_t i = 0; i < count; ++i) {
      point.forward(stream_, {&points_, range_.first + first + i, 1}, all_.sample_);
      for (int k = 0; k < program_.residuals(); ++k) {
        tape_reverse_of(point, k, 1);
        double* row = rows + (k * stride + i) * parameters;
        const Vector there = all_.gradient_.begin(stream_, row, parameters);
        point.reverse(stream_, all_.sample_, trainables_of(there));
        network_.flush(there);
        all_.gradient_.fetch(stream_, 0, parameters, row);
      }
    }
  }

 private:
  void forward_once() {
    if (swept_) return;
    term_.chunk->forward(stream_, {&points_, range_.first, range_.points}, all_.sample_);
    swept_ = true;
  }

  T* tape_column(int residual) { return term_.residuals.here() + residual * term_.chunk->chunk(); }
  template <class U>
  std::vector<Column<U>> tape_columns() {
    std::vector<Column<U>> columns;
    for (int k = 0; k < program_.residuals(); ++k)
      columns.push_back({address_of(term_.residuals.there() + k * term_.chunk->chunk()), 1});
    return columns;
  }

  Vector trainables_of(Vector gradient) const { return gradient + network_.network().layer_parameters(); }
  // From cotangents in the tape's columns to the gradients of all parameters, those of layers in the network.
  void reverse(JetSweeper<A>& sweeper, std::int64_t count, Vector gradient) {
    sweeper.tape().reverse(stream_, count, sweeper.inputs(), tape_columns<const T>(), sweeper.adjoints());
    sweeper.reverse(stream_, all_.sample_, trainables_of(gradient));
    sweeper.count_tape(count, true);
  }
  // The slopes of one residual by the outputs.
  void tape_reverse_of(JetSweeper<A>& sweeper, int residual, std::int64_t count) {
    std::fill_n(tape_column(0), program_.residuals() * term_.chunk->chunk(), T(0));
    std::fill_n(tape_column(residual), count, T(1));
    term_.residuals.give(stream_);
    sweeper.tape().reverse(stream_, count, sweeper.inputs(), tape_columns<const T>(), sweeper.adjoints());
    sweeper.count_tape(count, true);
  }

  JetLinearizations& all_;
  JetNetwork<A>& network_;
  Term& term_;
  const TermProgram& program_;
  const Stream stream_;
  const TermPoints& points_;
  bool swept_ = false;
};

template <class A>
void JetLinearizations<A>::visit(Stream stream, const double* parameters, const std::vector<double>& constants, int term,
                                 const TermPoints& points, const VisitLinearization& visit) {
  network_.load(parameters_.bring(stream, parameters, network_.network().parameters), constants);
  Term& of = terms_[static_cast<std::size_t>(term)];
  for_chunks_of_blocks(points, of.chunk->chunk(), [&](PointRange range) {
    Chunk chunk(*this, of, stream, points, range);
    visit(chunk);
  });
}

// What `work` adds on a device goes to the host's gradient in one piece.
template <class A>
template <class Work>
void JetLinearizations<A>::add_to(Stream stream, double* gradient, const Work& work) {
  if constexpr (A::Space::host) {
    work(gradient);
  } else {
    const std::int64_t parameters = network_.network().parameters;
    added_.resize(static_cast<std::size_t>(parameters));
    work(gradient_.begin(stream, added_.data(), parameters));
    gradient_.fetch(stream, 0, parameters, added_.data());
    for (std::int64_t i = 0; i < parameters; ++i) gradient[i] += added_[static_cast<std::size_t>(i)];
  }
}

template <class A>
EngineWork JetLinearizations<A>::work() const {
  EngineWork total;
  for (const Term& term : terms_) {
    add(total, term.chunk->work());
    add(total, term.point->work());
  }
  return total;
}

template class JetLinearizations<HostFp32>;
template class JetLinearizations<HostFp64>;
#define JETPINN_INSTANTIATE(A) template class JetLinearizations<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
