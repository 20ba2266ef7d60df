// XXH3 of 64 bits (Y. Collet, xxHash 0.8, BSD 2-clause) of at least 241 bytes, in plain loops: what a .jpn file ends with.
// It finds damage, not forgery.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jetpinn::edge {

constexpr std::size_t least_hashed_bytes = 241;  // shorter input has rules of its own, which a .jpn file never needs

inline std::uint64_t read_u64(const unsigned char* from) {
  std::uint64_t value = 0;
  for (int k = 7; k >= 0; --k) value = value << 8 | from[k];
  return value;
}

class Xxh3 {
 public:
  // bytes >= least_hashed_bytes
  static std::uint64_t of(const unsigned char* data, std::size_t bytes) {
    std::uint64_t sums[lanes] = {prime32_3, prime64_1, prime64_2, prime64_3, prime64_4, prime32_2, prime64_5, prime32_1};
    constexpr std::size_t per_block = (secret_bytes - stripe) / secret_step, block = per_block * stripe;
    const std::size_t blocks = (bytes - 1) / block;
    for (std::size_t b = 0; b < blocks; ++b) {
      for (std::size_t n = 0; n < per_block; ++n)
        add_stripe(sums, data + b * block + n * stripe, secret() + n * secret_step);
      mix(sums, secret() + secret_bytes - stripe);
    }
    const std::size_t rest = (bytes - 1 - blocks * block) / stripe;
    for (std::size_t n = 0; n < rest; ++n) add_stripe(sums, data + blocks * block + n * stripe, secret() + n * secret_step);
    add_stripe(sums, data + bytes - stripe, secret() + secret_bytes - stripe - 7);

    std::uint64_t result = static_cast<std::uint64_t>(bytes) * prime64_1;
    for (std::size_t i = 0; i < lanes; i += 2)
      result += fold(sums[i] ^ read_u64(secret() + 11 + 8 * i), sums[i + 1] ^ read_u64(secret() + 19 + 8 * i));
    result ^= result >> 37;
    result *= 0x165667919E3779F9u;
    return result ^ result >> 32;
  }

 private:
  static constexpr std::size_t lanes = 8, stripe = 64, secret_bytes = 192, secret_step = 8;
  static constexpr std::uint64_t prime32_1 = 0x9E3779B1u, prime32_2 = 0x85EBCA77u, prime32_3 = 0xC2B2AE3Du;
  static constexpr std::uint64_t prime64_1 = 0x9E3779B185EBCA87u, prime64_2 = 0xC2B2AE3D27D4EB4Fu;
  static constexpr std::uint64_t prime64_3 = 0x165667B19E3779F9u, prime64_4 = 0x85EBCA77C2B2AE63u;
  static constexpr std::uint64_t prime64_5 = 0x27D4EB2F165667C5u;

  static void add_stripe(std::uint64_t* sums, const unsigned char* data, const unsigned char* key) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t value = read_u64(data + 8 * i), keyed = value ^ read_u64(key + 8 * i);
      sums[i ^ 1] += value;
      sums[i] += (keyed & 0xFFFFFFFFu) * (keyed >> 32);
    }
  }

  static void mix(std::uint64_t* sums, const unsigned char* key) {
    for (std::size_t i = 0; i < lanes; ++i) {
      sums[i] ^= sums[i] >> 47;
      sums[i] ^= read_u64(key + 8 * i);
      sums[i] *= prime32_1;
    }
  }

  // The two halves of the product of 128 bits, one on the other.
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t low = 0xFFFFFFFFu;
    const std::uint64_t ll = (a & low) * (b & low), hl = (a >> 32) * (b & low), lh = (a & low) * (b >> 32);
    const std::uint64_t middle = (ll >> 32) + (hl & low) + lh;
    const std::uint64_t high = (a >> 32) * (b >> 32) + (hl >> 32) + (middle >> 32);
    return high ^ (middle << 32 | (ll & low));
  }

  static const unsigned char* secret() {
    // clang-format off
    static const unsigned char bytes[secret_bytes] = {
      0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
      0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
      0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
      0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
      0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
      0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
      0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
      0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
      0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
      0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
      0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
      0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    };
    // clang-format on
    return bytes;
  }
};

}  // namespace jetpinn::edge
