#include "jetpinn/train/distributed_linearization.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/train/tile_triangle.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace jetpinn {

namespace {

constexpr std::int64_t side = TileTriangle::side;

// One point, whose residuals are means m with rows dm. sums: [residuals][dm [parameters], m].
class MeanLinearization : public Linearization {
 public:
  MeanLinearization(const double* sums, std::int64_t residuals, std::int64_t parameters)
      : sums_(sums), residuals_(residuals), parameters_(parameters) {
    range_ = {0, 1};
  }
  void residuals(double* values, std::int64_t stride) override {
    for (std::int64_t k = 0; k < residuals_; ++k) values[k * stride] = row(k)[parameters_];
  }
  void transposed(const double* w, std::int64_t stride, double* gradient) override {
    for (std::int64_t k = 0; k < residuals_; ++k)
      for (std::int64_t p = 0; p < parameters_; ++p) gradient[p] += w[k * stride] * row(k)[p];
  }
  void times(const double* v, double* values, std::int64_t stride) override {
    for (std::int64_t k = 0; k < residuals_; ++k) values[k * stride] = std::inner_product(v, v + parameters_, row(k), 0.0);
  }
  void rows(std::int64_t first, std::int64_t count, double* rows, std::int64_t stride) override {
    if (first > 0 || count == 0) return;
    for (std::int64_t k = 0; k < residuals_; ++k) std::copy_n(row(k), parameters_, rows + k * stride * parameters_);
  }

 private:
  const double* row(std::int64_t k) const { return sums_ + k * (parameters_ + 1); }

  const double* sums_;
  const std::int64_t residuals_, parameters_;
};

}  // namespace

DistributedLinearization::DistributedLinearization(const RankSumSetting& sums, Engine& engine, const PointSet& points,
                                                   const double* parameters, std::int64_t size,
                                                   const std::vector<SquaredMean>& squared_means, bool with_means)
    : setting_(sums), engine_(engine), points_(points), parameters_(parameters, parameters + size) {
  std::optional<SquaredMeans> means;
  std::unique_ptr<RankSum> sum;
  setting_.communicator.agree("linearisation", [&] {
    for (const SquaredMean& mean : squared_means) add_mean(mean, with_means);
    plan();
    if (means_.empty() || !with_means) return;
    means.emplace(squared_means, size);
    sums_of_means_.resize(static_cast<std::size_t>(means->entries()));
    sum = std::make_unique<RankSum>(setting_, means->entries(), means->entries());
  });
  if (sum) take_means(*means, *sum);
}

void DistributedLinearization::add_mean(const SquaredMean& mean, bool with_means) {
  Mean one{static_cast<std::int64_t>(mean.term), {}, nullptr};
  one.point.global_count = with_means ? 1 : 0;
  if (setting_.communicator.root() && with_means) {
    one.point.local_count = 1;
    one.point.blocks = {{0, 1}};
    one.point.weight_columns = static_cast<int>(mean.weights.size());
    one.point.weight = mean.weights;
  }
  means_.push_back(std::move(one));
}

const DistributedLinearization::Mean* DistributedLinearization::mean_of(std::int64_t term) const {
  const auto found = std::find_if(means_.begin(), means_.end(), [term](const Mean& mean) { return mean.term == term; });
  return found == means_.end() ? nullptr : &*found;
}

// Nothing outside of what the sum attempts can fail on one rank alone: there is room for all of it.
void DistributedLinearization::take_means(SquaredMeans& means, RankSum& sum) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  sum.attempt([&] { means.add_shares(engine_, parameters_.data(), points_, sum, 0); });
  take(sum, means.entries(), sums_of_means_.data());
  const double* sums = sums_of_means_.data();
  for (Mean& mean : means_) {
    mean.sums = sums;
    sums += residuals_of(mean.term) * (size + 1);
  }
}

void DistributedLinearization::plan() {
  for (std::int64_t t = 0; t < terms(); ++t) {
    const TermPoints& points = of(t);
    residuals_of_.push_back(engine_.residuals_of(static_cast<int>(t)));
    first_.push_back(local_residuals());
    const double share = 1.0 / static_cast<double>(points.global_count);
    for (std::int64_t k = 0; k < residuals_of_.back(); ++k)
      for (std::int64_t i = 0; i < points.local_count; ++i) weights_.push_back(points.weight_at(k, i) * share);
  }
}

std::int64_t DistributedLinearization::residual_count() const {
  std::int64_t count = 0;
  for (std::int64_t t = 0; t < terms(); ++t) count += residuals_of(t) * of(t).global_count;
  return count;
}

