// Files as bytes, to damage them.
#pragma once

#include "support/world.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace jetpinn::testing {

// Rank 0 alone, the others wait until it is done.
template <class Work>
void on_root(const Work& work) {
  Communicator& world = test::world();
  if (world.root()) work();
  world.barrier("test");
}

inline std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put_bytes(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

inline void flip_bit(const std::string& file, std::uint64_t bit) {
  std::string bytes = bytes_of(file);
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  put_bytes(file, bytes);
}

}  // namespace jetpinn::testing
