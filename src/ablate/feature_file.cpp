#include "jetpinn/ablate/feature_file.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t header_bytes = 128;

struct Header {
  char magic[8] = {'j', 'p', 'F', 'e', 'a', 't', 'u', 'r'};
  std::int32_t version = feature_version, value_bytes = 0;
  std::int64_t samples = 0, length = 0;
  std::uint64_t identity = 0, hash = 0;
  char padding[header_bytes - 48] = {};
};
static_assert(sizeof(Header) == header_bytes);

Header header_of(const FeatureShape& shape, std::uint64_t identity, std::uint64_t hash) {
  Header header;
  header.value_bytes = shape.fp64 ? 8 : 4;
  header.samples = shape.samples;
  header.length = shape.length;
  header.identity = identity;
  header.hash = hash;
  return header;
}

// A block's hash depends on its place.
std::uint64_t hash_of_block(std::int64_t block, const void* rows, std::int64_t bytes) {
  return hash_of(rows, bytes, static_cast<std::uint64_t>(block) + 1);
}

}  // namespace

std::string reserve_feature_file(const std::string& path, const FeatureShape& shape, std::string& trouble) {
  std::string temporary = path + ".part-XXXXXX";
  const int file = ::mkstemp(temporary.data());
  if (file < 0) {
    trouble = std::strerror(errno);
    return {};
  }
  ::fchmod(file, 0644);
  const int failure = ::posix_fallocate(file, 0, header_bytes + shape.samples * shape.row_bytes());
  ::close(file);
  if (failure == 0) return temporary;
  trouble = std::strerror(failure);
  std::remove(temporary.c_str());
  return {};
}

FeatureWriter::FeatureWriter(std::string path, const FeatureShape& shape)
    : path_(std::move(path)), shape_(shape), file_(::open(path_.c_str(), O_WRONLY | O_CLOEXEC)) {
  if (file_ < 0) fail_to_write(path_, errno);
}

FeatureWriter::~FeatureWriter() { ::close(file_); }

void FeatureWriter::write(std::int64_t block, const void* rows, std::int64_t count) {
  const std::int64_t bytes = count * shape_.row_bytes();
  write_bytes(file_, path_, rows, bytes, header_bytes + block * feature_block * shape_.row_bytes());
  hash_ += hash_of_block(block, rows, bytes);
}

void FeatureWriter::flush() {
  if (::fsync(file_) != 0) fail_to_write(path_, errno);
}

void finish_feature_file(const std::string& temporary, const std::string& path, const FeatureShape& shape,
                         std::uint64_t identity, std::uint64_t hash) {
  const Header header = header_of(shape, identity, hash);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) fail_to_write(temporary, errno);
  write_bytes(file, temporary, &header, header_bytes, 0);
  const bool flushed = ::fsync(file) == 0;
  const int failure = errno;
  ::close(file);
  if (!flushed) fail_to_write(temporary, failure);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail_to_write(path, errno);
}

FeatureFile::FeatureFile(const std::string& path, const FeatureShape& shape, std::uint64_t identity, std::string& trouble)
    : shape_(shape) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (file < 0 || ::fstat(file, &status) != 0) {
    trouble = std::strerror(errno);
    if (file >= 0) ::close(file);
    return;
  }
  const std::int64_t bytes = header_bytes + shape.samples * shape.row_bytes();
  Header header;
  const bool whole = status.st_size == bytes && ::pread(file, &header, header_bytes, 0) == header_bytes;
  const Header wanted = header_of(shape, identity, header.hash);
  if (!whole)
    trouble = fmt::format("it has {} bytes instead of {}", status.st_size, bytes);
  else if (header.version != feature_version && std::memcmp(header.magic, wanted.magic, sizeof header.magic) == 0)
    trouble = fmt::format("it is of version {}, not {}", header.version, feature_version);
  else if (std::memcmp(&header, &wanted, header_bytes) != 0)
    trouble = "its header is damaged";
  void* data =
      trouble.empty() ? ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  if (trouble.empty() && data == MAP_FAILED) trouble = std::strerror(errno);
  ::close(file);
  if (data == MAP_FAILED) return;
  data_ = data;
  bytes_ = static_cast<std::size_t>(bytes);
}

FeatureFile::~FeatureFile() {
  if (data_) ::munmap(data_, bytes_);
}

FeatureFile::FeatureFile(FeatureFile&& other) noexcept
    : shape_(other.shape_), data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

FeatureFile& FeatureFile::operator=(FeatureFile&& other) noexcept {
  std::swap(shape_, other.shape_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

void FeatureFile::rest() const { ::madvise(data_, bytes_, MADV_DONTNEED); }

const void* FeatureFile::rows() const { return static_cast<const char*>(data_) + header_bytes; }

bool FeatureFile::check() const {
  Header header;
  std::memcpy(&header, data_, header_bytes);
  std::uint64_t hash = 0;
  for (std::int64_t block = 0; block < shape_.blocks(); ++block) {
    const std::int64_t first = block * feature_block, count = std::min(feature_block, shape_.samples - first);
    hash += hash_of_block(block, static_cast<const char*>(rows()) + first * shape_.row_bytes(), count * shape_.row_bytes());
  }
  return hash == header.hash;
}

}  // namespace jetpinn
