// What runtime/torch_attention.hpp declares.
#include "jetpinn/libtorch/tensors.hpp"
#include "jetpinn/runtime/torch_attention.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

// Counts the bytes of tensors while it lives, by LibTorch's own reports.
class CountedBytes : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override {
    now_ += bytes;
    most_ = std::max(most_, now_);
  }
  void reportOutOfMemory(std::int64_t, std::size_t, std::size_t, c10::Device) override {}
  bool memoryProfilingEnabled() const override { return true; }
  std::int64_t most() const { return most_; }

 private:
  std::int64_t now_ = 0, most_ = 0;
};

template <class T>
class DotProductAttention : public TorchAttention {
 public:
  explicit DotProductAttention(const AttentionArguments<T>& of)
      : q_(view(of, of.q)), k_(view(of, of.k)), v_(view(of, of.v)), bar_(view(of, of.bar)) {
    for (at::Tensor* x : {&q_, &k_, &v_}) x->requires_grad_();
  }

  void forward() override {
    const at::NoGradGuard no_graph;
    at::scaled_dot_product_attention(q_, k_, v_);
  }
  void both() override { gradients({at::scaled_dot_product_attention(q_, k_, v_)}, {bar_}, {q_, k_, v_}, false); }
  std::int64_t bytes() override {
    const auto counted = std::make_shared<CountedBytes>();
    const c10::DebugInfoGuard reported(c10::DebugInfoKind::PROFILER_STATE, counted);
    both();
    return counted->most();
  }

 private:
  static at::Tensor view(const AttentionArguments<T>& of, const T* data) {
    return at::from_blob(const_cast<T*>(data), {1, of.sequences, of.tokens, of.width}, at::CppTypeToScalarType<T>::value);
  }
  at::Tensor q_, k_, v_, bar_;
};

template <class T>
std::unique_ptr<TorchAttention> make_attention(const AttentionArguments<T>& arguments) {
  return std::make_unique<DotProductAttention<T>>(arguments);
}

at::Tensor rows_of(const double* data, std::int64_t rows, std::int64_t width) {
  return at::from_blob(const_cast<double*>(data), {rows, width}, at::kDouble);
}

void attend_by_mask(const MaskedAttention& of) {
  const at::Tensor q = rows_of(of.q, of.queries, of.width).requires_grad_(),
                   k = rows_of(of.k, of.tokens, of.width).requires_grad_(),
                   v = rows_of(of.v, of.tokens, of.width).requires_grad_();
  const at::Tensor hidden = at::from_blob(const_cast<std::uint8_t*>(of.mask), {of.queries, of.tokens}, at::kByte) == 0;
  const at::Tensor scores = at::matmul(q, k.t()) / std::sqrt(static_cast<double>(of.width));
  const at::Tensor p = at::softmax(scores.masked_fill(hidden, -std::numeric_limits<double>::infinity()), 1);
  const at::Tensor out = at::matmul(p, v);
  const Tensors slopes = gradients({out}, {rows_of(of.bar, of.queries, of.width)}, {q, k, v}, false);
  const at::NoGradGuard no_graph;
  rows_of(of.out, of.queries, of.width).copy_(out);
  rows_of(of.q_bar, of.queries, of.width).copy_(slopes[0]);
  rows_of(of.k_bar, of.tokens, of.width).add_(slopes[1]);
  rows_of(of.v_bar, of.tokens, of.width).add_(slopes[2]);
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchAttention jetpinn_libtorch_attention = {
    jetpinn::make_attention<float>, jetpinn::make_attention<double>, jetpinn::attend_by_mask};
