// Reads a .jpn file from memory, piece by piece, whatever the byte order of the machine. The first thing that is wrong is
// kept as text, and everything that is read after it is 0 or empty.
//
// The file: little-endian, numbers behind one another without gaps but where said. A text is its length (u32) and its bytes.
//   8 bytes 89 'J' 'P' 'N' 0D 0A 1A 0A · u32 version (1) · u32 bytes of a value (4 or 8) · u64 bytes of the whole file
//   u32 n, n x (text, text): facts for people: name, kind, activation, version, steps
//   u32 n, n x (text, f64, f64): inputs, and between which values the network was trained
//   u32 n, n x text: outputs
//   u32 n, u32 input, f64[n + 1]: windows along an input, a network each, and their edges; one network: n is 1, all are 0
//   n x a program (program.hpp) and a network (body.hpp), whose values stand at multiples of 8 bytes
//   zeros up to a multiple of 8, and to at least 248 bytes · u64 XXH3 of everything before (xxh3.hpp)
#pragma once

#include "jetpinn/edge/arithmetic.hpp"
#include "jetpinn/edge/xxh3.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn::edge {

constexpr unsigned char file_magic[8] = {0x89, 'J', 'P', 'N', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr std::uint32_t file_version = 1;
constexpr std::size_t file_head_bytes = 24, least_file_bytes = 256;

class FileReader {
 public:
  // Checks head, size and hash.
  FileReader(const void* data, std::size_t bytes) : data_(static_cast<const unsigned char*>(data)), end_(bytes) {
    check_head(bytes);
  }

  const std::string& trouble() const { return trouble_; }
  bool sound() const { return trouble_.empty(); }
  void fail(const std::string& text) {
    if (trouble_.empty()) trouble_ = text;
    at_ = end_;
  }
  std::uint32_t value_bytes() const { return value_bytes_; }

  std::uint32_t u32() {
    const unsigned char* from = take(4);
    if (!from) return 0;
    return std::uint32_t{from[0]} | std::uint32_t{from[1]} << 8 | std::uint32_t{from[2]} << 16 |
           std::uint32_t{from[3]} << 24;
  }
  std::uint64_t u64() {
    const unsigned char* from = take(8);
    return from ? read_u64(from) : 0;
  }
  double f64() { return bits_as<double>(u64()); }
  std::string text() {
    const std::uint32_t length = u32();
    const unsigned char* from = take(length);
    return from ? std::string(reinterpret_cast<const char*>(from), length) : std::string();
  }

  // A number of things that take at least `each` bytes in what is left of the file: no more memory is asked for than that.
  std::size_t count(std::size_t each) {
    const std::uint32_t number = u32();
    if (number > (end_ - at_) / each) fail("it says that " + std::to_string(number) + " things follow, and ends before");
    return sound() ? number : 0;
  }
  // A number below `limit`.
  std::uint32_t below(std::size_t limit, const char* what) {
    const std::uint32_t number = u32();
    if (sound() && number >= limit) fail(std::string(what) + " " + std::to_string(number) + " is not there");
    return sound() ? number : 0;
  }

  const unsigned char* take(std::size_t bytes) {
    if (bytes > end_ - at_) {
      fail("it ends before its content does");
      return nullptr;
    }
    const unsigned char* from = data_ + at_;
    at_ += bytes;
    return from;
  }
  void align() { take((8 - at_ % 8) % 8); }

  // Values of the file's type, which T is.
  template <class T>
  std::vector<T> values(std::size_t number) {
    if (number > (end_ - at_) / sizeof(T)) fail("it ends before its values do");
    std::vector<T> list(sound() ? number : 0);
    for (T& value : list) {
      if constexpr (sizeof(T) == 8)
        value = f64();
      else
        value = bits_as<float>(u32());
    }
    return list;
  }

 private:
  void check_head(std::size_t bytes) {
    if (bytes < file_head_bytes || std::memcmp(data_, file_magic, sizeof file_magic) != 0)
      return fail("it is no .jpn file; write one with `jetpinn export RUN --file F.jpn`");
    at_ = sizeof file_magic;
    const std::uint32_t version = u32();
    if (version == 0 || version > file_version)
      return fail("it has version " + std::to_string(version) + " of the format, this evaluator reads up to version " +
                  std::to_string(file_version) + "; take the headers of the jetpinn that wrote it");
    value_bytes_ = u32();
    const std::uint64_t whole = u64();
    if (whole != bytes || bytes < least_file_bytes)
      return fail("it has " + std::to_string(bytes) + " bytes and was written with " + std::to_string(whole) +
                  "; copy it again");
    if (Xxh3::of(data_, bytes - 8) != read_u64(data_ + bytes - 8))
      return fail("it is damaged: its XXH3 is not what was written; copy it again, or export it again");
    end_ = bytes - 8;
    if (value_bytes_ != 4 && value_bytes_ != 8) fail("a value has " + std::to_string(value_bytes_) + " bytes, not 4 or 8");
  }

  const unsigned char* data_;
  std::size_t at_ = 0, end_;
  std::uint32_t value_bytes_ = 0;
  std::string trouble_;
};

}  // namespace jetpinn::edge
