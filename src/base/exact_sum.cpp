#include "jetpinn/base/exact_sum.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr int limb_bits = 40;
constexpr std::int64_t limb_mask = (std::int64_t{1} << limb_bits) - 1;
constexpr std::int64_t additions_before_carry = std::int64_t{1} << 23;
constexpr double addend_limit = 0x1p55;
// Beyond this the highest limb comes near the end of its integer: 2^21 addends of the largest size.
constexpr std::int64_t highest_limb_limit = std::int64_t{1} << 60;

// Adding 1.5 * 2^52 rounds a double to the nearest integer and leaves that integer in the low bits of the sum.
constexpr double rounder = 0x1.8p52;
constexpr std::int64_t rounder_bits = 0x4338000000000000;

struct Rounded {
  double value;
  std::int64_t integer;
};

inline Rounded round_to_integer(double x) {
  const double shifted = x + rounder;
  std::int64_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  return {shifted - rounder, bits - rounder_bits};
}

// x = d[3] 2^16 + d[2] 2^-24 + d[1] 2^-64 + d[0] 2^-104 with |d| <= 2^39. Every subtraction is exact (the rest is a multiple
// of x's last place), only the last digit rounds.
struct Digits {
  std::int64_t d0, d1, d2, d3;
};

inline Digits split(double x) {
  const Rounded r3 = round_to_integer(x * 0x1p-16);
  x -= r3.value * 0x1p16;
  const Rounded r2 = round_to_integer(x * 0x1p24);
  x -= r2.value * 0x1p-24;
  const Rounded r1 = round_to_integer(x * 0x1p64);
  x -= r1.value * 0x1p-64;
  const Rounded r0 = round_to_integer(x * 0x1p104);
  return {r0.integer, r1.integer, r2.integer, r3.integer};
}

}  // namespace

ExactSum::ExactSum(std::int64_t entries, std::int64_t apart_from)
    : entries_(entries), apart_from_(apart_from), digits_(static_cast<std::size_t>(integers(entries, apart_from))) {}

void ExactSum::clear() {
  digits_.assign(digits_.size(), 0);
  overflow_ = 0;
  additions_ = 0;
  away_first_ = away_end_ = 0;
}

void ExactSum::add(std::int64_t entry, double value) { add(entry, &value, 1); }

void ExactSum::add(std::int64_t first, const double* values, std::int64_t count) {
  JETPINN_CHECK(first >= 0 && count >= 0 && first + count <= entries_,
                "entries " + std::to_string(first) + " + " + std::to_string(count) + " of " + std::to_string(entries_));
  JETPINN_CHECK(first + count <= away_first_ || first >= away_end_, "entries that are in an exchange already");
  if (++additions_ > additions_before_carry) {
    normalize();
    additions_ = 1;
  }
  std::int64_t* const low = digits_.data() + first;
  std::int64_t* const d0 = low;
  std::int64_t* const d1 = low + entries_;
  std::int64_t* const d2 = low + 2 * entries_;
  std::int64_t* const d3 = low + 3 * entries_;
  std::int64_t refused = 0;
#pragma omp simd reduction(+ : refused)
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = values[i];
    const bool fits = std::fabs(value) < addend_limit;  // false for NaN
    refused += fits ? 0 : 1;
    const Digits digits = split(fits ? value : 0.0);
    d0[i] += digits.d0;
    d1[i] += digits.d1;
    d2[i] += digits.d2;
    d3[i] += digits.d3;
  }
  overflow_ += refused;
  if (refused == 0) return;
  for (std::int64_t i = std::max<std::int64_t>(0, apart_from_ - first); i < count; ++i)
    if (!(std::fabs(values[i]) < addend_limit)) ++own_overflow(first + i);
}

void ExactSum::add_digits(std::int64_t first, std::int64_t count, const std::int64_t* digits) {
  JETPINN_CHECK(first >= 0 && count >= 0 && first + count <= entries_,
                "entries " + std::to_string(first) + " + " + std::to_string(count) + " of " + std::to_string(entries_));
  JETPINN_CHECK(first + count <= away_first_ || first >= away_end_, "entries that are in an exchange already");
  normalize();
  for (int l = 0; l < limbs; ++l)
    for (std::int64_t i = 0; i < count; ++i) row(l)[first + i] += digits[l * count + i];
  const std::int64_t* refused = digits + limbs * count;
  for (std::int64_t i = 0; i < count; ++i) {
    overflow_ += refused[i];
    if (first + i >= apart_from_) own_overflow(first + i) += refused[i];
  }
  normalize();
}

