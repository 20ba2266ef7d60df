#include "jetpinn/bench/bench_update.hpp"

#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/optim/shared_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

std::vector<double> wave(std::int64_t size, double frequency) {
  std::vector<double> x(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::cos(frequency * static_cast<double>(i + 1));
  return x;
}

// M = I becomes keep I + s sᵀ - v vᵀ, and M x follows without a matrix: whether the sweep gives it, to rounding.
bool gives_the_known_product(SharedMatrix& matrix, const RankTwo& update, const std::vector<double>& s,
                             const std::vector<double>& v) {
  const auto size = static_cast<std::int64_t>(s.size());
  const std::vector<double> x = wave(size, 0.3);
  std::vector<double> mx(x), my(x);
  matrix.set_diagonal(1);
  matrix.update(update, s.data(), v.data());
  matrix.sweep(x.data(), s.data(), mx.data(), my.data());
  const double sx = dot(s.data(), x.data(), size), vx = dot(v.data(), x.data(), size);
  // Sums of `size` terms, none above one.
  const double rounding = 10 * std::numeric_limits<double>::epsilon() * static_cast<double>(size);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!(std::abs(mx[i] - (update.keep * x[i] + sx * s[i] - vx * v[i])) <= rounding)) return false;
  return true;
}

}  // namespace

BenchResult BenchUpdate::result() const {
  BenchValues figures = {{"bytes", bytes}, {"gb_per_s", bytes_per_s * 1e-9}};
  if (memory_share > 0) figures.emplace_back("memory_share", memory_share);
  return {"update", {{"optimizer", optimizer}, {"parameters", parameters}},
          seconds,  figures,
          verified, verified ? "" : "the product with the updated matrix of " + optimizer + " is wrong"};
}

std::string BenchUpdate::text() const {
  const std::string share =
      memory_share > 0 ? fmt::format(", {:.2f} of one core's memory bandwidth", memory_share) : std::string();
  return fmt::format("update    {:.3f} ms of {} beside the gradient, {:.1f} MB of {} x {} at {:.1f} GB/s{}\n",
                     seconds.median * 1e3, optimizer, static_cast<double>(bytes) * 1e-6, parameters, parameters,
                     bytes_per_s * 1e-9, share);
}

BenchUpdate bench_update(Communicator& communicator, const std::string& optimizer, std::int64_t parameters,
                         double memory_bytes_per_s, const BenchTiming& timing) {
  SharedMatrix matrix(parameters, &communicator);
  const std::vector<double> s = wave(parameters, 0.7), v = wave(parameters, 1.1);
  RankTwo update;
  update.keep = 0.5;  // numbers of the matrix stay as large as they are, however often
  update.sign[1] = -1;
  update.along_s[0] = update.along_v[1] = 1;
  BenchUpdate result;
  result.optimizer = optimizer;
  result.parameters = parameters;
  result.verified = gives_the_known_product(matrix, update, s, v);

  std::vector<double> ms(s), mv(s);
  const auto work = [&] {
    matrix.update(update, s.data(), v.data());
    matrix.sweep(s.data(), v.data(), ms.data(), mv.data());
  };
  result.seconds = spread_of(time_repeats(communicator, "bench update", timing, work));
  std::int64_t rows = 0;
  for (int rank = 0; rank < communicator.size(); ++rank)
    rows = std::max(rows, share_rows(parameters, rank, communicator.size()).count());
  result.bytes = 16 * rows * parameters;
  result.bytes_per_s = static_cast<double>(result.bytes) / result.seconds.median;
  if (memory_bytes_per_s > 0) result.memory_share = result.bytes_per_s / memory_bytes_per_s;
  return result;
}

}  // namespace jetpinn