void DistributedLinearization::visit(std::int64_t term, const Visit& visit) {
  const TermPoints& points = of(term);
  if (const Mean* mean = mean_of(term)) {
    if (points.local_count == 0) return;
    MeanLinearization of_means(mean->sums, residuals_of(term), static_cast<std::int64_t>(parameters_.size()));
    return visit({term, first_residual(term), 1, residuals_of(term), 1}, of_means);
  }
  engine_.linearize(Stream{}, parameters_.data(), static_cast<int>(term), points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    visit({term, first_residual(term) + range.first, points.local_count, residuals_of(term), range.points}, chunk);
  });
}

void DistributedLinearization::visit_all(const Visit& each) {
  for (std::int64_t t = 0; t < terms(); ++t) visit(t, each);
}

void DistributedLinearization::weigh(const Chunk& chunk, double factor, double* values) const {
  for (std::int64_t k = 0; k < chunk.residuals; ++k)
    for (std::int64_t i = 0; i < chunk.points; ++i)
      values[k * chunk.points + i] *= factor * weights_[static_cast<std::size_t>(chunk.at(k, i))];
}

void DistributedLinearization::summed(std::int64_t entries, double* result, const std::function<void(RankSum&)>& share) {
  RankSum sum(setting_, entries, entries);
  sum.attempt([&] { share(sum); });
  take(sum, entries, result);
}

void DistributedLinearization::take(RankSum& sum, std::int64_t entries, double* result) {
  sum.exchange();
  sum.throw_if_failed();
  std::copy_n(sum.values(), entries, result);
}

// rᵀ W r chunk by chunk: the sum of a chunk does not depend on how many ranks there are.
double DistributedLinearization::residuals(double* r) {
  double loss = 0;
  summed(1, &loss, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      linear.residuals(r + chunk.begin, chunk.stride);
      double squares = 0;
      for (std::int64_t k = 0; k < chunk.residuals; ++k)
        for (std::int64_t i = 0; i < chunk.points; ++i) {
          const std::int64_t at = chunk.at(k, i);
          squares += weights_[static_cast<std::size_t>(at)] * r[at] * r[at];
        }
      sum.put(0, squares);
    });
  });
  return loss;
}

void DistributedLinearization::times(const double* v, double* product) {
  setting_.communicator.agree("linearisation", [&] {
    visit_all([&](const Chunk& chunk, Linearization& linear) { linear.times(v, product + chunk.begin, chunk.stride); });
  });
}

void DistributedLinearization::transposed(const double* w, double* product) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  summed(size, product, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      sum.add(0, size, [&](double* target) { linear.transposed(w + chunk.begin, chunk.stride, target); });
    });
  });
}

// Both products of a chunk follow from one forward pass.
void DistributedLinearization::gauss_newton(const double* v, double* product) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  std::vector<double> changes;  // [residuals, points] of a chunk
  summed(size, product, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      changes.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      linear.times(v, changes.data(), chunk.points);
      weigh(chunk, 1, changes.data());
      sum.add(0, size, [&](double* target) { linear.transposed(changes.data(), chunk.points, target); });
    });
  });
}

// d(rᵀ W r) of one term: 2 Jᵀ W r.
void DistributedLinearization::term_gradients(double* gradients) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  std::vector<double> values;  // [residuals, points] of a chunk
  summed(terms() * size, gradients, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      values.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      linear.residuals(values.data(), chunk.points);
      weigh(chunk, 2, values.data());
      sum.add(chunk.term * size, size, [&](double* target) { linear.transposed(values.data(), chunk.points, target); });
    });
  });
}

// A row after the other: 2 size flop a residual besides the rows themselves.
void DistributedLinearization::kernel_traces(double* traces) {
  summed(terms(), traces, [&](RankSum& sum) {
    visit_all([&](const Chunk& all, Linearization& linear) {
      double trace = 0;
      visit_rows(all, linear, [&](const Chunk& chunk, std::int64_t k, std::int64_t i, const double* row) {
        double squares = 0;
        for (std::size_t p = 0; p < parameters_.size(); ++p) squares += row[p] * row[p];
        trace += weights_[static_cast<std::size_t>(chunk.at(k, i))] * squares;
      });
      sum.put(all.term, trace);
    });
  });
}

void DistributedLinearization::rows(std::int64_t term, std::int64_t first, std::int64_t count, double* rows) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  setting_.communicator.agree("linearisation", [&] {
    if (count == 0) return;
    visit(term, [&](const Chunk&, Linearization& linear) {
      const PointRange range = linear.range();
      const std::int64_t begin = std::max(first, range.first), end = std::min(first + count, range.first + range.points);
      if (begin < end) linear.rows(begin - range.first, end - begin, rows + (begin - first) * size, count);
    });
  });
}

