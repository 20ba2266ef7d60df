// XXH3 (Y. Collet, xxHash 0.8, 64 bits): finds damage, not forgery.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <memory>
#include <string>

struct XXH3_state_s;

namespace jetpinn {

// Of bytes that come in pieces.
class Hash {
 public:
  Hash();
  void add(const void* data, std::int64_t bytes);
  std::uint64_t value() const;

 private:
  std::unique_ptr<XXH3_state_s, void (*)(XXH3_state_s*)> state_;
};

std::uint64_t hash_of(const void* data, std::int64_t bytes);
std::uint64_t hash_of(const void* data, std::int64_t bytes, std::uint64_t seed);   // another function for each seed
std::uint64_t hash_of(const std::string& text);
std::uint64_t hash_of_file(const std::string& path);   // Error (storage)
std::string hex(std::uint64_t hash);                   // 16 digits

// A file in pieces that several processes hash at once: the sum of the pieces' hashes, each with its place in the file for a
// seed, over any number of ranges that make up the whole. Wraps. Error (storage).
std::int64_t file_pieces(std::int64_t bytes);
std::uint64_t hash_of_file_pieces(const std::string& path, RowRange pieces);

// Throws Error (storage) where no regular file is at `path` or it has another size than was written.
void check_file_size(const std::string& path, std::int64_t bytes);
[[noreturn]] void fail_damaged(const std::string& path, std::uint64_t found, std::uint64_t written);   // Error (storage)

}  // namespace jetpinn
