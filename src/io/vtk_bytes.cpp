#include "jetpinn/io/vtk_bytes.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

namespace jetpinn {
namespace {

int value_of_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool is_base64_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Little-endian numbers of a header.
std::optional<std::uint64_t> read_number(VtkBytes& bytes, bool wide) {
  unsigned char digits[8] = {};
  const std::size_t count = wide ? 8 : 4;
  if (!bytes.read(count, reinterpret_cast<char*>(digits))) return {};
  std::uint64_t value = 0;
  for (std::size_t k = count; k-- > 0;) value = value << 8 | digits[k];
  return value;
}

std::vector<char> read_plain(VtkBytes& bytes, bool wide, std::uint64_t wanted, std::string& reason) {
  const std::optional<std::uint64_t> length = read_number(bytes, wide);
  if (!length || bytes.at_most() < *length) {
    reason = length ? fmt::format("it names {} bytes, and {} are there at most", *length, bytes.at_most())
                    : "it has no length in front of it";
    return {};
  }
  if (*length != wanted) {
    reason = fmt::format("it has {} bytes, and its points take {}", *length, wanted);
    return {};
  }
  std::vector<char> out(static_cast<std::size_t>(wanted));
  if (!bytes.read(out.size(), out.data())) reason = "its bytes end too early, or are no base64";
  return out;
}

struct CompressedBlocks {
  std::uint64_t size = 0, last = 0;       // of each, decoded; of the last one, 0: as the others
  std::vector<std::uint64_t> compressed;  // [blocks]
};

std::optional<CompressedBlocks> read_blocks(VtkBytes& bytes, bool wide) {
  const auto count = read_number(bytes, wide), size = read_number(bytes, wide), last = read_number(bytes, wide);
  if (!count || !size || !last || *count > bytes.at_most() / (wide ? 8 : 4)) return {};
  CompressedBlocks blocks{*size, *last, {}};
  for (std::uint64_t k = 0; k < *count; ++k) {
    const auto length = read_number(bytes, wide);
    if (!length) return {};
    blocks.compressed.push_back(*length);
  }
  return blocks;
}

// Each block by itself, behind the one before it.
std::vector<char> read_compressed(VtkBytes& bytes, bool wide, std::uint64_t wanted, std::string& reason) {
  const std::optional<CompressedBlocks> blocks = read_blocks(bytes, wide);
  reason = "the header of its compressed blocks is cut off or damaged";
  if (!blocks || wanted / most_per_byte > bytes.at_most()) return {};
  std::vector<char> out(static_cast<std::size_t>(wanted)), packed;
  std::uint64_t done = 0;
  for (std::size_t k = 0; k < blocks->compressed.size(); ++k) {
    const bool shorter = k + 1 == blocks->compressed.size() && blocks->last != 0;
    const std::uint64_t size = shorter ? blocks->last : blocks->size;
    if (size > wanted - done || blocks->compressed[k] > bytes.at_most()) return {};
    packed.resize(static_cast<std::size_t>(blocks->compressed[k]));
    auto length = static_cast<uLongf>(size);
    const bool good = bytes.read(packed.size(), packed.data()) &&
                      ::uncompress(reinterpret_cast<Bytef*>(out.data() + done), &length,
                                   reinterpret_cast<const Bytef*>(packed.data()), static_cast<uLong>(packed.size())) == Z_OK;
    if (!good || length != size) {
      reason = fmt::format("its block {} is no whole block of zlib", k + 1);
      return {};
    }
    done += size;
  }
  reason = done == wanted ? "" : fmt::format("its blocks hold {} bytes, and its points take {}", done, wanted);
  return out;
}

}  // namespace

std::size_t VtkBytes::at_most() const { return (size_ - left_) + (base64_ ? text_.size() / 4 * 3 : text_.size()); }

bool VtkBytes::decode_group() {
  std::uint32_t bits = 0;
  int digits = 0, padding = 0;
  while (digits + padding < 4) {
    if (text_.empty()) return false;
    const char c = text_.front();
    text_.remove_prefix(1);
    if (is_base64_blank(c)) continue;
    const int value = c == '=' ? 0 : value_of_digit(c);
    if (value < 0 || (padding > 0 && c != '=')) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    (c == '=' ? padding : digits) += 1;
  }
  if (padding > 2) return false;
  for (std::size_t k = 0; k < 3; ++k) group_[k] = static_cast<char>(bits >> (16 - 8 * k) & 255);
  left_ = 0;
  size_ = static_cast<std::size_t>(3 - padding);
  return true;
}

bool VtkBytes::read(std::size_t count, char* out) {
  if (!base64_) {
    if (count > text_.size()) return false;
    if (count > 0) std::memcpy(out, text_.data(), count);
    text_.remove_prefix(count);
    return true;
  }
  while (count > 0) {
    if (left_ == size_ && !decode_group()) return false;
    const std::size_t taken = std::min(count, size_ - left_);
    std::memcpy(out, group_.data() + left_, taken);
    left_ += taken;
    out += taken;
    count -= taken;
  }
  return true;
}

std::vector<char> vtk_array_bytes(VtkBytes bytes, bool wide, bool compressed, std::uint64_t wanted, std::string& reason) {
  return compressed ? read_compressed(bytes, wide, wanted, reason) : read_plain(bytes, wide, wanted, reason);
}

}  // namespace jetpinn