// A row j with its residual r adds w j jᵀ, of which the lower triangle is summed, and w r j: n (n + 3) flop, as many bytes
// times four. Fused by name, so that the bits do not depend on what a compiler fuses.
void DistributedLinearization::normal_equations(const std::vector<std::int64_t>& columns, double* matrix, double* right) {
  const auto n = static_cast<std::int64_t>(columns.size()), triangle = n * (n + 1) / 2;
  std::vector<double> sums(static_cast<std::size_t>(triangle + n)), chosen(static_cast<std::size_t>(n)), rows, values;
  const auto add_row = [&](double weight, double residual, const double* row, double* target) {
    for (std::int64_t a = 0; a < n; ++a) {
      const double factor = weight * (chosen[static_cast<std::size_t>(a)] = row[columns[static_cast<std::size_t>(a)]]);
      for (std::int64_t b = 0; b <= a; ++b, ++target)
        *target = std::fma(factor, chosen[static_cast<std::size_t>(b)], *target);
    }
    const double factor = weight * residual;
    for (std::int64_t a = 0; a < n; ++a) target[a] = std::fma(factor, chosen[static_cast<std::size_t>(a)], target[a]);
  };
  const auto size = static_cast<std::int64_t>(parameters_.size());
  summed(triangle + n, sums.data(), [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      values.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      rows.resize(static_cast<std::size_t>(chunk.residuals * size));  // of one point
      linear.residuals(values.data(), chunk.points);
      sum.add(0, triangle + n, [&](double* target) {
        for (std::int64_t i = 0; i < chunk.points; ++i) {
          linear.rows(i, 1, rows.data(), 1);
          for (std::int64_t k = 0; k < chunk.residuals; ++k)
            add_row(weights_[static_cast<std::size_t>(chunk.at(k, i))],
                    values[static_cast<std::size_t>(k * chunk.points + i)], rows.data() + k * size, target);
        }
      });
    });
  });
  const double* entry = sums.data();
  for (std::int64_t a = 0; a < n; ++a)
    for (std::int64_t b = 0; b <= a; ++b) matrix[a * n + b] = matrix[b * n + a] = *entry++;
  std::copy_n(entry, n, right);
}

void DistributedLinearization::visit_rows(const Chunk& chunk, Linearization& linear, const VisitRow& visit) const {
  std::vector<double> rows(static_cast<std::size_t>(chunk.residuals) * parameters_.size());  // of one point
  for (std::int64_t i = 0; i < chunk.points; ++i) {
    linear.rows(i, 1, rows.data(), 1);
    for (std::int64_t k = 0; k < chunk.residuals; ++k)
      visit(chunk, k, i, rows.data() + k * static_cast<std::int64_t>(parameters_.size()));
  }
}

double DistributedLinearization::root_weight(std::int64_t at) const {
  return std::sqrt(weights_[static_cast<std::size_t>(at)]);
}

// Every chunk adds Mᵀ M, M = W^½ J of its rows: size (size + side) flop a row.
std::vector<double> DistributedLinearization::normal_matrix() {
  const auto size = static_cast<std::int64_t>(parameters_.size()), panels = TileTriangle::panels_of(size);
  TileTriangle triangle(panels);
  RankSum sum(setting_, triangle.entries(), triangle.entries());
  std::vector<double> packed;  // [panels, rows of a chunk, side]
  sum.attempt([&] {
    visit_all([&](const Chunk& all, Linearization& linear) {
      const std::int64_t rows = all.residuals * all.points;
      packed.resize(static_cast<std::size_t>(rows * panels * side));
      visit_rows(all, linear, [&](const Chunk& chunk, std::int64_t k, std::int64_t i, const double* row) {
        pack_row(row, size, root_weight(chunk.at(k, i)), rows, k * chunk.points + i, packed.data());
      });
      const ScopedRegion region(Region::optimizer);
      for (std::int64_t p = 0; p < panels; ++p)
        sum.add(TileTriangle::begin(p), (p + 1) * TileTriangle::area, [&](double* tiles) {
          for (std::int64_t q = 0; q <= p; ++q)
            triangle.add_product(rows, packed.data() + p * rows * side, packed.data() + q * rows * side,
                                 tiles + q * TileTriangle::area);
        });
    });
  });
  sum.exchange();
  sum.throw_if_failed();
  return setting_.communicator.root() ? triangle.whole(sum.values(), size) : std::vector<double>();
}

std::int64_t DistributedLinearization::kernel_places() const {
  std::int64_t panels = 0;
  for (std::int64_t t = 0; t < terms(); ++t) panels += kernel_panels(of(t).global_count, residuals_of(t));
  return panels * side;
}

