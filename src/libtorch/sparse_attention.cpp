#include "jetpinn/kernels/sparse_attention.hpp"

#include "jetpinn/libtorch/sparse_vit.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace jetpinn {
namespace {

using torch::autograd::AutogradContext;

std::vector<std::int64_t> numbers_of(const AttentionPattern& p) {
  return {p.tokens, p.width, p.tile, p.global, p.reach, p.chosen};
}
AttentionPattern pattern_of(const std::vector<std::int64_t>& n) { return {n[0], n[1], n[2], n[3], n[4], n[5]}; }

at::Tensor room(std::int64_t count, const at::Tensor& like) { return at::empty({count}, like.options()); }

template <class T>
void run_forward(const AttentionPattern& pattern, const Tensors& qkv, const at::Tensor& out, at::Tensor& kept) {
  const std::int64_t sequences = out.numel() / (pattern.tokens * pattern.width);
  kept = room(sequences * AttentionKept<T>::per_sequence(pattern), out);
  const at::Tensor scratch = room(attention_scratch<T>(pattern), out);
  sparse_attention_forward<T>({}, pattern, sequences, qkv[0].const_data_ptr<T>(), qkv[1].const_data_ptr<T>(),
                              qkv[2].const_data_ptr<T>(), out.mutable_data_ptr<T>(), kept.mutable_data_ptr<T>(),
                              scratch.mutable_data_ptr<T>());
}

// saved: q, k, v, output, kept.
template <class T>
void run_reverse(const AttentionPattern& pattern, const Tensors& saved, const at::Tensor& bar, const Tensors& slopes) {
  const std::int64_t sequences = bar.numel() / (pattern.tokens * pattern.width);
  const at::Tensor scratch = room(attention_scratch<T>(pattern), bar);
  sparse_attention_reverse<T>({}, pattern, sequences, saved[0].const_data_ptr<T>(), saved[1].const_data_ptr<T>(),
                              saved[2].const_data_ptr<T>(), saved[3].const_data_ptr<T>(), saved[4].const_data_ptr<T>(),
                              {bar.const_data_ptr<T>(), slopes[0].mutable_data_ptr<T>(), slopes[1].mutable_data_ptr<T>(),
                               slopes[2].mutable_data_ptr<T>()},
                              scratch.mutable_data_ptr<T>());
}

class SparseAttention : public torch::autograd::Function<SparseAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const AttentionPattern& pattern) {
    const Tensors qkv{q.contiguous(), k.contiguous(), v.contiguous()};
    const at::Tensor out = at::empty_like(qkv[0]);
    at::Tensor kept;
    if (q.scalar_type() == at::kDouble)
      run_forward<double>(pattern, qkv, out, kept);
    else
      run_forward<float>(pattern, qkv, out, kept);
    context->save_for_backward({qkv[0], qkv[1], qkv[2], out, kept});
    context->saved_data["pattern"] = numbers_of(pattern);
    return out;
  }

  static Tensors backward(AutogradContext* context, const Tensors& bars) {
    const Tensors saved = context->get_saved_variables();
    const AttentionPattern pattern = pattern_of(context->saved_data["pattern"].toIntVector());
    const Tensors slopes{at::empty_like(saved[0]), at::empty_like(saved[0]), at::empty_like(saved[0])};
    const at::Tensor bar = bars[0].contiguous();
    if (bar.scalar_type() == at::kDouble)
      run_reverse<double>(pattern, saved, bar, slopes);
    else
      run_reverse<float>(pattern, saved, bar, slopes);
    return {slopes[0], slopes[1], slopes[2], at::Tensor()};
  }
};

}  // namespace

at::Tensor sparse_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionPattern& pattern) {
  return SparseAttention::apply(q, k, v, pattern);
}

}  // namespace jetpinn
