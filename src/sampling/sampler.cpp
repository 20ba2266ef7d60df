#include "jetpinn/sampling/sampler.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/sampling/permutation.hpp"
#include "jetpinn/sampling/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// A condition that a trial of 4096 points found at all is met long before this.
constexpr std::uint64_t most_attempts = 200000;
constexpr std::int64_t run_nodes = 256;

// Fractions in [0, 1) that place point `index` of a part that holds `count` points, at attempt a. Numbers of parts and
// coordinates tell the streams of a term apart.
class Fractions {
 public:
  Fractions(SamplingMethod method, const PointKey& key, std::size_t piece, std::int64_t count, std::size_t coordinates)
      : method_(method), key_(key), piece_(piece), count_(static_cast<std::uint64_t>(count)), coordinates_(coordinates),
        sobol_(key, piece, method == SamplingMethod::sobol ? static_cast<int>(coordinates) : 0) {
    if (method == SamplingMethod::lhs) permutations_ = make_permutations(0);
  }

  void operator()(std::uint64_t index, std::uint64_t attempt, double* fractions) {
    if (method_ == SamplingMethod::sobol) return sobol_.point(index, static_cast<std::uint32_t>(attempt), fractions);
    std::array<std::uint64_t, 4> words{};
    for (std::size_t k = 0; k < coordinates_; ++k) {
      if (k % 4 == 0) words = random_words(key_, Draw::uniform, index, attempt, (std::uint64_t{piece_} << 32) | (k / 4));
      fractions[k] = unit_interval(words[k % 4]);
    }
    if (method_ == SamplingMethod::lhs) stratify(index, attempt, fractions);
  }

 private:
  std::vector<Permutation> make_permutations(std::uint64_t attempt) const {
    std::vector<Permutation> permutations;
    for (std::size_t k = 0; k < coordinates_; ++k)
      permutations.emplace_back(count_, random_words(key_, Draw::permutation, k, attempt, piece_)[0]);
    return permutations;
  }

  // One point in each of `count` strata of every coordinate, in an order of its own; the uniform
  // fraction places it in its stratum.
  void stratify(std::uint64_t index, std::uint64_t attempt, double* fractions) const {
    const auto& permutations = attempt == 0 ? permutations_ : make_permutations(attempt);
    for (std::size_t k = 0; k < coordinates_; ++k)
      fractions[k] = (static_cast<double>(permutations[k](index)) + fractions[k]) / static_cast<double>(count_);
  }

  SamplingMethod method_;
  PointKey key_;
  std::size_t piece_;
  std::uint64_t count_;
  std::size_t coordinates_;
  Sobol sobol_;
  std::vector<Permutation> permutations_;   // [coordinates] of the first attempt
};

}  // namespace

const char* to_string(SamplingMethod method) {
  static const char* const names[] = {"grid", "uniform", "lhs", "sobol", "gauss_legendre"};
  return names[static_cast<int>(method)];
}

Sampler::Sampler(SamplingMethod method, std::shared_ptr<const SampledRegion> region, std::int64_t count, PointKey key)
    : method_(method), region_(std::move(region)), count_(count), key_(key) {
  if (count_ <= 0) throw Error(Status::usage, "a set of " + std::to_string(count_) + " points: give it at least one");
  JETPINN_CHECK(region_->parts() > 0, "a region without parts");
  JETPINN_CHECK(method_ != SamplingMethod::gauss_legendre, "nodes of a quadrature are no random points");
  share_points();
  if (method_ == SamplingMethod::grid) make_grids();
}

Sampler::Sampler(SamplingMethod method, PointRegion region, const ExpressionGraph& graph, std::int64_t count, PointKey key)
    : Sampler(method, std::make_shared<BoxRegion>(std::move(region), graph), count, key) {}

// By largest remainders: floor of the exact shares, what is left to the largest fractions; then
// nobody stays without a point.
void Sampler::share_points() {
  const std::size_t parts = region_->parts();
  if (region_->dimension() == 0) count_ = std::min(count_, static_cast<std::int64_t>(parts));

  const double total = region_->measure();
  std::vector<std::int64_t> share(parts);
  std::vector<double> fraction(parts);
  for (std::size_t p = 0; p < parts; ++p) {
    const double exact = static_cast<double>(count_) * (region_->measure(p) / total);
    share[p] = static_cast<std::int64_t>(exact);
    fraction[p] = exact - static_cast<double>(share[p]);
  }
  std::vector<std::size_t> order(parts);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return fraction[a] > fraction[b]; });
  std::int64_t left = count_ - std::accumulate(share.begin(), share.end(), std::int64_t{0});
  for (std::size_t i = 0; left > 0; i = (i + 1) % order.size(), --left) ++share[order[i]];
  if (count_ >= static_cast<std::int64_t>(parts)) {
    for (auto& own : share) {
      if (own > 0) continue;
      --*std::max_element(share.begin(), share.end());
      own = 1;
    }
  }

  part_begin_.assign(1, 0);
  for (std::int64_t own : share) part_begin_.push_back(part_begin_.back() + own);
}

