#include "jetpinn/sampling/adaptive_choice.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/comm/sum_exactly.hpp"
#include "jetpinn/sampling/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace jetpinn {
namespace {

constexpr const char* phase = "adaptive points";

// Bits that are ordered as the numbers are.
std::uint64_t ordered_bits(double number) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return bits & sign ? ~bits : bits | sign;
}

double number_of(std::uint64_t ordered) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  const std::uint64_t bits = ordered & sign ? ordered & ~sign : ~ordered;
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

// In (0, 1).
double uniform(const PointKey& key, std::uint64_t number) {
  return std::max(unit_interval(random_words(key, Draw::choice, number)[0]), 0x1p-54);
}

// The smallest of the `count` largest numbers of all ranks, as ordered bits, and how many of those that equal it are among
// them. Digit by digit from the highest one: the numbers that agree in the digits before are counted by the next.
struct Threshold {
  std::uint64_t bits = 0;
  std::int64_t equal = 0;
};
Threshold find_threshold(Communicator& communicator, const std::vector<double>& numbers, std::int64_t count) {
  constexpr int digit_bits = 8;
  Threshold threshold{0, count};
  std::uint64_t known = 0;  // mask of the digits that are
  for (int shift = 64 - digit_bits; shift >= 0; shift -= digit_bits) {
    std::array<std::int64_t, 1 << digit_bits> histogram{};
    for (const double number : numbers) {
      const std::uint64_t bits = ordered_bits(number);
      if ((bits & known) == threshold.bits) ++histogram[bits >> shift & (histogram.size() - 1)];
    }
    communicator.sum(phase, histogram.data(), static_cast<std::int64_t>(histogram.size()));
    std::size_t digit = histogram.size() - 1;
    for (; digit > 0 && histogram[digit] < threshold.equal; --digit) threshold.equal -= histogram[digit];
    threshold.bits |= std::uint64_t{digit} << shift;
    known |= (std::uint64_t{histogram.size()} - 1) << shift;
  }
  return threshold;
}

}  // namespace

ScoreMoments score_moments(Communicator& communicator, const std::vector<double>& scores) {
  ScoreMoments moments;
  std::int64_t counts[2] = {static_cast<std::int64_t>(scores.size()), 0};
  for (const double score : scores) {
    if (!std::isfinite(score)) continue;
    ++counts[1];
    moments.largest = std::max(moments.largest, score);
  }
  communicator.sum(phase, counts, 2);
  communicator.max(phase, &moments.largest, 1);
  moments.count = counts[0];
  moments.finite = counts[1];
  if (moments.largest == 0) return moments;
  ExactSum sum(2);
  for (const double score : scores) {
    if (!std::isfinite(score)) continue;
    const double share = score / moments.largest;
    sum.add(0, share);
    sum.add(1, share * share);
  }
  sum_exactly(communicator, phase, sum);
  const auto finite = static_cast<double>(moments.finite);
  moments.mean = sum.value(0) / finite * moments.largest;
  moments.rms = std::sqrt(sum.value(1) / finite) * moments.largest;
  return moments;
}

double mean_power(Communicator& communicator, const std::vector<double>& scores, const ScoreMoments& moments, double power) {
  if (moments.largest == 0) return 1;
  ExactSum sum(1);
  for (const double score : scores)
    if (std::isfinite(score)) sum.add(0, std::pow(score / moments.largest, power));
  sum_exactly(communicator, phase, sum);
  return sum.value(0) / static_cast<double>(moments.finite);
}

std::vector<std::int64_t> largest_of_ranks(Communicator& communicator, const std::vector<double>& numbers,
                                           std::int64_t count) {
  std::int64_t total = static_cast<std::int64_t>(numbers.size());
  communicator.sum(phase, &total, 1);
  JETPINN_CHECK(count >= 0 && count <= total, std::to_string(count) + " of " + std::to_string(total) + " numbers");
  std::vector<std::int64_t> chosen;
  if (count == 0) return chosen;
  const Threshold threshold = find_threshold(communicator, numbers, count);
  std::int64_t equal = 0;
  for (const double number : numbers) equal += ordered_bits(number) == threshold.bits;
  const std::vector<double> of_ranks = communicator.gather(phase, static_cast<double>(equal));
  std::int64_t left = threshold.equal;  // of those that equal the threshold, to be taken here
  for (int rank = 0; rank < communicator.rank(); ++rank)
    left -= static_cast<std::int64_t>(of_ranks[static_cast<std::size_t>(rank)]);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint64_t bits = ordered_bits(numbers[i]);
    if (bits > threshold.bits || (bits == threshold.bits && left-- > 0)) chosen.push_back(static_cast<std::int64_t>(i));
  }
  return chosen;
}

double nth_of_ranks(Communicator& communicator, const std::vector<double>& numbers, std::int64_t n) {
  return number_of(find_threshold(communicator, numbers, n).bits);
}

std::vector<double> densities(const std::vector<double>& scores, const ScoreMoments& moments, double mean, double power,
                              double offset) {
  std::vector<double> all;
  all.reserve(scores.size());
  for (const double score : scores) {
    const double share = moments.largest > 0 ? std::pow(score / moments.largest, power) / mean : 1;
    all.push_back(std::isfinite(score) ? share + offset : 0);
  }
  return all;
}

std::vector<double> sampling_keys(const std::vector<double>& densities, const PointKey& key, std::int64_t first) {
  std::vector<double> keys;
  keys.reserve(densities.size());
  for (std::size_t i = 0; i < densities.size(); ++i)
    keys.push_back(std::log(densities[i]) - std::log(-std::log(uniform(key, static_cast<std::uint64_t>(first) + i))));
  return keys;
}

std::vector<double> priority_keys(const std::vector<double>& densities, const PointKey& key, std::int64_t first) {
  std::vector<double> keys;
  keys.reserve(densities.size());
  for (std::size_t i = 0; i < densities.size(); ++i)
    keys.push_back(densities[i] / uniform(key, static_cast<std::uint64_t>(first) + i));
  return keys;
}

}  // namespace jetpinn
