// Bytes of an array of a file for VTK: as they are, or as base64 (RFC 4648), compressed or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

inline constexpr std::uint64_t most_per_byte = 1040;  // deflate makes at most 1032 bytes of one

// Bytes in order. After the padding of base64 other base64 may follow: a header is often encoded by itself.
class VtkBytes {
 public:
  VtkBytes(std::string_view text, bool base64) : text_(text), base64_(base64) {}

  std::size_t at_most() const;              // so many are left, or fewer
  bool read(std::size_t count, char* out);  // false: there are not so many, or it is no base64

 private:
  bool decode_group();

  std::string_view text_;
  bool base64_;
  std::array<char, 3> group_{};  // decoded, of which the last ones are left
  std::size_t left_ = 0, size_ = 0;
};

// What an array's header and the bytes behind it hold, of which there have to be `wanted`. wide: numbers of the header have
// eight bytes. compressed: in blocks, by zlib. Sets `reason`, and returns nothing, where they do not.
std::vector<char> vtk_array_bytes(VtkBytes bytes, bool wide, bool compressed, std::uint64_t wanted, std::string& reason);

}  // namespace jetpinn
