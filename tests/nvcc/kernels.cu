// Every kernel of devices in both types, compiled by nvcc. Nothing here runs.
#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/attention_items.hpp"
#include "jetpinn/kernels/column_items.hpp"
#include "jetpinn/kernels/column_sums.hpp"
#include "jetpinn/kernels/edge_items.hpp"
#include "jetpinn/kernels/jet_items.hpp"
#include "jetpinn/kernels/sparse_items.hpp"
#include "jetpinn/kernels/tape_items.hpp"
#include "jetpinn/kernels/vector_items.hpp"

#include <cstdint>

namespace jetpinn {

template <class Item>
__global__ void run(Item item, std::int64_t extent) {
  const std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x;
  if (i < extent) item(i);
}

template <class Item>
void give(const Item& item) {
  run<<<1, 1>>>(item, 1);
}

template <class T, Activation A>
void give_activation() {
  give(ActivationForwardItem<T, A>{});
  give(PartialSumItem<T, ActivationReverseTerm<T, A>>{});
  give(ActivationTangentItem<T, A>{});
}

template <class T, std::size_t... I>
void give_activations(std::index_sequence<I...>) {
  (give_activation<T, static_cast<Activation>(I)>(), ...);
}

template <class T>
void give_all() {
  give_activations<T>(std::make_index_sequence<activation_count>{});
  give(GateForwardItem<T>{});
  give(GateReverseItem<T>{});
  give(MixForwardItem<T>{});
  give(MixReverseItem<T>{});
  give(PartialSumItem<T, MixReverseTerm<T>>{});
  give(ColumnSumItem<T>{});
  give(SparseForwardItem<T>{});
  give(SparseGradientItem<T, T>{});
  give(AttentionMeanItem<T>{});
  give(AttentionCutItem<T>{});
  give(AttentionForwardItem<T>{});
  give(AttentionSumItem<T>{});
  give(AttentionQueryItem<T>{});
  give(AttentionKeyItem<T>{});
  give(AddScaledItem<T>{});
  give(CoefficientItem<T>{});
  give(InputForwardItem<T>{});
  give(PartialSumItem<T, InputReverseTerm<T>>{});
  give(InputGradientItem<T>{});
  give(OutputForwardItem<T>{});
  give(OutputAdjointItem<T>{});
  give(PartialSumItem<T, OutputWeightTerm<T>>{});
  give(PartialSumItem<T, OutputBiasTerm<T>>{});
  give(AffineItem<T>{});
  give(CastItem<double, T>{});
  give(CastItem<T, double>{});
  give(TapeForwardItem<T>{});
  give(TapeReverseItem<T>{});
  give(TapeResidualItem<T>{});
}

template void give_all<float>();
template void give_all<double>();
void give_columns() {
  give(SincosItem{});
  give(AddProductItem{});
  give(PartialSumItem<double, SquaresTerm>{});
}
void give_vectors() {
  give(CombineItem{});
  give(AdamItem{});
  give(ReduceItem<ProductTerm, SumOf>{});
  give(ReduceItem<MagnitudeTerm, SumOf>{});
  give(ReduceItem<MagnitudeTerm, LargestOf>{});
  give(ReduceItem<ValueTerm, SumOf>{});
  give(ReduceItem<ValueTerm, LargestOf>{});
}

}  // namespace jetpinn
