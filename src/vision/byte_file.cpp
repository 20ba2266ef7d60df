#include "jetpinn/vision/byte_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/whole_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace jetpinn {
namespace {

using Sha1 = std::array<std::uint32_t, 5>;

// A block of 64 bytes (RFC 3174, section 6.1).
void take_block(Sha1& hash, const std::uint8_t* bytes) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t t = 0; t < 16; ++t)
    for (std::size_t b = 0; b < 4; ++b) w[t] = w[t] << 8 | bytes[4 * t + b];
  for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  auto [a, b, c, d, e] = hash;
  for (std::size_t t = 0; t < 80; ++t) {
    const std::uint32_t mixed = t < 20   ? ((b & c) | (~b & d)) + 0x5a827999u
                                : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1u
                                : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu
                                         : (b ^ c ^ d) + 0xca62c1d6u;
    const std::uint32_t next = std::rotl(a, 5) + mixed + e + w[t];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e;
}

}  // namespace

// Twice its size: the bytes, and the images that become of them.
ByteFile::ByteFile(std::string path, const std::string& kind)
    : path_(std::move(path)), bytes_(read_whole_file(path_, kind, 2, "take a machine with more memory")) {}

std::uint32_t ByteFile::big_endian(std::int64_t offset) const {
  const std::uint8_t* b = at(offset);
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

std::uint32_t ByteFile::little_endian(std::int64_t offset) const {
  const std::uint8_t* b = at(offset);
  return std::uint32_t{b[3]} << 24 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[1]} << 8 | b[0];
}

std::uint32_t ByteFile::crc32() const {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes_.data()), bytes_.size()));
}

std::string ByteFile::sha1() const {
  Sha1 hash{0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
  const std::int64_t whole = size() / 64 * 64, bits = 8 * size();
  for (std::int64_t first = 0; first < whole; first += 64) take_block(hash, at(first));
  // The rest, a bit that is set, zeros, and the number of bits in eight bytes.
  std::array<std::uint8_t, 128> last{};
  std::copy(at(whole), at(size()), last.begin());
  const auto rest = static_cast<std::size_t>(size() - whole), end = rest < 56 ? std::size_t{64} : std::size_t{128};
  last[rest] = 0x80;
  for (std::size_t b = 0; b < 8; ++b) last[end - 1 - b] = static_cast<std::uint8_t>(bits >> (8 * b));
  for (std::size_t first = 0; first < end; first += 64) take_block(hash, last.data() + first);
  std::string text;
  for (const std::uint32_t word : hash) text += fmt::format("{:08x}", word);
  return text;
}

void ByteFile::fail(const std::string& reason, const std::string& mend) const {
  throw Error(Status::usage, path_ + ": " + reason + "; " + mend);
}

}  // namespace jetpinn
