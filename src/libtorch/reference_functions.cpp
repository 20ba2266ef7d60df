#include "jetpinn/libtorch/reference_functions.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/activation.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/softplus.h>

namespace jetpinn {
namespace {

using Call = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&);
constexpr auto calls = functions::All::table([](auto row) -> Call {
  using F = decltype(row);
  using X = const at::Tensor&;
  if constexpr (F::operands == 1)
    return [](X a, X, X) { return F::libtorch(a); };
  else if constexpr (F::operands == 2)
    return [](X a, X b, X) { return F::libtorch(a, b); };
  else
    return [](X a, X b, X c) { return F::libtorch(a, b, c); };
});

}  // namespace

at::Tensor reference_operation(Op op, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c) {
  if (function_of(op) >= 0) return calls[static_cast<std::size_t>(function_of(op))](a, b, c);
  const auto truth = [&a](const at::Tensor& condition) { return condition.to(a.scalar_type()); };
  switch (op) {
    case Op::add:
      return a + b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    case Op::negate:
      return -a;
    case Op::power:
      return at::pow(a, b);
    case Op::less:
      return truth(a < b);
    case Op::less_equal:
      return truth(a <= b);
    case Op::equal:
      return truth(a == b);
    case Op::not_equal:
      return truth(a != b);
    case Op::logical_and:
      return truth((a != 0) * (b != 0));
    case Op::logical_or:
      return truth((a != 0) + (b != 0));
    case Op::logical_not:
      return truth(a == 0);
    default:
      break;
  }
  throw Error(Status::usage, "the reference engine cannot evaluate this leaf of an expression");
}

at::Tensor reference_activation(Activation activation, const at::Tensor& z) {
  return with_activation(activation, [&z](auto function) { return decltype(function)::libtorch(z); });
}

}  // namespace jetpinn
