#include "jetpinn/engine/jets_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/block_walk.hpp"
#include "jetpinn/engine/carried_vector.hpp"
#include "jetpinn/engine/engine_products.hpp"
#include "jetpinn/engine/exact_gradient.hpp"
#include "jetpinn/engine/jet_linearization.hpp"
#include "jetpinn/engine/jet_sweepers.hpp"
#include "jetpinn/engine/point_columns.hpp"
#include "jetpinn/engine/run_sums.hpp"
#include "jetpinn/engine/sweep_graphs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <type_traits>

namespace jetpinn {
namespace {

// Sums that are not fp64 themselves go over to it after this many points.
constexpr std::int64_t flush_points = 4 * block_points;

template <class A>
class JetsEngine : public Engine {
 public:
  using C = ColumnArithmetic<A>;
  using T = typename C::Storage;
  using Space = typename A::Space;
  static constexpr bool sums_move_on = !std::is_same_v<typename A::Accumulate, double>;

  JetsEngine(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms,
             const ProductChoice& choice)
      : chunk_(options.chunk),
        choice_(choice),
        trained_coefficients_(trained_coefficients(programs_of(terms))),
        device_(options.device_stream),
        sweepers_(network, terms, choice, options.recomputed, options.chunk, device_.pool, device_.stream({})),
        graphs_(options.graphs, sweepers_.terms, run_sums_) {
    device_.stream({}).wait();  // for its tables
    device_.pool.seal();
  }
  // What the device still has to do reads and writes what the engine owns.
  ~JetsEngine() override { finish_queued(); }

  void loss_and_gradient(Stream stream, const double* parameters, const PointSet& points, double* gradient,
                         TermSums& sums) override {
    stream = device_.stream(stream);
    const std::int64_t size = make_room();
    std::int64_t end = size;  // of what has not come to the caller yet
    evaluate(stream, parameters_.bring(stream, parameters, size), points, gradient_.of(gradient), sums,
             [&](std::int64_t first) {
               gradient_.fetch(stream, first, end - first, gradient);
               end = first;
             });
  }

  void loss_and_gradient_exact(Stream stream, const double* parameters, const PointSet& points, ExactSum& total) override {
    stream = device_.stream(stream);
    evaluate_exactly(stream, parameters_.bring(stream, parameters, make_room()), points, total);
  }

  Stream device_stream() const override { return device_.stream({}); }
  void loss_and_gradient_on_device(ConstDeviceVector parameters, const PointSet& points, DeviceVector gradient,
                                   TermSums& sums) override {
    if constexpr (Space::host) {
      Engine::loss_and_gradient_on_device(parameters, points, gradient, sums);
    } else {
      const Stream stream = device_stream();
      evaluate(stream, ConstVector(parameters.address()), points, Vector(gradient.address()), sums, [](std::int64_t) {});
    }
  }
  void loss_and_gradient_exact_on_device(ConstDeviceVector parameters, const PointSet& points, ExactSum& total) override {
    if constexpr (Space::host) {
      Engine::loss_and_gradient_exact_on_device(parameters, points, total);
    } else {
      make_room();
      evaluate_exactly(device_stream(), ConstVector(parameters.address()), points, total);
    }
  }

  void residuals(Stream stream, const double* parameters, int term, const TermPoints& points, double* residuals) override {
    stream = device_.stream(stream);
    JetSweeper<A>& sweeper = *terms_[static_cast<std::size_t>(term)];
    const int outputs = sweeper.program().residuals();
    const EngineWork before = sweeper.work();
    const std::int64_t size = make_room();
    timed("jetpinn::residuals", [&] {
      network_.load(parameters_.bring(stream, parameters, size), constants_);
      for_each_chunk(sweeper, 0, points.local_count, [&](std::int64_t first, std::int64_t n) {
        sweeper.forward(stream, {&points, first, n}, sample_);
        sample_.enter(Region::tape);
        values_.compute(device_.pool, stream, sweeper, n);
        values_.tell(outputs, n, residuals + first, points.local_count);
      });
    });
    // as its time does, its work counts as no training
    if (current_region() == Region::evaluation) sweeper.recount(before);
  }

  void linearize(Stream stream, const double* parameters, int term, const TermPoints& points,
                 const VisitLinearization& visit) override {
    const ScopedRegion region(current_region() == Region::evaluation ? Region::evaluation : Region::product,
                              "jetpinn::linearize");
    whole([&] { linearizations().visit(device_.stream(stream), parameters, constants_, term, points, visit); });
  }
  int residuals_of(int term) const override { return terms_[static_cast<std::size_t>(term)]->program().residuals(); }

