// The tables of a jet program as a kernel reads them.
#pragma once

#include "jetpinn/kernels/jet_coefficients.hpp"

namespace jetpinn {

// Plain addresses, which a kernel may capture.
struct DynamicJetView {
  DynamicJetView() = default;
  explicit DynamicJetView(const DynamicJetTables& t)
      : channels(t.channels), degree(t.degree), monomials(t.monomials.data()), first(t.first.data()), order(t.order.data()),
        partials(t.partials.data()), first_partial(t.first_partial.data()) {}
  int channels = 1, degree = 1;
  const DynamicJetTables::Monomial* monomials = nullptr;
  const int *first = nullptr, *order = nullptr;
  const DynamicJetTables::Partial* partials = nullptr;
  const int* first_partial = nullptr;
};

}  // namespace jetpinn
