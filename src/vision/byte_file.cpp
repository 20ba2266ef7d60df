#include "jetpinn/vision/byte_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/whole_file.hpp"

#include <array>
#include <utility>

namespace jetpinn {
namespace {

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  return table;
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
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t c = 0xffffffffu;
  for (const char byte : bytes_) c = table[(c ^ static_cast<std::uint8_t>(byte)) & 0xff] ^ (c >> 8);
  return c ^ 0xffffffffu;
}

void ByteFile::fail(const std::string& reason, const std::string& mend) const {
  throw Error(Status::usage, path_ + ": " + reason + "; " + mend);
}

}  // namespace jetpinn
