// XXH3 (Y. Collet, xxHash 0.8, 64 bits): finds damage, not forgery.
#pragma once

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
std::uint64_t hash_of(const std::string& text);
std::uint64_t hash_of_file(const std::string& path);   // Error (storage)
std::string hex(std::uint64_t hash);                   // 16 digits

}  // namespace jetpinn
