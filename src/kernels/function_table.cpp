#include "jetpinn/kernels/function_table.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

template <class F, class T>
void forward(int length, T* out, const T* a, [[maybe_unused]] const T* b, [[maybe_unused]] const T* c) {
  if constexpr (!F::packed && F::operands == 1) {
    map_scalar<T>(length, out, a, [](T x) { return F::value(x); });
  } else if constexpr (!F::packed && F::operands == 2) {
    map_scalar<T>(length, out, a, b, [](T x, T y) { return F::value(x, y); });
  } else {
    for (int i = 0; i < length; i += pack_lanes<T>) {
      if constexpr (F::operands == 1) store<T>(out + i, F::template pack<T>(a + i));
      if constexpr (F::operands == 2) store<T>(out + i, F::template pack<T>(a + i, b + i));
      if constexpr (F::operands == 3) store<T>(out + i, F::template pack<T>(a + i, b + i, c + i));
    }
  }
}

template <class T>
constexpr auto tape_functions = functions::All::table([](auto row) {
  using F = decltype(row);
  TapeFunction<T> result{&forward<F, T>, nullptr, F::template flop<T>(), {}};
  if constexpr (F::passes != 0) result.adjoint = &F::template adjoint<TapeRows<T>>;
  for (int k = 0; k < F::operands; ++k) result.adjoint_flop[k] = F::template adjoint_flop<T>(k);
  return result;
});

using Value = double (*)(double, double, double);
constexpr auto values = functions::All::table([](auto row) -> Value {
  using F = decltype(row);
  if constexpr (F::operands == 1) return [](double a, double, double) { return F::value(a); };
  else if constexpr (F::operands == 2) return [](double a, double b, double) { return F::value(a, b); };
  else return [](double a, double b, double c) { return F::value(a, b, c); };
});

}  // namespace

template <class T>
const TapeFunction<T>& tape_function(int number) {
  return tape_functions<T>[static_cast<std::size_t>(number)];
}
template const TapeFunction<float>& tape_function<float>(int number);
template const TapeFunction<double>& tape_function<double>(int number);

double function_value(int number, double a, double b, double c) { return values[static_cast<std::size_t>(number)](a, b, c); }

double function_slope(int number, int operand, double a, double b, double c) {
  const TapeFunction<double>& function = tape_function<double>(number);
  if (!function.adjoint) return 0;
  struct Row {
    alignas(64) double values[pack_lanes<double>];
    explicit Row(double value) { std::fill(std::begin(values), std::end(values), value); }
  };
  Row x(a), y(b), z(c), h(0), one(1), slopes[] = {Row(0), Row(0), Row(0)};
  function.forward(pack_lanes<double>, h.values, x.values, y.values, z.values);
  function.adjoint({pack_lanes<double>, x.values, y.values, z.values, h.values, one.values,
                    slopes[0].values, slopes[1].values, slopes[2].values});
  return slopes[operand].values[0];
}

}  // namespace jetpinn
