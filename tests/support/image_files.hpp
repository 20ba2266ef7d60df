// Small files in the formats of published sets of images.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace jetpinn::testing {

using Bytes = std::vector<std::uint8_t>;

inline void write_bytes(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// Records of CIFAR: the labels of an image, then 3072 bytes that say which image and which value it is.
inline Bytes cifar_records(const std::vector<Bytes>& labels) {
  Bytes bytes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    bytes.insert(bytes.end(), labels[i].begin(), labels[i].end());
    for (std::size_t k = 0; k < 3072; ++k) bytes.push_back(static_cast<std::uint8_t>(7 * i + k % 251));
  }
  return bytes;
}

// An IDX file of unsigned bytes.
inline Bytes idx_bytes(const std::vector<std::uint32_t>& extents, const Bytes& values) {
  Bytes bytes{0, 0, 8, static_cast<std::uint8_t>(extents.size())};
  for (const std::uint32_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(extent >> shift));
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

}  // namespace jetpinn::testing
