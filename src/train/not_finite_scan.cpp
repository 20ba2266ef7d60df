#include "jetpinn/train/not_finite_scan.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/train/not_finite.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

bool all_finite(const double* values, std::int64_t count) {
  return std::all_of(values, values + count, [](double value) { return std::isfinite(value); });
}

}  // namespace

NotFiniteScan::NotFiniteScan(Engine& engine, const Assembly& assembly, const PointSet& points,
                             const std::vector<double>& parameters)
    : engine_(engine), assembly_(assembly), points_(points), parameters_(parameters), gradient_(parameters.size()) {}

std::vector<Found> NotFiniteScan::residuals() {
  return each_term([this](std::size_t t, const TermPoints& block, Found& found) {
    const std::vector<double> values = residuals_of(t, block);
    for (std::int64_t i = 0; i < block.local_count; ++i) {
      bool finite = true;
      for (std::int64_t k = i; k < static_cast<std::int64_t>(values.size()); k += block.local_count)
        finite = finite && std::isfinite(values[static_cast<std::size_t>(k)]);
      if (!finite) note(t, block, i, values, found);
    }
  });
}

std::vector<Found> NotFiniteScan::gradients() {
  sizes_.assign(points_.terms.size(), {});
  return each_term([this](std::size_t t, const TermPoints& block, Found& found) {
    const double place = evaluate(t, block);
    Sizes& sizes = sizes_[t];
    ExactSum exact(1);
    for (double value : gradient_) exact.add(0, value);
    exact.add(0, std::max(sums_.weighted[t], sums_.unweighted[t]));
    sizes.beyond_exact = sizes.beyond_exact || exact.overflowed();
    sizes.loss += sums_.weighted[t];
    sizes.largest_gradient =
        std::max(sizes.largest_gradient, largest_magnitude(gradient_.data(), static_cast<std::int64_t>(gradient_.size())));
    if (Place::kind(place) != Place::nowhere && found.points < not_finite_points_saved) look_closer(t, block, found);
  });
}

// Point by point, in a block whose sum is not finite.
void NotFiniteScan::look_closer(std::size_t term, const TermPoints& block, Found& found) {
  for (std::int64_t i = 0; i < block.local_count; ++i) {
    const TermPoints point = piece_of(block, i, 1);
    const double here = evaluate(term, point);
    if (Place::kind(here) == Place::nowhere) continue;
    ++found.points;
    found.place = std::min(found.place, here);
    const double* coordinates = add_row(point, 0, residuals_of(term, point), found);
    if (coordinates && found.part.says.empty() && Place::kind(here) == Place::reverse)
      found.part = probe(term).derivative(coordinates, point.data.data(), point.attributes.data()).value_or(FaultText{});
  }
}

template <class Work>
std::vector<Found> NotFiniteScan::each_term(const Work& work) {
  std::vector<Found> all(points_.terms.size());
  for (std::size_t t = 0; t < all.size(); ++t) {
    const TermPoints& points = points_.terms[t];
    probe_.reset();
    for (std::int64_t first = 0; first < points.local_count; first += block_points)
      work(t, piece_of(points, first, std::min(block_points, points.local_count - first)), all[t]);
  }
  return all;
}

std::vector<double> NotFiniteScan::residuals_of(std::size_t term, const TermPoints& points) {
  std::vector<double> values(assembly_.terms[term].residuals.size() * static_cast<std::size_t>(points.local_count));
  engine_.residuals(Stream{}, parameters_.data(), static_cast<int>(term), points, values.data());
  return values;
}

ResidualProbe& NotFiniteScan::probe(std::size_t term) {
  if (!probe_) probe_ = std::make_unique<ResidualProbe>(assembly_, term, engine_.precision(), parameters_);
  return *probe_;
}

// The expression comes first: what a plan folds into its channels, an infinite coefficient for one,
// would make the network look guilty.
void NotFiniteScan::note(std::size_t term, const TermPoints& block, std::int64_t i, const std::vector<double>& values,
                         Found& found) {
  ++found.points;
  const double* coordinates = add_row(block, i, values, found);
  if (!coordinates) return;
  double place = Place::of(Place::residual);
  if (const auto part = probe(term).value(coordinates, data_of(block, i).data(), attributes_of(block, i).data())) {
    if (found.part.says.empty()) found.part = *part;
  } else if (const int layer = probe(term).first_layer(coordinates);
             layer <= static_cast<int>(assembly_.network.parts.size())) {
    place = Place::of(Place::layer, layer);
  }
  found.place = std::min(found.place, place);
}

// The coordinates of the row; null: enough are saved.
const double* NotFiniteScan::add_row(const TermPoints& points, std::int64_t i, const std::vector<double>& values,
                                     Found& found) {
  if (found.saved == not_finite_points_saved) return nullptr;
  ++found.saved;
  const std::size_t begin = found.rows.size();
  for (int d = 0; d < points.dimensions; ++d) found.rows.push_back(points.coordinate(d)[i]);
  for (std::int64_t k = i; k < static_cast<std::int64_t>(values.size()); k += points.local_count)
    found.rows.push_back(values[static_cast<std::size_t>(k)]);
  return found.rows.data() + begin;
}

// Leaves sums and gradient of these points of one term alone. The reverse sweep begins at the last layer: the highest layer
// that is not finite says where it went wrong.
double NotFiniteScan::evaluate(std::size_t term, const TermPoints& points) {
  PointSet set;
  set.terms.resize(points_.terms.size());
  for (std::size_t t = 0; t < set.terms.size(); ++t)
    set.terms[t].dimensions = points.dimensions, set.terms[t].global_count = 1;
  set.terms[term] = points;
  engine_.loss_and_gradient(Stream{}, parameters_.data(), set, gradient_.data(), sums_);
  if (!std::isfinite(sums_.weighted[term]) || !std::isfinite(sums_.unweighted[term])) return Place::of(Place::square);
  const auto& parts = assembly_.network.parts;
  for (std::size_t l = parts.size(); l-- > 0;) {
    if (!all_finite(gradient_.data() + parts[l].begin, parts[l].end - parts[l].begin))
      return Place::of(Place::reverse, static_cast<int>(parts.size() - l));   // counted from the output: the first one met
  }
  return Place::of(Place::nowhere);
}

}  // namespace jetpinn
