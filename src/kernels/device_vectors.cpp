#include "jetpinn/kernels/device_vectors.hpp"

#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/vector_items.hpp"

namespace jetpinn {
namespace {

std::int64_t runs_of(std::int64_t rows) { return rows > 0 ? sum_runs(rows) : 1; }

template <class By, class Space, class Term>
void reduce(Stream stream, std::int64_t n, const Term& term, VectorOn<Space> scratch) {
  std::int64_t runs = runs_of(n);
  launch(Space{}, stream, "jetpinn::reduce_vector", runs, ReduceItem<Term, By>{term, n, scratch.address()});
  while (runs > 1) {
    const VectorOn<Space> stage = scratch;
    scratch += runs;
    launch(Space{}, stream, "jetpinn::reduce_runs", runs_of(runs),
           ReduceItem<ValueTerm, By>{{stage.address()}, runs, scratch.address()});
    runs = runs_of(runs);
  }
}

}  // namespace

std::int64_t reduction_scratch(std::int64_t n) {
  std::int64_t runs = runs_of(n), all = runs;
  for (; runs > 1; all += runs) runs = runs_of(runs);
  return all;
}

template <class Space>
void combine(Stream stream, std::int64_t n, double a, ConstVectorOn<Space> x, double b, ConstVectorOn<Space> y,
             VectorOn<Space> to) {
  launch(Space{}, stream, "jetpinn::combine_vectors", n, CombineItem{a, x.address(), b, y.address(), to.address()});
}

template <class Space>
void update_adam(Stream stream, std::int64_t n, const AdamFactors& by, ConstVectorOn<Space> gradient, VectorOn<Space> first,
                 VectorOn<Space> second, VectorOn<Space> parameters) {
  launch(Space{}, stream, "jetpinn::update_adam", n,
         AdamItem{by, gradient.address(), first.address(), second.address(), parameters.address()});
}

template <class Space>
void dot(Stream stream, std::int64_t n, ConstVectorOn<Space> x, ConstVectorOn<Space> y, VectorOn<Space> scratch) {
  reduce<SumOf>(stream, n, ProductTerm{x.address(), y.address()}, scratch);
}

template <class Space>
void sum_of_magnitudes(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch) {
  reduce<SumOf>(stream, n, MagnitudeTerm{x.address()}, scratch);
}

template <class Space>
void largest_magnitude(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch) {
  reduce<LargestOf>(stream, n, MagnitudeTerm{x.address()}, scratch);
}

template <class Space>
void count_not_finite(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch) {
  reduce<SumOf>(stream, n, NotFiniteTerm{x.address()}, scratch);
}

#define JETPINN_INSTANTIATE(Space)                                                                                  \
  template void combine<Space>(Stream, std::int64_t, double, ConstVectorOn<Space>, double, ConstVectorOn<Space>,    \
                               VectorOn<Space>);                                                                    \
  template void update_adam<Space>(Stream, std::int64_t, const AdamFactors&, ConstVectorOn<Space>, VectorOn<Space>, \
                                   VectorOn<Space>, VectorOn<Space>);                                               \
  template void dot<Space>(Stream, std::int64_t, ConstVectorOn<Space>, ConstVectorOn<Space>, VectorOn<Space>);      \
  template void sum_of_magnitudes<Space>(Stream, std::int64_t, ConstVectorOn<Space>, VectorOn<Space>);              \
  template void largest_magnitude<Space>(Stream, std::int64_t, ConstVectorOn<Space>, VectorOn<Space>);              \
  template void count_not_finite<Space>(Stream, std::int64_t, ConstVectorOn<Space>, VectorOn<Space>);
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
