#include "jetpinn/kernels/jet_coefficients.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/jet_structures.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

namespace jetpinn {
namespace {

using Monomial = DynamicJetTables::Monomial;

// What tells monomials apart, in the order in which the interpreter reads them.
std::array<int, 2 + max_order> key(const Monomial& m) {
  std::array<int, 2 + max_order> key{m.target, m.degree};
  std::copy_n(m.factor, m.degree, key.begin() + 2);
  return key;
}

// A compiled structure as data.
struct StructureView {
  int channels;
  std::vector<Monomial> monomials;
};

template <class... Structure>
std::vector<StructureView> view_structures(JetStructureList<Structure...>) {
  std::vector<StructureView> views{{Structure::channels, {}}...};
  std::size_t next = 0;
  const auto fill = [&](const auto& monomials) {
    for (const StaticMonomial& m : monomials) {
      views[next].monomials.push_back({m.target, m.degree, {}});
      std::copy_n(m.factor.begin(), m.degree, views[next].monomials.back().factor);
    }
    ++next;
  };
  (fill(Structure::monomials), ...);
  return views;
}

const std::vector<StructureView>& structures() {
  static const std::vector<StructureView> views = view_structures(JetStructures{});
  return views;
}

// Where each of the structure's monomials is in the program, -1 where the program lacks it; empty when the structure lacks
// one.
std::vector<int> find_places(const StructureView& structure, const std::vector<Monomial>& program) {
  std::vector<int> places(structure.monomials.size(), -1);
  std::size_t found = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < program.size(); ++j) {
      if (key(structure.monomials[i]) == key(program[j])) places[i] = static_cast<int>(j), ++found;
    }
  }
  return found == program.size() ? places : std::vector<int>{};
}

// The structure with as many channels and the fewest monomials that holds the program, or their count. places: as
// find_places.
std::size_t find_structure(int channels, const std::vector<Monomial>& program, std::vector<int>& places) {
  const std::vector<StructureView>& all = structures();
  std::size_t best = all.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].channels != channels) continue;
    const std::vector<int> candidate = find_places(all[i], program);
    const bool holds = !candidate.empty() || all[i].monomials.empty();
    if (!holds || (all[i].monomials.empty() && !program.empty())) continue;
    if (best == all.size() || all[i].monomials.size() < all[best].monomials.size()) best = i, places = candidate;
  }
  return best;
}

void check_monomial(const JetMonomial& m, int channels, int slots) {
  JETPINN_CHECK(m.target >= 1 && m.target < channels && m.degree >= 2 && m.degree <= max_order && m.slot < slots,
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
      if (f == 0 || m.factor[f] != m.factor[f - 1])
        deepest = std::max(deepest, 1 + depth(m.factor[f], monomials, level + 1));
    }
  }
  return deepest;
}

void add_partials(DynamicJetTables& tables, int channel) {
  for (std::size_t i = 0; i < tables.monomials.size(); ++i) {
    const Monomial& m = tables.monomials[i];
    const auto count = std::count(m.factor, m.factor + m.degree, channel);
    if (count == 0) continue;
    DynamicJetTables::Partial partial{static_cast<int>(i), m.target, m.degree, 0, {}, static_cast<double>(count)};
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
JetCoefficients<T>::JetCoefficients(const JetProgram& program, bool use_static) {
  std::vector<Monomial> monomials;
  for (const JetMonomial& m : program.monomials) {
    check_monomial(m, program.channels, program.slots);
    monomials.push_back({m.target, m.degree, {}});
    std::copy_n(m.factor, m.degree, monomials.back().factor);
    std::sort(monomials.back().factor, monomials.back().factor + m.degree);
  }
  std::vector<int> places;
  structure_ = use_static ? find_structure(program.channels, monomials, places) : structures().size();
  compiled_ = structure_ < structures().size();
  if (!compiled_) {  // the interpreter reads them sorted by target
    places.resize(monomials.size());
    std::iota(places.begin(), places.end(), 0);
    std::stable_sort(places.begin(), places.end(), [&](int a, int b) {
      return key(monomials[static_cast<std::size_t>(a)]) < key(monomials[static_cast<std::size_t>(b)]);
    });
  }
  std::vector<Monomial> sorted;
  for (int place : places) {
    const auto at = static_cast<std::size_t>(place);
    constant_.push_back(place < 0 ? 0.0 : program.monomials[at].coefficient);
    slot_.push_back(place < 0 ? -1 : program.monomials[at].slot);
    value_.push_back(static_cast<T>(constant_.back()));
    per_point_ = per_point_ || slot_.back() >= 0;
    if (!compiled_) sorted.push_back(monomials[at]);
  }
  tables_ = make_tables(program.channels, sorted);
}

template <class T>
void JetCoefficients<T>::fill(std::int64_t points, const T* slots, std::int64_t stride, T* k) const {
  const std::int64_t count = monomials();
  for (std::int64_t m = 0; m < count; ++m) {
    const T constant = value_[static_cast<std::size_t>(m)];
    const int slot = slot_[static_cast<std::size_t>(m)];
    for (std::int64_t p = 0; p < points; ++p) k[p * count + m] = slot < 0 ? constant : constant * slots[slot * stride + p];
  }
}

template <class T>
void JetCoefficients<T>::fill_changes(std::int64_t points, const T* slots, std::int64_t stride, T* k) const {
  fill(points, slots, stride, k);
  for (std::int64_t m = 0; m < monomials(); ++m)
    for (std::int64_t p = 0; slot_[static_cast<std::size_t>(m)] < 0 && p < points; ++p) k[p * monomials() + m] = T(0);
}

template class JetCoefficients<float>;
template class JetCoefficients<double>;

}  // namespace jetpinn
