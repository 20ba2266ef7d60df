// LibTorch's attention of all tokens to all, and of those that a mask names: what the sparse attention is measured and
// checked against.
#pragma once

#include <cstdint>
#include <memory>

namespace jetpinn {

// Arrays [sequences, tokens, width] on a host; bar: adjoints of the outputs. They outlive what is made of them.
template <class T>
struct AttentionArguments {
  std::int64_t sequences, tokens, width;
  const T *q, *k, *v, *bar;
};

// scaled_dot_product_attention on the arguments as they lie, with one thread.
class TorchAttention {
 public:
  virtual ~TorchAttention() = default;
  virtual void forward() = 0;  // without a graph
  virtual void both() = 0;     // forward, and reverse to q, k and v
  // Most bytes of LibTorch's tensors at a time during `both`, results with them and arguments left out.
  virtual std::int64_t bytes() = 0;
};

// Loads LibTorch. Throws Error (usage) where that is missing.
std::unique_ptr<TorchAttention> make_torch_attention(const AttentionArguments<float>& arguments);
std::unique_ptr<TorchAttention> make_torch_attention(const AttentionArguments<double>& arguments);

// Some queries of one sequence in fp64 by products, softmax and autograd on whole rows of scores.
// mask [queries, tokens]: 1 where a query attends to a key. q, bar, out, q_bar: the rows of these queries; the others of all
// tokens. out and q_bar are written, k_bar and v_bar added to.
struct MaskedAttention {
  std::int64_t queries, tokens, width;
  const std::uint8_t* mask;
  const double *q, *k, *v, *bar;
  double *out, *q_bar, *k_bar, *v_bar;
};
void masked_torch_attention(const MaskedAttention& arguments);

// What the module offers.
struct LibtorchAttention {
  std::unique_ptr<TorchAttention> (*fp32)(const AttentionArguments<float>&);
  std::unique_ptr<TorchAttention> (*fp64)(const AttentionArguments<double>&);
  void (*masked)(const MaskedAttention&);
};

}  // namespace jetpinn

// Defined in the module.
extern "C" const jetpinn::LibtorchAttention jetpinn_libtorch_attention;
