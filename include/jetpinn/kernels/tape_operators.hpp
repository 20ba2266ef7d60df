// The adjoints of a tape's operators, for rows of packs (TapeRows) and for one point (TapePoint).
#pragma once

#include "jetpinn/kernels/tape_program.hpp"

#include <Kokkos_Macros.hpp>

#include <cmath>

namespace jetpinn {

// With h = f(a, b) and its adjoint g: ga += g df/da and gb += g df/db. Nothing for what is flat or is no operator.
template <class R>
KOKKOS_FUNCTION void operator_adjoint(TapeOp op, const R& r) {
  switch (op) {
    case TapeOp::add:
      r.add(r.ga, [&](int i) { return r.at(r.g, i); });
      return r.add(r.gb, [&](int i) { return r.at(r.g, i); });
    case TapeOp::subtract:
      r.add(r.ga, [&](int i) { return r.at(r.g, i); });
      return r.add(r.gb, [&](int i) { return -r.at(r.g, i); });
    case TapeOp::multiply:
      r.add(r.ga, [&](int i) { return r.at(r.g, i) * r.at(r.b, i); });
      return r.add(r.gb, [&](int i) { return r.at(r.g, i) * r.at(r.a, i); });
    case TapeOp::divide:
      r.add(r.ga, [&](int i) { return r.at(r.g, i) / r.at(r.b, i); });
      return r.add(r.gb, [&](int i) { return -(r.at(r.g, i) * r.at(r.h, i) / r.at(r.b, i)); });
    case TapeOp::negate: return r.add(r.ga, [&](int i) { return -r.at(r.g, i); });
    case TapeOp::square: return r.add(r.ga, [&](int i) { return r.at(r.g, i) * (r.at(r.a, i) + r.at(r.a, i)); });
    case TapeOp::power:
      r.add_scalar(r.ga, [&](int i) { return r.g[i] * r.b[i] * std::pow(r.a[i], r.b[i] - 1); });
      return r.add_scalar(r.gb, [&](int i) { return r.g[i] * r.h[i] * std::log(r.a[i]); });
    default: return;
  }
}

}  // namespace jetpinn