  Precision precision() const override { return A::precision; }
  std::string device() const override { return Space::name; }
  std::string backend() const override { return choice_.text(); }
  std::int64_t pool_bytes() const override { return device_.pool.bytes(); }
  std::int64_t chunk() const override { return sweepers_.chunk; }
  std::int64_t pool_unused() const override { return device_.pool.unused(); }
  GraphCounts graphs() const override { return graphs_.counts(); }
  EngineWork work() const override {
    EngineWork total;
    for (const auto& sweeper : terms_) add(total, sweeper->work());
    if (linearizations_) add(total, linearizations_->work());
    return total;
  }
  double product_rate() const override { return choice_.best_rate; }

 private:
  using Vector = Pointer<double, Space>;
  using ConstVector = Pointer<const double, Space>;
  // Entries from `first` on of the gradient are final; called once more with 0 at the end.
  using Final = std::function<void(std::int64_t first)>;

  // Of vectors that callers on the host give; returns their length.
  std::int64_t make_room() {
    const std::int64_t size = network_.network().parameters;
    parameters_.make_room(device_.pool, size);
    gradient_.make_room(device_.pool, size);
    return size;
  }

  // gradient is overwritten.
  void evaluate(Stream stream, ConstVector parameters, const PointSet& points, Vector gradient, TermSums& sums,
                const Final& final) {
    sums.weighted.assign(terms_.size(), 0.0);
    sums.unweighted.assign(terms_.size(), 0.0);
    const auto sweep = [&] {
      std::int64_t unflushed = 0;
      int left = network_.layers();
      const auto hand_over = [&](int first) {
        while (left > first) network_.flush(--left, gradient);
      };
      const auto tell = [&](int first) {
        hand_over(first);
        final(network_.first_parameter(first));
      };
      gradient_.clear(stream, gradient, network_.network().parameters);
      network_.load_layers(parameters);
      run_sums_.begin(device_.pool, stream, points);
      walk_runs(points, [&](std::size_t t, std::int64_t first, std::int64_t count, bool last) {
        add_block(stream, t, points.terms[t], first, count, gradient, last ? listener(tell) : LayersDone());
        unflushed += count;
        if (sums_move_on && unflushed >= flush_points && !last) network_.flush(gradient), unflushed = 0;
      });
      hand_over(0);
    };
    timed("jetpinn::loss_and_gradient", [&] {
      network_.load_numbers(parameters, constants_);
      give(stream, {false, parameters, gradient}, points, sweep);
      run_sums_.finish(stream, [&](std::size_t term, double weighted, double unweighted) {
        sums.weighted[term] += weighted;
        sums.unweighted[term] += unweighted;
      });
      final(0);
    });
  }

  void evaluate_exactly(Stream stream, ConstVector parameters, const PointSet& points, ExactSum& total) {
    const std::int64_t size = network_.network().parameters;
    here_.resize(Space::host ? static_cast<std::size_t>(size) : 0);
    exact_.begin(device_.pool, stream, size, total);
    const Vector gradient = gradient_.of(here_.data());
    std::int64_t kept = size;  // entries that stay where they were added
    const auto sweep = [&] {
      network_.load_layers(parameters);
      run_sums_.begin(device_.pool, stream, points);
      BlockWalk(points, order_of_terms(points))
          .for_each_block([&](std::size_t t, std::int64_t first, std::int64_t count, bool last) {
            gradient_.clear(stream, gradient, size);
            exact_.next_block(stream);
            int left = network_.layers();
            std::int64_t end = size;
            const auto hand_over = [&](int first_layer) {
              if (left == first_layer) return;
              while (left > first_layer) network_.flush(--left, gradient);
              const std::int64_t begin = network_.first_parameter(first_layer);
              exact_.add(stream, begin, end - begin, gradient);
              end = begin;
            };
            const auto tell = [&](int first_layer) {
              hand_over(first_layer);
              exact_.hand_over(stream, end, kept - end);
              kept = end;
            };
            add_block(stream, t, points.terms[t], first, count, gradient, last ? listener(tell) : LayersDone());
            hand_over(0);
          });
    };
    timed("jetpinn::loss_and_gradient", [&] {
      network_.load_numbers(parameters, constants_);
      give(stream, {true, parameters, gradient}, points, sweep);
      exact_.hand_over(stream, 0, kept);
      run_sums_.finish(stream, [&](std::size_t term, double weighted, double unweighted) {
        total.add(size + static_cast<std::int64_t>(term), weighted);
        total.add(size + static_cast<std::int64_t>(terms_.size() + term), unweighted);
      });
    });
  }

  // What an evaluation adds up, and where.
  struct Target {
    bool exact;
    ConstVector parameters;
    Vector gradient;
  };

