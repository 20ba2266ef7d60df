// Every kernel of devices, compiled for CUDA. No host code of the program is compiled here: nvcc knows no vector registers,
// so that a function that both compilers emitted would be two.
#include "jetpinn/kernels/cuda_launch.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/attention_items.hpp"
#include "jetpinn/kernels/coefficient_items.hpp"
#include "jetpinn/kernels/column_items.hpp"
#include "jetpinn/kernels/column_sums.hpp"
#include "jetpinn/kernels/device_queue.hpp"
#include "jetpinn/kernels/edge_items.hpp"
#include "jetpinn/kernels/exact_items.hpp"
#include "jetpinn/kernels/fill_item.hpp"
#include "jetpinn/kernels/jet_items.hpp"
#include "jetpinn/kernels/parameter_items.hpp"
#include "jetpinn/kernels/sparse_items.hpp"
#include "jetpinn/kernels/tape_items.hpp"
#include "jetpinn/kernels/vector_items.hpp"

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include "stub_card/run.hpp"
#endif

#include <cstdint>

namespace jetpinn {

#if defined(__CUDACC__)
namespace {

constexpr std::int64_t threads = 128;  // of a block: kernels hold a jet's channels in registers, and few blocks of more fit

template <class Functor>
__global__ void __launch_bounds__(threads) run_items(const Functor functor, std::int64_t extent) {
  const std::int64_t i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < extent) functor(i);
}

template <class Functor>
void run(CUstream_st* stream, const char* label, std::int64_t extent, const Functor& functor) {
  const std::int64_t blocks = (extent + threads - 1) / threads;
  JETPINN_CHECK(extent > 0 && blocks <= INT32_MAX, label);
  run_items<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, stream>>>(functor, extent);
  check_cuda(cudaGetLastError(), label);
}

}  // namespace
#endif

template <class Functor>
void launch(CudaSpace, Stream stream, const char* label, std::int64_t extent, const Functor& functor) {
  if (extent == 0) return;
  CudaQueue& queue = cuda_queue_of(stream);
  if (queue.on_launch) queue.on_launch(label, extent);
  run(queue.native(), label, extent, functor);
  queue.count();
}

// A comma of a template's arguments would end a macro's argument: the names come last, as variadic ones.
#define JETPINN_LAUNCH(...) \
  template void launch<__VA_ARGS__>(CudaSpace, Stream, const char*, std::int64_t, const __VA_ARGS__&);

#define JETPINN_LAUNCH_ACTIVATION(T, A)                                             \
  JETPINN_LAUNCH(ActivationForwardItem<T, Activation::A>)                           \
  JETPINN_LAUNCH(PartialSumItem<T, ActivationReverseTerm<T, Activation::A>>)        \
  JETPINN_LAUNCH(PartialSumItem<double, ActivationCoefficientTerm<T, Activation::A>>) \
  JETPINN_LAUNCH(ActivationTangentItem<T, Activation::A>)

