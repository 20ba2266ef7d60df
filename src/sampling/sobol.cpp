#include "jetpinn/sampling/sobol.hpp"

#include "jetpinn/sampling/sobol_table.hpp"

namespace jetpinn {
namespace {

using Directions = std::array<std::array<std::uint32_t, 32>, sobol_dimensions>;

// v_k = m_k 2^(32-k); beyond the initial ones m_k = 2 a_1 m_{k-1} ^ 4 a_2 m_{k-2} ^ ... ^ 2^s m_{k-s} ^ m_{k-s}.
Directions make_directions() {
  Directions directions{};
  for (std::size_t k = 0; k < 32; ++k) directions[0][k] = std::uint32_t{1} << (31 - k);
  for (std::size_t d = 1; d < directions.size(); ++d) {
    const SobolPolynomial& polynomial = sobol_polynomials[d - 1];
    const auto degree = static_cast<std::size_t>(polynomial.degree);
    auto& v = directions[d];
    for (std::size_t k = 0; k < 32; ++k) {
      if (k < degree) {
        v[k] = polynomial.initial[k] << (31 - k);
        continue;
      }
      v[k] = v[k - degree] ^ (v[k - degree] >> degree);
      for (std::size_t i = 1; i < degree; ++i)
        if (polynomial.coefficients >> (degree - 1 - i) & 1) v[k] ^= v[k - i];
    }
  }
  return directions;
}

constexpr std::uint64_t run = std::uint64_t{1} << 32;  // points of one scrambling

std::uint32_t reversed(std::uint32_t bits) {
  bits = __builtin_bswap32(bits);
  bits = (bits & 0x0f0f0f0fu) << 4 | (bits >> 4 & 0x0f0f0f0fu);
  bits = (bits & 0x33333333u) << 2 | (bits >> 2 & 0x33333333u);
  return (bits & 0x55555555u) << 1 | (bits >> 1 & 0x55555555u);
}

}  // namespace

std::uint32_t sobol_bits(std::uint32_t index, int dimension) {
  static const Directions directions = make_directions();
  const auto& v = directions[static_cast<std::size_t>(dimension)];
  std::uint32_t bits = 0;
  for (std::size_t k = 0; index != 0; index >>= 1, ++k)
    if (index & 1) bits ^= v[k];
  return bits;
}

std::uint32_t scramble_bits(std::uint32_t bits, std::uint32_t seed) {
  // On reversed bits every operation carries only upwards, that is, from the leading bits of the fraction to the later ones
  // (constants: N. Vegdahl's improvement of Laine and Karras' hash).
  bits = reversed(bits);
  bits ^= bits * 0x3d20adeau;
  bits += seed;
  bits *= (seed >> 16) | 1;
  bits ^= bits * 0x05526c56u;
  bits ^= bits * 0x53a22864u;
  return reversed(bits);
}

Sobol::Sobol(const PointKey& key, std::uint64_t stream, int dimensions)
    : key_(key), stream_(stream), seeds_(static_cast<std::size_t>(dimensions)), order_(run, 0) {
  reseed(0);
}

void Sobol::reseed(std::uint64_t turn) {
  turn_ = turn;
  for (std::size_t d = 0; d < seeds_.size(); ++d) seeds_[d] = random_words(key_, Draw::scramble, turn, d, stream_)[0];
  if (turn / run != 0) order_ = Permutation(run, random_words(key_, Draw::redraw, turn, 0, stream_)[0]);
}

void Sobol::point(std::uint64_t index, std::uint32_t attempt, double* fractions) {
  const std::uint64_t turn = (std::uint64_t{attempt} << 32) | (index >> 32);
  if (turn != turn_) reseed(turn);
  index %= run;
  const auto low = static_cast<std::uint32_t>(attempt == 0 ? index : order_(index));
  std::uint32_t place = low;
  for (std::size_t d = 0; d < seeds_.size(); ++d) {
    const std::uint64_t seed = seeds_[d];
    const std::size_t within = d % sobol_dimensions;
    // Scrambling the index maps aligned runs of 2^m points to such runs.
    if (d != 0 && within == 0) place = scramble_bits(low, static_cast<std::uint32_t>(seed >> 32));
    const std::uint32_t bits = scramble_bits(sobol_bits(place, static_cast<int>(within)), static_cast<std::uint32_t>(seed));
    const std::uint64_t jitter = mix_bits(seed ^ mix_bits(low + 0x9e3779b97f4a7c15u)) >> 43;  // 21 bits
    fractions[d] = (static_cast<double>(bits) + static_cast<double>(jitter) * 0x1p-21) * 0x1p-32;
  }
}

}  // namespace jetpinn