  // The sweeps of an evaluation: on a device as a graph, once it was recorded.
  void give(Stream stream, const Target& target, const PointSet& points, const std::function<void()>& sweep) {
    if constexpr (Space::host) {
      sweep();
    } else {
      const auto key = [&] {
        EvaluationKey all;
        all.add(std::int64_t{target.exact});
        all.add(target.parameters.address());
        all.add(target.gradient.address());
        all.add(exact_.address());
        all.add(weights_.weights());
        all.add(weights_.quadrature());
        return all;
      };
      const auto left_out = [this](std::size_t term) { return leaves_out(term); };
      graphs_.run(stream, points, target.exact, key, obstacle(), left_out, sweep);
    }
  }
  // Why an evaluation is no graph: the host takes part in it.
  std::string obstacle() const {
    if (ready_) return "layers of the gradient are summed over ranks while others are swept";
    return residuals_known_ ? "the host reads the residuals of each chunk" : "";
  }

  // Runs the work and accounts its time to regions by the sampled shares. An evaluation that compares with a reference stays
  // one region: its products are no part of the training's.
  void timed(const char* label, const std::function<void()>& work) {
    if (current_region() == Region::evaluation) {
      const ScopedLabel labelled(label);
      return whole(work);
    }
    const ScopedRegion region(Region::product, label);
    const double before = region_times()[Region::product];
    whole(work);
    const double elapsed = region_times()[Region::product] - before;  // without what interrupted it
    for (Region other : {Region::activation, Region::tape, Region::other}) {
      move_region_time(Region::product, other, elapsed * sample_.share(other));
    }
  }

  // Work that throws leaves nothing in the device's queue: what was given there reads the points of a caller, who may let
  // them go then.
  template <class Work>
  void whole(const Work& work) {
    try {
      work();
    } catch (...) {
      finish_queued();
      throw;
    }
  }
  // A card that fails has told it to whoever waited for a result.
  void finish_queued() noexcept {
    try {
      device_.stream({}).wait();
    } catch (...) {
    }
  }

  // In bf16 they are fp32's: who asks for them compares small differences.
  JetLinearizations<C>& linearizations() {
    if (linearizations_) return *linearizations_;
    std::vector<const TermProgram*> programs;
    for (const auto& sweeper : terms_) programs.push_back(&sweeper->program());
    linearizations_ = std::make_unique<JetLinearizations<C>>(network_.network(), programs, choice_, chunk_, device_.pool,
                                                             device_.stream({}));
    device_.pool.seal();
    return *linearizations_;
  }

  // What the sweep of the last chunk tells: takes over the layers that are done, then tells who waits for their entries.
  // The trainables stand behind all layers and those in coefficients are final at the end alone: nothing is told then.
  LayersDone listener(const std::function<void(int)>& hand_over) {
    if (!ready_ || trained_coefficients_) return {};
    return [this, hand_over](int layer) {
      hand_over(layer);
      const double begin = wall_seconds();
      ready_(network_.first_parameter(layer));
      sample_.leave_out(wall_seconds() - begin);
    };
  }

  // As many blocks at a time as a chunk of a device takes; one by one on a host.
  template <class Work>
  void walk_runs(const PointSet& points, const Work& work) const {
    const BlockWalk walk(points, order_of_terms(points));
    if constexpr (Space::host)
      walk.for_each_block(work);
    else
      walk.for_each_run([&](std::size_t t) { return terms_[t]->chunk(); }, work);
  }

  // Terms with points, as the problem has them. Where somebody listens, the one with the longest sweep comes last: it has
  // the most to offer for hiding a transfer.
  std::vector<std::size_t> order_of_terms(const PointSet& points) const {
    std::vector<std::size_t> order;
    for (std::size_t t = 0; t < points.terms.size(); ++t)
      if (!points.terms[t].blocks.empty() && !leaves_out(t)) order.push_back(t);
    if (!ready_ || order.empty()) return order;
    const auto rows = [&](std::size_t t) {
      const TermProgram& program = terms_[t]->program();
      return program.channels() * program.sites * std::min(terms_[t]->chunk(), points.terms[t].blocks.back().count);
    };
    const auto longest =
        std::max_element(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows(a) < rows(b); });
    std::rotate(longest, longest + 1, order.end());
    return order;
  }

  template <class Work>
  void for_each_chunk(const JetSweeper<A>& sweeper, std::int64_t first, std::int64_t count, const Work& work) {
    for (std::int64_t i = 0; i < count; i += sweeper.chunk()) {
      const RegionSample::Chunk sampled(sample_);
      work(first + i, std::min(sweeper.chunk(), count - i));
    }
  }

