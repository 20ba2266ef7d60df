#include "jetpinn/io/hash.hpp"

#include "jetpinn/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

namespace jetpinn {

Hash::Hash() : state_(XXH3_createState(), [](XXH3_state_s* state) { XXH3_freeState(state); }) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

void Hash::add(const void* data, std::int64_t bytes) {
  XXH3_64bits_update(state_.get(), data, static_cast<std::size_t>(bytes));
}

std::uint64_t Hash::value() const { return XXH3_64bits_digest(state_.get()); }

std::uint64_t hash_of(const void* data, std::int64_t bytes) { return XXH3_64bits(data, static_cast<std::size_t>(bytes)); }

std::uint64_t hash_of(const std::string& text) { return hash_of(text.data(), static_cast<std::int64_t>(text.size())); }

std::uint64_t hash_of_file(const std::string& path) {
  const auto fail = [&] {
    throw Error(Status::storage, "cannot read " + path + ": " + std::strerror(errno) + "; check the file system");
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail();
  const std::unique_ptr<const int, void (*)(const int*)> closed(&descriptor, [](const int* file) { ::close(*file); });
  Hash hash;
  std::vector<char> piece(std::size_t{1} << 20);
  for (;;) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count == 0) return hash.value();
    if (count > 0) hash.add(piece.data(), count);
    else if (errno != EINTR) fail();
  }
}

std::string hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

}  // namespace jetpinn