void Sampler::make_grids() {
  std::vector<std::int64_t> begin{0};
  for (std::size_t p = 0; p < region_->parts(); ++p) {
    std::int64_t inside = region_->has_grid(p) ? 0 : count(p);
    grids_.push_back(region_->has_grid(p) ? make_grid(p, count(p), inside)
                                          : GridPart{Grid(region_->lower(p), region_->lower(p), 1), {}});
    begin.push_back(begin.back() + inside);
  }
  part_begin_ = std::move(begin);
  count_ = part_begin_.back();
}

// The grid of a part that may refuse nodes is refined until the number of nodes inside is about the wanted one.
Sampler::GridPart Sampler::make_grid(std::size_t part, std::int64_t wanted, std::int64_t& inside) const {
  const std::vector<double>&lower = region_->lower(part), &upper = region_->upper(part), &units = region_->units();
  GridPart best{Grid(lower, upper, std::max<std::int64_t>(wanted, 1), units), {}};
  inside = wanted;
  if (!region_->restricted(part) || wanted == 0) return best;
  double nodes = static_cast<double>(wanted);
  for (std::size_t d = 0; d < lower.size(); ++d)
    if (lower[d] < upper[d]) nodes *= (upper[d] - lower[d]) / units[d];
  nodes /= region_->measure(part);   // the share of the box that lies inside
  inside = 0;
  std::vector<double> point(lower.size());
  for (int refinement = 0; refinement < 6; ++refinement) {
    GridPart trial{Grid(lower, upper, std::max<std::int64_t>(std::llround(nodes), 1), units), {0}};
    std::int64_t accepted = 0;
    for (std::int64_t i = 0; i < trial.grid.nodes(); ++i) {
      trial.grid.node(i, point.data());
      accepted += region_->accepts(part, point.data());
      if ((i + 1) % run_nodes == 0 || i + 1 == trial.grid.nodes()) trial.accepted.push_back(accepted);
    }
    if (accepted > 0 && (inside == 0 || std::llabs(accepted - wanted) < std::llabs(inside - wanted))) {
      best = std::move(trial);
      inside = accepted;
    }
    if (std::llabs(accepted - wanted) * 100 <= wanted) break;
    nodes *= accepted > 0 ? static_cast<double>(wanted) / static_cast<double>(accepted) : 4;
  }
  if (inside == 0)
    throw Error(Status::usage,
                "no node of a grid of " + std::to_string(std::llround(nodes)) +
                    " nodes lies inside the condition; ask for more points or take another sampling method");
  return best;
}

void Sampler::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  JETPINN_CHECK(first >= 0 && count >= 0 && first + count <= count_,
                "points " + std::to_string(first) + " + " + std::to_string(count) + " of " + std::to_string(count_));
  const bool grid = method_ == SamplingMethod::grid;
  for (std::size_t p = 0; p < region_->parts(); ++p) {
    const std::int64_t begin = std::max(first, part_begin_[p]), end = std::min(first + count, part_begin_[p + 1]);
    const auto make = grid && region_->has_grid(p) ? &Sampler::generate_grid : &Sampler::generate_random;
    if (begin < end) (this->*make)(p, begin - part_begin_[p], end - begin, out + (begin - first), stride);
  }
}

std::size_t Sampler::part_of(std::int64_t point) const {
  return static_cast<std::size_t>(std::upper_bound(part_begin_.begin(), part_begin_.end(), point) - part_begin_.begin()) - 1;
}

void Sampler::generate_grid(std::size_t p, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  const auto& [grid, accepted] = grids_[p];
  std::int64_t node = first, skip = 0;
  if (!accepted.empty()) {  // the run that holds the first point, and how many points of it come before
    const auto run = std::upper_bound(accepted.begin(), accepted.end(), first) - accepted.begin() - 1;
    node = run * run_nodes;
    skip = first - accepted[static_cast<std::size_t>(run)];
  }
  std::vector<double> point(region_->units().size());
  for (std::int64_t i = 0; i < count; ++node) {
    grid.node(node, point.data());
    if (!accepted.empty() && (!region_->accepts(p, point.data()) || skip-- > 0)) continue;
    for (std::size_t d = 0; d < point.size(); ++d) out[static_cast<std::int64_t>(d) * stride + i] = point[d];
    ++i;
  }
}

void Sampler::generate_random(std::size_t p, std::int64_t first, std::int64_t count, double* out,
                              std::int64_t stride) const {
  const auto parameters = static_cast<std::size_t>(region_->parameters(p));
  const SamplingMethod method = method_ == SamplingMethod::grid ? SamplingMethod::sobol : method_;
  Fractions fractions_of(method, key_, p, part_begin_[p + 1] - part_begin_[p], parameters);
  std::vector<double> fractions(parameters), point(region_->units().size());
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t attempt = 0;
    do {
      if (attempt == most_attempts)
        throw Error(Status::usage, "the condition accepted none of " + std::to_string(most_attempts) +
                                       " points tried for one place; describe the thin set by bounds such as x < 0.01");
      fractions_of(static_cast<std::uint64_t>(first + i), attempt++, fractions.data());
      region_->place(p, fractions.data(), point.data());
    } while (!region_->accepts(p, point.data()));
    for (std::size_t d = 0; d < point.size(); ++d) out[static_cast<std::int64_t>(d) * stride + i] = point[d];
  }
}

}  // namespace jetpinn
