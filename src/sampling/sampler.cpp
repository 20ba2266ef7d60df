#include "jetpinn/sampling/sampler.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/sampling/permutation.hpp"
#include "jetpinn/sampling/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// A condition that a trial of 4096 points found at all is met long before this.
constexpr std::uint64_t most_attempts = 200000;
constexpr std::int64_t run_nodes = 256;

std::vector<std::size_t> free_coordinates(const Piece& piece) {
  std::vector<std::size_t> free;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (piece.lower[d] < piece.upper[d]) free.push_back(d);
  return free;
}

// Fractions in [0, 1) of the free coordinates of attempt a at point `index` of a piece that holds `count` points. Numbers of
// pieces and coordinates tell the streams of a term apart.
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
  static const char* const names[] = {"grid", "uniform", "lhs", "sobol"};
  return names[static_cast<int>(method)];
}

Sampler::Sampler(SamplingMethod method, PointRegion region, const ExpressionGraph& graph, std::int64_t count, PointKey key)
    : method_(method), region_(std::move(region)), graph_(&graph), count_(count), key_(key) {
  if (count_ <= 0) throw Error(Status::usage, "a set of " + std::to_string(count_) + " points: give it at least one");
  JETPINN_CHECK(!region_.pieces.empty(), "a region without pieces");
  share_points();
  if (method_ == SamplingMethod::grid) make_grids();
}

// By largest remainders: floor of the exact shares, what is left to the largest fractions; then
// nobody stays without a point.
void Sampler::share_points() {
  const auto& pieces = region_.pieces;
  const auto is_point = [](const Piece& piece) { return piece.lower == piece.upper; };
  if (std::all_of(pieces.begin(), pieces.end(), is_point))
    count_ = std::min(count_, static_cast<std::int64_t>(pieces.size()));

  double total = 0;
  for (const Piece& piece : pieces) total += piece.measure;
  std::vector<std::int64_t> share(pieces.size());
  std::vector<double> fraction(pieces.size());
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    const double exact = static_cast<double>(count_) * (pieces[p].measure / total);
    share[p] = static_cast<std::int64_t>(exact);
    fraction[p] = exact - static_cast<double>(share[p]);
  }
  std::vector<std::size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return fraction[a] > fraction[b]; });
  std::int64_t left = count_ - std::accumulate(share.begin(), share.end(), std::int64_t{0});
  for (std::size_t i = 0; left > 0; i = (i + 1) % order.size(), --left) ++share[order[i]];
  if (count_ >= static_cast<std::int64_t>(pieces.size())) {
    for (auto& own : share) {
      if (own > 0) continue;
      --*std::max_element(share.begin(), share.end());
      own = 1;
    }
  }

  piece_begin_.assign(1, 0);
  for (std::int64_t own : share) piece_begin_.push_back(piece_begin_.back() + own);
}

// Grids of pieces with conditions are refined until the number of nodes inside is about the wanted one.
void Sampler::make_grids() {
  std::vector<double> units;
  for (std::size_t d = 0; d < region_.lower.size(); ++d) units.push_back(region_.upper[d] - region_.lower[d]);
  std::vector<std::int64_t> begin{0};
  for (std::size_t p = 0; p < region_.pieces.size(); ++p) {
    const Piece& piece = region_.pieces[p];
    const std::int64_t wanted = piece_begin_[p + 1] - piece_begin_[p];
    GridPiece best{Grid(piece.lower, piece.upper, std::max<std::int64_t>(wanted, 1), units), {}};
    std::int64_t inside_best = wanted;
    if (piece.condition >= 0 && wanted > 0) {
      double nodes = static_cast<double>(wanted);
      for (std::size_t d : free_coordinates(piece)) nodes *= (piece.upper[d] - piece.lower[d]) / units[d];
      nodes /= piece.measure;   // the share of the box that lies inside
      inside_best = 0;
      for (int refinement = 0; refinement < 6; ++refinement) {
        GridPiece trial{Grid(piece.lower, piece.upper, std::max<std::int64_t>(std::llround(nodes), 1), units), {0}};
        std::vector<double> point(piece.lower.size());
        std::int64_t inside_trial = 0;
        for (std::int64_t i = 0; i < trial.grid.nodes(); ++i) {
          trial.grid.node(i, point.data());
          inside_trial += inside(piece, point.data());
          if ((i + 1) % run_nodes == 0 || i + 1 == trial.grid.nodes()) trial.accepted.push_back(inside_trial);
        }
        if (inside_trial > 0 && (inside_best == 0 || std::llabs(inside_trial - wanted) < std::llabs(inside_best - wanted))) {
          best = std::move(trial);
          inside_best = inside_trial;
        }
        if (std::llabs(inside_trial - wanted) * 100 <= wanted) break;
        nodes *= inside_trial > 0 ? static_cast<double>(wanted) / static_cast<double>(inside_trial) : 4;
      }
      if (inside_best == 0)
        throw Error(Status::usage,
                    "no node of a grid of " + std::to_string(std::llround(nodes)) +
                        " nodes lies inside the condition; ask for more points or take another sampling method");
    }
    begin.push_back(begin.back() + inside_best);
    grids_.push_back(std::move(best));
  }
  piece_begin_ = std::move(begin);
  count_ = piece_begin_.back();
}