std::vector<std::int64_t> DistributedLinearization::places() const {
  std::vector<std::int64_t> places;
  std::int64_t before = 0;
  for (std::int64_t t = 0; t < terms(); ++t) {
    for (std::int64_t k = 0; k < residuals_of(t); ++k)
      for (const Block& block : of(t).blocks) {
        const std::int64_t panel =
            before + kernel_panels(block.first, residuals_of(t)) + k * TileTriangle::panels_of(block.count);
        for (std::int64_t i = 0; i < block.count; ++i) places.push_back(panel * side + i);
      }
    before += kernel_panels(of(t).global_count, residuals_of(t));
  }
  JETPINN_CHECK(places.size() == weights_.size(), "points of a linearisation that lie in no block");
  return places;
}

std::vector<double> DistributedLinearization::panels_of_kernel(const std::vector<std::int64_t>& places,
                                                               const std::vector<std::int64_t>& numbers) {
  const std::size_t size = parameters_.size();
  std::vector<double> panels(numbers.size() * size * side);
  visit_all([&](const Chunk& all, Linearization& linear) {
    visit_rows(all, linear, [&](const Chunk& chunk, std::int64_t k, std::int64_t i, const double* row) {
      const std::int64_t at = chunk.at(k, i), place = places[static_cast<std::size_t>(at)];
      const auto panel = std::lower_bound(numbers.begin(), numbers.end(), place / side) - numbers.begin();
      double* column = panels.data() + static_cast<std::size_t>(panel) * size * side + place % side;
      for (std::size_t p = 0; p < size; ++p) column[p * side] = root_weight(at) * row[p];
    });
  });
  return panels;
}

// Each panel travels to all ranks once; tile (p, q) is computed by the rank that holds panel p. Other ranks add zeros to it,
// so the sum has the bits of that rank at every level. size (places + side) flop a place.
ObjectiveLinearization::Kernel DistributedLinearization::kernel() {
  Communicator& ranks = setting_.communicator;
  const std::int64_t size = static_cast<std::int64_t>(parameters_.size()), count = kernel_places() / side;
  TileTriangle triangle(count);
  std::vector<double> r(static_cast<std::size_t>(local_residuals())), own, other;
  std::vector<double> holder(static_cast<std::size_t>(count));
  std::vector<std::int64_t> place, numbers;
  residuals(r.data());
  ranks.agree("linearisation", [&] {
    place = places();
    std::set<std::int64_t> held;
    for (std::int64_t at : place) held.insert(at / side);
    numbers.assign(held.begin(), held.end());
    own = panels_of_kernel(place, numbers);
    other.resize(static_cast<std::size_t>(size * side));
    for (std::int64_t number : numbers) holder[static_cast<std::size_t>(number)] = ranks.rank();
  });
  ranks.sum("linearisation", holder.data(), count);
  RankSumSetting plain = setting_;
  plain.exact = false;
  RankSum sum(plain, triangle.entries() + count * side, triangle.entries() + count * side);
  sum.attempt([&] {
    const auto panel_of = [&](std::size_t n) { return own.data() + static_cast<std::int64_t>(n) * size * side; };
    std::size_t next = 0;  // of this rank's panels, the first with a number not below q
    for (std::int64_t q = 0; q < count; ++q) {
      const bool mine = next < numbers.size() && numbers[next] == q;
      double* panel = mine ? panel_of(next) : other.data();
      ranks.broadcast("linearisation", panel, size * side * static_cast<std::int64_t>(sizeof(double)),
                      static_cast<int>(holder[static_cast<std::size_t>(q)]));
      const ScopedRegion region(Region::optimizer);
      for (std::size_t n = next; n < numbers.size(); ++n)
        triangle.add_product(size, panel_of(n), panel,
                             sum.values() + TileTriangle::begin(numbers[n]) + q * TileTriangle::area);
      next += mine;
    }
    for (std::size_t at = 0; at < r.size(); ++at)
      sum.put(triangle.entries() + place[at], root_weight(static_cast<std::int64_t>(at)) * r[at]);
  });
  sum.exchange();
  sum.throw_if_failed();
  if (!ranks.root()) return {};
  const double* whole = sum.values() + triangle.entries();
  return {triangle.whole(sum.values(), count * side), std::vector<double>(whole, whole + count * side)};
}

void DistributedLinearization::from_kernel(const double* a, double* product) {
  std::vector<double> w(static_cast<std::size_t>(local_residuals()));
  const std::vector<std::int64_t> place = places();
  for (std::size_t at = 0; at < w.size(); ++at) w[at] = root_weight(static_cast<std::int64_t>(at)) * a[place[at]];
  transposed(w.data(), product);
}

}  // namespace jetpinn
