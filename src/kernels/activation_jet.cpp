#include "jetpinn/kernels/activation_jet.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/jet_structures.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

namespace jetpinn {

// Defined in activation_jet_<activation>.cpp.
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::tanh>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::tanh>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::sin>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::sin>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::silu>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::silu>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::gelu>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::gelu>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::softplus>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::softplus>();

namespace {

using Monomial = DynamicJetTables::Monomial;

template <class T>
const std::vector<JetKernels<T>>& kernels_of(Activation activation) {
  switch (activation) {
    case Activation::sin: return jet_kernels<T, Activation::sin>();
    case Activation::silu: return jet_kernels<T, Activation::silu>();
    case Activation::gelu: return jet_kernels<T, Activation::gelu>();
    case Activation::softplus: return jet_kernels<T, Activation::softplus>();
    case Activation::tanh: break;
  }
  return jet_kernels<T, Activation::tanh>();
}

std::array<int, 6> key(const Monomial& m) { return {m.target, m.degree, m.factor[0], m.factor[1], m.factor[2], m.factor[3]}; }

template <class Structure>
bool matches(int channels, const std::vector<Monomial>& sorted) {
  std::vector<std::array<int, 6>> mine;
  for (const StaticMonomial& m : Structure::monomials) {
    mine.push_back({m.target, m.degree, m.factor[0], m.factor[1], m.factor[2], m.factor[3]});
  }
  return channels == Structure::channels &&
         std::equal(mine.begin(), mine.end(), sorted.begin(), sorted.end(),
                    [](const std::array<int, 6>& a, const Monomial& b) { return a == key(b); });
}

// Index of the structure with these monomials, or their count.
template <class... Structure>
std::size_t find_structure(JetStructureList<Structure...>, int channels, const std::vector<Monomial>& sorted) {
  const std::array<bool, sizeof...(Structure)> match{matches<Structure>(channels, sorted)...};
  return static_cast<std::size_t>(std::find(match.begin(), match.end(), true) - match.begin());
}

void check_monomial(const JetMonomial& m, int channels, int slots) {
  JETPINN_CHECK(m.target >= 1 && m.target < channels && m.degree >= 2 && m.degree <= 4 && m.slot < slots,
                "monomial of channel " + std::to_string(m.target));
  for (int f = 0; f < m.degree; ++f) {
    JETPINN_CHECK(m.factor[f] >= 1 && m.factor[f] < channels && m.factor[f] != m.target,
                  "factor " + std::to_string(m.factor[f]) + " of channel " + std::to_string(m.target));
  }
}

// Longest chain of factors below a channel: factors have lower depth than the targets they enter.
int depth(int channel, const std::vector<Monomial>& monomials, int level) {
  JETPINN_CHECK(level < 16, "channels enter each other in a circle");
  int deepest = 0;
  for (const Monomial& m : monomials) {
    if (m.target != channel) continue;
    for (int f = 0; f < m.degree; ++f) {
      if (f == 0 || m.factor[f] != m.factor[f - 1]) deepest = std::max(deepest, 1 + depth(m.factor[f], monomials, level + 1));
    }
  }
  return deepest;
}

void add_partials(DynamicJetTables& tables, int channel) {
  for (std::size_t i = 0; i < tables.monomials.size(); ++i) {
    const Monomial& m = tables.monomials[i];
    const auto count = std::count(m.factor, m.factor + m.degree, channel);
    if (count == 0) continue;
    DynamicJetTables::Partial partial{static_cast<int>(i), m.target, m.degree, 0, {-1, -1, -1}, static_cast<double>(count)};
    bool left_out = false;
    for (int f = 0; f < m.degree; ++f) {
      if (!left_out && m.factor[f] == channel) {
        left_out = true;
      } else {
        partial.other[partial.others++] = m.factor[f];
      }
    }
    tables.partials.push_back(partial);
  }
}

DynamicJetTables make_tables(int channels, const std::vector<Monomial>& sorted) {
  DynamicJetTables tables;
  tables.channels = channels;
  tables.monomials = sorted;
  for (const Monomial& m : sorted) tables.degree = std::max(tables.degree, m.degree);
  for (int c = 0; c <= channels; ++c) {
    tables.first.push_back(static_cast<int>(
        std::lower_bound(sorted.begin(), sorted.end(), c, [](const Monomial& m, int target) { return m.target < target; }) -
        sorted.begin()));
  }
  std::vector<int> depths(static_cast<std::size_t>(channels));
  for (int c = 1; c < channels; ++c) {
    depths[static_cast<std::size_t>(c)] = depth(c, sorted, 0);
    tables.order.push_back(c);
  }
  std::stable_sort(tables.order.begin(), tables.order.end(),
                   [&](int a, int b) { return depths[static_cast<std::size_t>(a)] < depths[static_cast<std::size_t>(b)]; });
  for (int c = 0; c < channels; ++c) {
    tables.first_partial.push_back(static_cast<int>(tables.partials.size()));
    if (c > 0) add_partials(tables, c);
  }
  tables.first_partial.push_back(static_cast<int>(tables.partials.size()));
  return tables;
}

}  // namespace

template <class T>
ActivationJet<T>::ActivationJet(Activation activation, const JetProgram& program, bool use_static) {
  std::vector<Monomial> monomials;
  for (const JetMonomial& m : program.monomials) {
    check_monomial(m, program.channels, program.slots);
    monomials.push_back({m.target, m.degree, {m.factor[0], m.factor[1], m.factor[2], m.factor[3]}});
    for (int f = m.degree; f < 4; ++f) monomials.back().factor[f] = -1;
    std::sort(monomials.back().factor, monomials.back().factor + m.degree);
  }
  std::vector<std::size_t> place(monomials.size());
  std::iota(place.begin(), place.end(), std::size_t{0});
  std::stable_sort(place.begin(), place.end(), [&](std::size_t a, std::size_t b) { return key(monomials[a]) < key(monomials[b]); });
  std::vector<Monomial> sorted;
  for (std::size_t at : place) {
    sorted.push_back(monomials[at]);
    constant_.push_back(program.monomials[at].coefficient);
    value_.push_back(static_cast<T>(constant_.back()));
    slot_.push_back(program.monomials[at].slot);
    per_point_ = per_point_ || slot_.back() >= 0;
  }
  const auto& kernels = kernels_of<T>(activation);
  const std::size_t found = use_static ? find_structure(JetStructures{}, program.channels, sorted) : kernels.size() - 1;
  compiled_ = found + 1 < kernels.size();
  kernels_ = kernels[found];
  tables_ = make_tables(program.channels, sorted);
}

template <class T>
void ActivationJet<T>::fill_coefficients(std::int64_t points, const T* slots, std::int64_t stride, T* k) const {
  const std::int64_t count = monomials();
  for (std::int64_t m = 0; m < count; ++m) {
    const T constant = value_[static_cast<std::size_t>(m)];
    const int slot = slot_[static_cast<std::size_t>(m)];
    for (std::int64_t p = 0; p < points; ++p) k[p * count + m] = slot < 0 ? constant : constant * slots[slot * stride + p];
  }
}

template <class T>
void ActivationJet<T>::forward(Stream, const JetSweep<T>& sweep) const {
  kernels_.forward(sweep, &tables_);
}

template <class T>
void ActivationJet<T>::reverse(Stream, const JetSweep<T>& sweep) const {
  kernels_.reverse(sweep, &tables_);
}

template class ActivationJet<float>;
template class ActivationJet<double>;

}  // namespace jetpinn