bool Sampler::inside(const Piece& piece, const double* point) const {
  return piece.condition < 0 || evaluate(*graph_, piece.condition, point) != 0;
}

void Sampler::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  JETPINN_CHECK(first >= 0 && count >= 0 && first + count <= count_,
                "points " + std::to_string(first) + " + " + std::to_string(count) + " of " + std::to_string(count_));
  for (std::size_t p = 0; p < region_.pieces.size(); ++p) {
    const std::int64_t begin = std::max(first, piece_begin_[p]), end = std::min(first + count, piece_begin_[p + 1]);
    if (begin >= end) continue;
    const auto make = method_ == SamplingMethod::grid ? &Sampler::generate_grid : &Sampler::generate_random;
    (this->*make)(p, begin - piece_begin_[p], end - begin, out + (begin - first), stride);
  }
}

void Sampler::generate_grid(std::size_t p, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  const Piece& piece = region_.pieces[p];
  const auto& [grid, accepted] = grids_[p];
  std::int64_t node = first, skip = 0;
  if (!accepted.empty()) {  // the run that holds the first point, and how many points of it come before
    const auto run = std::upper_bound(accepted.begin(), accepted.end(), first) - accepted.begin() - 1;
    node = run * run_nodes;
    skip = first - accepted[static_cast<std::size_t>(run)];
  }
  std::vector<double> point(piece.lower.size());
  for (std::int64_t i = 0; i < count; ++node) {
    grid.node(node, point.data());
    if (!accepted.empty() && (!inside(piece, point.data()) || skip-- > 0)) continue;
    for (std::size_t d = 0; d < point.size(); ++d) out[static_cast<std::int64_t>(d) * stride + i] = point[d];
    ++i;
  }
}

void Sampler::generate_random(std::size_t p, std::int64_t first, std::int64_t count, double* out,
                              std::int64_t stride) const {
  const Piece& piece = region_.pieces[p];
  const auto free = free_coordinates(piece);
  Fractions fractions_of(method_, key_, p, piece_begin_[p + 1] - piece_begin_[p], free.size());
  std::vector<double> fractions(free.size()), point = piece.lower;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t attempt = 0;
    do {
      if (attempt == most_attempts)
        throw Error(Status::usage, "the condition accepted none of " + std::to_string(most_attempts) +
                                       " points tried for one place; describe the thin set by bounds such as x < 0.01");
      fractions_of(static_cast<std::uint64_t>(first + i), attempt++, fractions.data());
      for (std::size_t k = 0; k < free.size(); ++k) {
        const std::size_t d = free[k];
        point[d] = std::min(piece.lower[d] + fractions[k] * (piece.upper[d] - piece.lower[d]), piece.upper[d]);
      }
    } while (!inside(piece, point.data()));
    for (std::size_t d = 0; d < point.size(); ++d) out[static_cast<std::int64_t>(d) * stride + i] = point[d];
  }
}

}  // namespace jetpinn