static_assert(activation_count == 5, "each activation has its line below");
#define JETPINN_LAUNCH_ALL(T)                          \
  JETPINN_LAUNCH_ACTIVATION(T, tanh)                   \
  JETPINN_LAUNCH_ACTIVATION(T, sin)                    \
  JETPINN_LAUNCH_ACTIVATION(T, silu)                   \
  JETPINN_LAUNCH_ACTIVATION(T, gelu)                   \
  JETPINN_LAUNCH_ACTIVATION(T, softplus)               \
  JETPINN_LAUNCH(GateForwardItem<T>)                   \
  JETPINN_LAUNCH(GateReverseItem<T>)                   \
  JETPINN_LAUNCH(MixForwardItem<T>)                    \
  JETPINN_LAUNCH(MixReverseItem<T>)                    \
  JETPINN_LAUNCH(PartialSumItem<T, MixReverseTerm<T>>) \
  JETPINN_LAUNCH(ColumnSumItem<T>)                     \
  JETPINN_LAUNCH(FillItem<T>)                          \
  JETPINN_LAUNCH(SparseForwardItem<T>)                 \
  JETPINN_LAUNCH(SparseGradientItem<T, T>)             \
  JETPINN_LAUNCH(AttentionMeanItem<T>)                 \
  JETPINN_LAUNCH(AttentionCutItem<T>)                  \
  JETPINN_LAUNCH(AttentionForwardItem<T>)              \
  JETPINN_LAUNCH(AttentionSumItem<T>)                  \
  JETPINN_LAUNCH(AttentionQueryItem<T>)                \
  JETPINN_LAUNCH(AttentionKeyItem<T>)                  \
  JETPINN_LAUNCH(AddScaledItem<T>)                     \
  JETPINN_LAUNCH(CoefficientItem<T>)                   \
  JETPINN_LAUNCH(InputForwardItem<T>)                  \
  JETPINN_LAUNCH(PartialSumItem<T, InputReverseTerm<T>>) \
  JETPINN_LAUNCH(InputGradientItem<T>)                 \
  JETPINN_LAUNCH(OutputForwardItem<T>)                 \
  JETPINN_LAUNCH(OutputAdjointItem<T>)                 \
  JETPINN_LAUNCH(PartialSumItem<T, OutputWeightTerm<T>>) \
  JETPINN_LAUNCH(PartialSumItem<T, OutputBiasTerm<T>>) \
  JETPINN_LAUNCH(PartialSumItem<double, GateCoefficientTerm<T>>) \
  JETPINN_LAUNCH(PartialSumItem<double, FeatureTerm<T>>) \
  JETPINN_LAUNCH(AffineItem<T>)                        \
  JETPINN_LAUNCH(LoadRowsItem<T>)                      \
  JETPINN_LAUNCH(FlushRowsItem<T>)                     \
  JETPINN_LAUNCH(SharesItem<T>)                        \
  JETPINN_LAUNCH(ShareGradientItem<T>)                 \
  JETPINN_LAUNCH(AddScaledByItem<T>)                   \
  JETPINN_LAUNCH(PartialSumItem<double, ColumnTerm<T>>) \
  JETPINN_LAUNCH(CastItem<double, T>)                  \
  JETPINN_LAUNCH(TapeForwardItem<T>)                   \
  JETPINN_LAUNCH(TapeReverseItem<T>)                   \
  JETPINN_LAUNCH(TapeResidualItem<T>)

JETPINN_LAUNCH_ALL(float)
JETPINN_LAUNCH_ALL(double)
JETPINN_LAUNCH(CastItem<float, double>)
JETPINN_LAUNCH(SincosItem)
JETPINN_LAUNCH(AddProductItem)
JETPINN_LAUNCH(PartialSumItem<double, SquaresTerm>)
JETPINN_LAUNCH(ScatterItem)
JETPINN_LAUNCH(GatherItem)
JETPINN_LAUNCH(FactorItem)
JETPINN_LAUNCH(FactorProductItem)
JETPINN_LAUNCH(FactorDirectionItem)
JETPINN_LAUNCH(FactorGradientItem)
JETPINN_LAUNCH(ScaleGradientItem)
JETPINN_LAUNCH(PartialSumItem<double, FactorTerm>)
JETPINN_LAUNCH(ExactAddItem)
JETPINN_LAUNCH(FillItem<std::int64_t>)
JETPINN_LAUNCH(CombineItem)
JETPINN_LAUNCH(AdamItem)
JETPINN_LAUNCH(ReduceItem<ProductTerm, SumOf>)
JETPINN_LAUNCH(ReduceItem<MagnitudeTerm, SumOf>)
JETPINN_LAUNCH(ReduceItem<NotFiniteTerm, SumOf>)
JETPINN_LAUNCH(ReduceItem<ValueTerm, SumOf>)
JETPINN_LAUNCH(ReduceItem<MagnitudeTerm, LargestOf>)
JETPINN_LAUNCH(ReduceItem<ValueTerm, LargestOf>)

}  // namespace jetpinn
