#include "jetpinn/kernels/tape.hpp"

#include "jetpinn/kernels/tape_tile.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <new>
#include <vector>

namespace jetpinn {

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

// Scratch memory of one call, not cleared. The allocator hands the same pages to every call, in less than a microsecond
// where a chunk takes a hundred or more.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::int64_t size)
      : data_(static_cast<T*>(::operator new(static_cast<std::size_t>(size) * sizeof(T), alignment))) {}
  ~Scratch() { ::operator delete(data_, alignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() const { return data_; }

 private:
  static constexpr std::align_val_t alignment{64};   // of a pack
  T* data_;
};

// Calls tile(values, adjoints, first, count) for every tile of the points. Workers share the tiles in contiguous
// runs; each has its own registers.
template <class T, class PerWorker>
void for_tiles(const char* label, const TapeProgram& program, const TapeAdjointPlan* plan, std::int64_t points,
               PerWorker per_worker) {
  if (points == 0) return;
  const std::int64_t tiles = (points + tape_tile - 1) / tape_tile;
  const std::int64_t workers = std::min<std::int64_t>(tiles, Space().concurrency());
  const std::int64_t value_size = static_cast<std::int64_t>(program.instructions.size()) * tape_tile;
  const std::int64_t size = value_size + (plan ? plan->slots : 0) * static_cast<std::int64_t>(tape_tile);
  const Scratch<T> scratch(workers * size);
  T* memory = scratch.data();
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Space>(0, workers), [=, &program](const std::int64_t worker) {
    T* values = memory + worker * size;
    TapeTile<T> tile(program, values, plan, values + value_size);
    const std::int64_t begin = worker * tiles / workers, end = (worker + 1) * tiles / workers;
    for (std::int64_t t = begin; t < end; ++t) {
      const std::int64_t first = t * tape_tile;
      per_worker(tile, first, static_cast<int>(std::min<std::int64_t>(tape_tile, points - first)));
    }
  });
  Space().fence();
}

template <class T>
std::vector<bool> wanted(const TapeProgram& program, const Column<T>* adjoints) {
  std::vector<bool> result(static_cast<std::size_t>(program.inputs));
  for (int j = 0; j < program.inputs; ++j) result[static_cast<std::size_t>(j)] = adjoints[j].data != nullptr;
  return result;
}

template <class T>
void store_column(const Column<T>& column, std::int64_t first, int count, const T* from) {
  if (!column.data) return;
  for (int i = 0; i < count; ++i) column.data[(first + i) * column.stride] = from[i];
}

}  // namespace

template <class T>
void tape_forward(Stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                  const Column<T>* outputs) {
  for_tiles<T>("jetpinn::tape_forward", program, nullptr, points,
               [=, &program](TapeTile<T>& tile, std::int64_t first, int count) {
                 tile.forward(inputs, first, count);
                 for (std::size_t k = 0; k < program.outputs.size(); ++k)
                   store_column(outputs[k], first, count, tile.output(k));
               });
}

template <class T>
void tape_reverse(Stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                  const Column<const T>* cotangents, const Column<T>* adjoints) {
  const TapeAdjointPlan plan = plan_adjoints(program, wanted(program, adjoints));
  for_tiles<T>("jetpinn::tape_reverse", program, &plan, points,
               [=, &program](TapeTile<T>& tile, std::int64_t first, int count) {
                 tile.forward(inputs, first, count);
                 tile.clear_adjoints();
                 for (std::size_t k = 0; k < program.outputs.size(); ++k) {
                   T* seed = tile.output_adjoint(k);
                   const Column<const T>& cotangent = cotangents[k];
                   if (!seed || !cotangent.data) continue;
                   for (int i = 0; i < count; ++i) seed[i] += cotangent.data[(first + i) * cotangent.stride];
                 }
                 tile.reverse();
                 tile.store_adjoints(adjoints, first, count);
               });
}

template <class T>
void tape_residual(Stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                   const Column<const T>* weights, double scale, const Column<T>* residuals, const Column<T>* adjoints,
                   double sums[2], const Column<const T>& quadrature) {
  const bool reverse = adjoints != nullptr;
  const TapeAdjointPlan plan = reverse ? plan_adjoints(program, wanted(program, adjoints)) : TapeAdjointPlan{};
  // Squares per point first, then one sum in the order of the points: the same bits whatever the tiles and workers.
  const Scratch<double> point_sums(2 * points);
  double* squares = point_sums.data();  // [points, 2] weighted, by quadrature alone

  for_tiles<T>("jetpinn::tape_residual", program, reverse ? &plan : nullptr, points,
               [=, &program](TapeTile<T>& tile, std::int64_t first, int count) {
    tile.forward(inputs, first, count);
    if (reverse) tile.clear_adjoints();
    std::fill(squares + 2 * first, squares + 2 * (first + count), 0.0);
    for (std::size_t k = 0; k < program.outputs.size(); ++k) {
      const T* r = tile.output(k);
      const Column<const T> weight = weights ? weights[k] : Column<const T>{};
      T* seed = reverse ? tile.output_adjoint(k) : nullptr;
      for (int i = 0; i < count; ++i) {
        const double w = weight.data ? static_cast<double>(weight.data[(first + i) * weight.stride]) : 1.0;
        const double value = static_cast<double>(r[i]), square = value * value;
        squares[2 * (first + i)] += w * square;
        squares[2 * (first + i) + 1] += square;
        if (seed) seed[i] += static_cast<T>(2 * scale * w * value);
      }
      if (residuals) store_column(residuals[k], first, count, r);
    }
    for (int i = 0; i < count && quadrature.data; ++i)
      squares[2 * (first + i) + 1] *= static_cast<double>(quadrature.data[(first + i) * quadrature.stride]);
    if (!reverse) return;
    tile.reverse();
    tile.store_adjoints(adjoints, first, count);
  });
  for (std::int64_t i = 0; i < points; ++i) {
    sums[0] += squares[2 * i];
    sums[1] += squares[2 * i + 1];
  }
}

#define JETPINN_INSTANTIATE(T)                                                                                             \
  template void tape_forward<T>(Stream, const TapeProgram&, std::int64_t, const Column<const T>*, const Column<T>*);       \
  template void tape_reverse<T>(Stream, const TapeProgram&, std::int64_t, const Column<const T>*, const Column<const T>*,  \
                                const Column<T>*);                                                                         \
  template void tape_residual<T>(Stream, const TapeProgram&, std::int64_t, const Column<const T>*, const Column<const T>*, \
                                 double, const Column<T>*, const Column<T>*, double[2], const Column<const T>&);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
