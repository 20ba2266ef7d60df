#include "jetpinn/engine/reference_functions.hpp"

#include "jetpinn/base/error.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tanh.h>

#include <numbers>

namespace jetpinn {
namespace {

using Call = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&);
constexpr auto calls = functions::All::table([](auto row) -> Call {
  using F = decltype(row);
  using at::Tensor;
  if constexpr (F::operands == 1) return [](const Tensor& a, const Tensor&, const Tensor&) { return F::libtorch(a); };
  else if constexpr (F::operands == 2) return [](const Tensor& a, const Tensor& b, const Tensor&) { return F::libtorch(a, b); };
  else return [](const Tensor& a, const Tensor& b, const Tensor& c) { return F::libtorch(a, b, c); };
});

}  // namespace

at::Tensor reference_operation(Op op, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c) {
  if (function_of(op) >= 0) return calls[static_cast<std::size_t>(function_of(op))](a, b, c);
  const auto truth = [&a](const at::Tensor& condition) { return condition.to(a.scalar_type()); };
  switch (op) {
    case Op::add: return a + b;
    case Op::multiply: return a * b;
    case Op::divide: return a / b;
    case Op::negate: return -a;
    case Op::power: return at::pow(a, b);
    case Op::less: return truth(a < b);
    case Op::less_equal: return truth(a <= b);
    case Op::equal: return truth(a == b);
    case Op::not_equal: return truth(a != b);
    case Op::logical_and: return truth((a != 0) * (b != 0));
    case Op::logical_or: return truth((a != 0) + (b != 0));
    case Op::logical_not: return truth(a == 0);
    default: break;
  }
  throw Error(Status::usage, "the reference engine cannot evaluate this leaf of an expression");
}

at::Tensor reference_activation(Activation activation, const at::Tensor& z) {
  switch (activation) {
    case Activation::tanh: return at::tanh(z);
    case Activation::sin: return at::sin(z);
    case Activation::silu: return z * at::sigmoid(z);
    case Activation::gelu: return 0.5 * z * (1 + at::erf(z * (1 / std::numbers::sqrt2)));
    // Above its threshold LibTorch takes z itself: it must lie where exp(-z) is nothing, and exp(z) still finite.
    case Activation::softplus: return at::softplus(z, 1, z.scalar_type() == at::kDouble ? 700 : 80);
  }
  throw Error(Status::usage, "the reference engine does not know this activation");
}

}  // namespace jetpinn