  void add_block(Stream stream, std::size_t t, const TermPoints& points, std::int64_t first, std::int64_t count,
                 Vector gradient, const LayersDone& done) {
    JetSweeper<A>& sweeper = *terms_[t];
    const double scale = 1.0 / static_cast<double>(points.global_count);
    const int outputs = sweeper.program().residuals();
    std::vector<Column<const T>> weights(static_cast<std::size_t>(outputs));
    const Vector sums = run_sums_.next(t, scale);
    for_each_chunk(sweeper, first, count, [&](std::int64_t at, std::int64_t n) {
      sweeper.forward(stream, {&points, at, n}, sample_);
      sample_.enter(Region::tape);
      if (residuals_known_) tell_residuals(stream, sweeper, t, at, n);
      weights_.load(device_.pool, stream, points, at, n, sweepers_.chunk, weights);
      sweeper.tape().residual(stream, n, sweeper.inputs(), weights, scale, sweeper.adjoints(), sums,
                              weights_.load_quadrature(device_.pool, stream, points, at, n, sweepers_.chunk));
      sweeper.reverse(stream, sample_, gradient + network_.network().layer_parameters(),
                      at + n == first + count ? done : LayersDone());
      sweeper.count_tape(n, true);
    });
  }

  // The residuals of a chunk that was swept forward: the tape is run once more, for its fused sweep leaves none.
  void tell_residuals(Stream stream, JetSweeper<A>& sweeper, std::size_t t, std::int64_t first, std::int64_t n) {
    const int outputs = sweeper.program().residuals();
    values_.compute(device_.pool, stream, sweeper, n);
    told_.resize(static_cast<std::size_t>(outputs * n));
    values_.tell(outputs, n, told_.data(), n);
    residuals_known_(static_cast<int>(t), first, n, told_.data());
  }

  const std::int64_t chunk_;   // points held at once; 0: from channels and width
  const ProductChoice choice_;
  const bool trained_coefficients_;
  Device<Space> device_;
  JetSweepers<A> sweepers_;
  JetNetwork<A>& network_ = sweepers_.network;
  std::vector<std::unique_ptr<JetSweeper<A>>>& terms_ = sweepers_.terms;
  CarriedVector<Space> parameters_, gradient_;  // of callers on the host
  ExactGradient<Space> exact_;
  std::vector<double> here_;  // [parameters] a block's gradient, on a host
  RunSums<Space> run_sums_;
  PointWeights<T, Space> weights_;
  ChunkResiduals<T, Space> values_;
  std::vector<double> told_;  // [residuals, points of a chunk]
  RegionSample sample_;
  SweepGraphs<A> graphs_;                                 // they read what stands above
  std::unique_ptr<JetLinearizations<C>> linearizations_;  // made when first wanted
};

template <class A>
std::unique_ptr<Engine> make(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms) {
  return std::make_unique<JetsEngine<A>>(options, network, terms, choose_engine_products<A>(options, network, terms));
}

std::unique_ptr<Engine> make_bf16(const EngineOptions& options, const Network& network,
                                  const std::vector<EngineTerm>& terms) {
  return std::make_unique<JetsEngine<HostBf16>>(options, network, terms, choose_bf16_products(options));
}

template <class Space>
std::unique_ptr<Engine> make_in(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms) {
  switch (options.precision) {
    case Precision::fp64: return make<Arithmetic<Fp64, Space>>(options, network, terms);
    case Precision::fp32: return make<Arithmetic<Fp32, Space>>(options, network, terms);
    case Precision::bf16:
      if constexpr (Space::host)
        return make_bf16(options, network, terms);
      else
        break;
    default: break;
  }
  throw Error(Status::usage, fmt::format("the jets engine computes in {} on device {}, not in {}",
                                         Space::host ? "fp64, fp32 or bf16" : "fp64 or fp32", options.device,
                                         to_string(options.precision)));
}

}  // namespace

std::unique_ptr<Engine> make_jets_engine(const EngineOptions& options, const Network& network,
                                         const std::vector<EngineTerm>& terms) {
  const bool host = options.device == HostSpace::name;
  const bool blocks_in_it = !host && options.chunk > 0 && options.chunk % block_points == 0;
  if (options.chunk != 0 && !blocks_in_it && (options.chunk < 0 || block_points % options.chunk != 0)) {
    throw Error(Status::usage, "chunk is " + std::to_string(options.chunk) + " points; a divisor of " +
                                   std::to_string(block_points) + " is needed");
  }
  if (host) return make_in<HostSpace>(options, network, terms);
#define JETPINN_MAKE(Space) \
  if (options.device == Space::name) return make_in<Space>(options, network, terms);
  JETPINN_FOR_DEVICE_SPACES(JETPINN_MAKE)
#undef JETPINN_MAKE
  JETPINN_CHECK(false, "a device named " + options.device);
}

}  // namespace jetpinn
