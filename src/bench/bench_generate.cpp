#include "jetpinn/bench/bench_generate.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/io/hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

// What both checks find in some points.
struct Found {
  std::int64_t hash = 0, outside = 0;
};

struct GenerateBench {
  const Problem& problem;
  const Term& term;
  const Sampler& sampler;
};

// Points first .. end - 1 in pieces of `piece`, each handed to `use` when it is made.
void generate(const GenerateBench& bench, std::int64_t first, std::int64_t end, std::int64_t piece,
              const std::function<void(const std::vector<double>&, std::int64_t first, std::int64_t count)>& use) {
  std::vector<double> coordinates;
  for (; first < end; first += piece) {
    const std::int64_t count = std::min(piece, end - first);
    coordinates.resize(static_cast<std::size_t>(bench.problem.dimensions() * count));
    bench.sampler.generate(first, count, coordinates.data(), count);
    use(coordinates, first, count);
  }
}

Found examine(const GenerateBench& bench, std::int64_t first, std::int64_t end, std::int64_t piece) {
  Found found;
  generate(bench, first, end, piece, [&](const std::vector<double>& coordinates, std::int64_t begin, std::int64_t count) {
    found.hash = static_cast<std::int64_t>(static_cast<std::uint64_t>(found.hash) +
                                           static_cast<std::uint64_t>(hash_points(coordinates, begin, count)));
    found.outside += count_outside(bench.term.region, bench.problem.graph, coordinates, count);
  });
  return found;
}

// This rank's share, in whole blocks as a training deals them.
struct Share {
  std::int64_t begin = 0, end = 0;
};
Share share_of(std::int64_t points, int rank, int ranks) {
  const std::int64_t blocks = (points + block_points - 1) / block_points;
  const auto begin = [&](std::int64_t r) { return std::min(blocks * r / ranks * block_points, points); };
  return {begin(rank), begin(rank + 1)};
}

// Rank 0 makes all points alone, in pieces of another length: what a point is must depend on nothing but its index.
constexpr std::int64_t other_piece = 1000;

void verify(Communicator& communicator, const GenerateBench& bench, const Share& share, BenchResult& result) {
  Found own, alone;
  communicator.agree("verification", [&] {
    own = examine(bench, share.begin, share.end, block_points);
    if (communicator.root()) alone = examine(bench, 0, bench.sampler.count(), other_piece);
  });
  std::int64_t sums[2] = {own.hash, own.outside};
  communicator.sum("verification", sums, 2);
  communicator.broadcast("verification", &alone, sizeof alone);
  result.verified = sums[0] == alone.hash && sums[1] == 0;
  if (sums[1] > 0) result.trouble = fmt::format("{} points lie outside the region of the term", sums[1]);
  else if (!result.verified) result.trouble = "the ranks together made other points than one rank alone";
}

BenchResult measure(Communicator& communicator, const Problem& problem, std::size_t index, SamplingMethod method,
                    const BenchGenerateOptions& options) {
  const Term& term = problem.terms[index];
  std::optional<Sampler> sampler;
  communicator.agree("bench generate", [&] {
    sampler.emplace(method, term.region, problem.graph, options.points,
                    PointKey{options.seed, static_cast<std::uint32_t>(index), 0});
  });
  const GenerateBench bench{problem, term, *sampler};
  const Share share = share_of(sampler->count(), communicator.rank(), communicator.size());

  BenchResult result;
  result.name = term.name;
  result.parameters = {{"method", to_string(method)}, {"points", sampler->count()}};
  double sum = 0;   // what nobody reads need not be made
  const auto samples = time_repeats(communicator, "bench generate", options.timing, [&] {
    generate(bench, share.begin, share.end, block_points,
             [&](const std::vector<double>& x, std::int64_t, std::int64_t) { sum += x.back(); });
  });
  result.seconds = spread_of(samples);
  const double points = static_cast<double>(sampler->count()), bytes = points * problem.dimensions() * sizeof(double);
  result.figures = {{"points_per_s", points / result.seconds.median}, {"mb_per_s", bytes / result.seconds.median * 1e-6}};
  verify(communicator, bench, share, result);
  return result;
}

}  // namespace

std::int64_t count_outside(const PointRegion& region, const ExpressionGraph& graph, const std::vector<double>& coordinates,
                           std::int64_t count) {
  std::int64_t outside = 0;
  const BoxRegion boxes(region, graph);
  const std::size_t dimensions = region.pieces.front().lower.size();
  std::vector<double> point(dimensions);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < dimensions; ++d)
      point[d] = coordinates[d * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)];
    bool held = false;
    for (std::size_t p = 0; p < boxes.parts() && !held; ++p)
      held = is_in(region.pieces[p], point.data()) && boxes.accepts(p, point.data());
    outside += !held;
  }
  return outside;
}

std::int64_t hash_points(const std::vector<double>& coordinates, std::int64_t first, std::int64_t count) {
  const std::size_t dimensions = count == 0 ? 0 : coordinates.size() / static_cast<std::size_t>(count);
  std::uint64_t sum = 0;                          // wraps
  std::vector<double> words(dimensions + 1);      // index, coordinates
  for (std::int64_t i = 0; i < count; ++i) {
    words[0] = static_cast<double>(first + i);
    for (std::size_t d = 0; d < dimensions; ++d)
      words[d + 1] = coordinates[d * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)];
    sum += hash_of(words.data(), static_cast<std::int64_t>(words.size() * sizeof(double)));
  }
  return static_cast<std::int64_t>(sum);
}

BenchReport bench_generate(Communicator& communicator, const Problem& problem, const BenchGenerateOptions& options) {
  BenchReport report;
  report.benchmark = "generate";
  report.machine = describe_machine(communicator);
  for (const SamplingMethod method :
       {SamplingMethod::grid, SamplingMethod::uniform, SamplingMethod::lhs, SamplingMethod::sobol})
    for (std::size_t term = 0; term < problem.terms.size(); ++term)
      report.results.push_back(measure(communicator, problem, term, method, options));
  return report;
}

}  // namespace jetpinn
