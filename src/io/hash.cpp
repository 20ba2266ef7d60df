#include "jetpinn/io/hash.hpp"

#include "jetpinn/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t piece_bytes = std::int64_t{1} << 20;

class ReadFile {
 public:
  explicit ReadFile(const std::string& path) : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail();
  }
  ~ReadFile() { ::close(descriptor_); }
  ReadFile(const ReadFile&) = delete;
  ReadFile& operator=(const ReadFile&) = delete;

  // Bytes from `offset` on, until `piece` is full or the file ends.
  std::int64_t read(std::int64_t offset, std::vector<char>& piece) const {
    std::size_t done = 0;
    while (done < piece.size()) {
      const ssize_t count = ::pread(descriptor_, piece.data() + done, piece.size() - done,
                                    static_cast<off_t>(offset) + static_cast<off_t>(done));
      if (count == 0) break;
      if (count > 0) done += static_cast<std::size_t>(count);
      else if (errno != EINTR) fail();
    }
    return static_cast<std::int64_t>(done);
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(Status::storage, "cannot read " + path_ + ": " + std::strerror(errno) + "; check the file system");
  }

  const std::string& path_;
  int descriptor_;
};

}  // namespace

Hash::Hash() : state_(XXH3_createState(), [](XXH3_state_s* state) { XXH3_freeState(state); }) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

void Hash::add(const void* data, std::int64_t bytes) {
  XXH3_64bits_update(state_.get(), data, static_cast<std::size_t>(bytes));
}

std::uint64_t Hash::value() const { return XXH3_64bits_digest(state_.get()); }

std::uint64_t hash_of(const void* data, std::int64_t bytes) { return XXH3_64bits(data, static_cast<std::size_t>(bytes)); }

std::uint64_t hash_of(const void* data, std::int64_t bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, static_cast<std::size_t>(bytes), seed);
}

std::uint64_t hash_of(const std::string& text) { return hash_of(text.data(), static_cast<std::int64_t>(text.size())); }

std::uint64_t hash_of_file(const std::string& path) {
  const ReadFile file(path);
  Hash hash;
  std::vector<char> piece(static_cast<std::size_t>(piece_bytes));
  for (std::int64_t offset = 0;;) {
    const std::int64_t count = file.read(offset, piece);
    if (count == 0) return hash.value();
    hash.add(piece.data(), count);
    offset += count;
  }
}

std::int64_t file_pieces(std::int64_t bytes) { return (bytes + piece_bytes - 1) / piece_bytes; }

std::uint64_t hash_of_file_pieces(const std::string& path, RowRange pieces) {
  const ReadFile file(path);
  std::vector<char> piece(static_cast<std::size_t>(piece_bytes));
  std::uint64_t sum = 0;
  for (std::int64_t p = pieces.begin; p < pieces.end; ++p) {
    const std::int64_t offset = p * piece_bytes;
    sum += hash_of(piece.data(), file.read(offset, piece), static_cast<std::uint64_t>(offset));
  }
  return sum;
}

void check_file_size(const std::string& path, std::int64_t bytes) {
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble)) throw Error(Status::storage, path + ": there is no such file");
  const auto found = static_cast<std::int64_t>(std::filesystem::file_size(path, trouble));
  if (trouble || found != bytes)
    throw Error(Status::storage,
                path + ": it has " + std::to_string(found) + " bytes, " + std::to_string(bytes) + " were written");
}

void fail_damaged(const std::string& path, std::uint64_t found, std::uint64_t written) {
  throw Error(Status::storage,
              path + ": it is damaged (it has the hash " + hex(found) + ", " + hex(written) + " was written)");
}

std::string hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

}  // namespace jetpinn