void ExactSum::normalize() {
  normalize(0, away_first_);
  normalize(away_end_, entries_ - away_end_);
  additions_ = 0;
}

void ExactSum::normalize(std::int64_t first, std::int64_t count) {
  std::int64_t* const d0 = digits_.data() + first;
  std::int64_t* const d1 = d0 + entries_;
  std::int64_t* const d2 = d1 + entries_;
  std::int64_t* const d3 = d2 + entries_;
  std::int64_t too_large = 0;
  // Floor division by 2^40: low limbs end in [0, 2^40), the highest keeps the sign.
#pragma omp simd reduction(+ : too_large)
  for (std::int64_t i = 0; i < count; ++i) {
    d1[i] += d0[i] >> limb_bits;
    d0[i] &= limb_mask;
    d2[i] += d1[i] >> limb_bits;
    d1[i] &= limb_mask;
    d3[i] += d2[i] >> limb_bits;
    d2[i] &= limb_mask;
    too_large += (d3[i] > highest_limb_limit || d3[i] < -highest_limb_limit) ? 1 : 0;
  }
  overflow_ += too_large;
  if (too_large == 0) return;
  for (std::int64_t i = std::max<std::int64_t>(0, apart_from_ - first); i < count; ++i)
    if (d3[i] > highest_limb_limit || d3[i] < -highest_limb_limit) ++own_overflow(first + i);
}

double ExactSum::value(std::int64_t entry) const {
  const auto own = static_cast<std::size_t>(entries_ * limbs + 1 + entry - apart_from_);
  if (entry < apart_from_ ? overflowed() : digits_[own] != 0) return std::numeric_limits<double>::quiet_NaN();
  using Wide = unsigned __int128;
  const std::int64_t* digit = digits_.data() + entry;
  std::int64_t d[limbs];
  for (int l = 0; l < limbs; ++l) d[l] = digit[l * entries_];
  const auto carry = [&d] {
    for (int l = 0; l + 1 < limbs; ++l) {
      d[l + 1] += d[l] >> limb_bits;
      d[l] &= limb_mask;
    }
  };
  carry();
  const bool negative = d[3] < 0;
  if (negative) {
    for (std::int64_t& limb : d) limb = -limb;
    carry();
  }
  // The magnitude high * 2^80 + low in units of 2^-104. Conversion of an integer rounds to nearest; what is cut off before
  // it only has to leave a mark (the sticky last bit), for more than 55 bits remain in front of it.
  const Wide high = (static_cast<Wide>(d[3]) << limb_bits) | static_cast<Wide>(d[2]);
  const Wide low = (static_cast<Wide>(d[1]) << limb_bits) | static_cast<Wide>(d[0]);
  double magnitude;
  if (high == 0) {
    magnitude = std::ldexp(static_cast<double>(low), -104);
  } else if (high >> 55) {
    magnitude = std::ldexp(static_cast<double>(high | (low != 0 ? 1 : 0)), -24);
  } else {
    magnitude = std::ldexp(static_cast<double>((high << 72) | (low >> 8) | ((low & 255) != 0 ? 1 : 0)), -96);
  }
  return negative ? -magnitude : magnitude;
}

void ExactSum::begin_exchange(std::int64_t first, std::int64_t count) {
  const bool none = away_first_ == away_end_;
  JETPINN_CHECK(
      first >= 0 && first + count <= entries_ && (none || first + count == away_first_),
      "entries " + std::to_string(first) + " + " + std::to_string(count) + " before " + std::to_string(away_first_));
  normalize(first, count);
  if (none) away_end_ = first + count;
  away_first_ = first;
}

std::vector<std::int64_t>& ExactSum::exchange() {
  normalize();
  digits_[static_cast<std::size_t>(entries_ * limbs)] = overflow_;
  return digits_;
}

void ExactSum::finish_exchange() {
  overflow_ = std::exchange(digits_[static_cast<std::size_t>(entries_ * limbs)], 0);
  away_first_ = away_end_ = 0;
  normalize();
}

}  // namespace jetpinn
