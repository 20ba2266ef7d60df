// The numbers of one representation of all samples, in a file: written by all ranks at once, read as memory.
//
// A header of 128 bytes, then [samples, length] in fp32 or fp64. A file appears under its name when it is whole; its header
// holds the sum of the hashes of its blocks, which whoever opens it compares.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

constexpr std::int64_t feature_block = 32;   // samples that one rank writes at once and that have a hash of their own
constexpr std::int32_t feature_version = 2;  // rises when the numbers of a representation become others

struct FeatureShape {
  std::int64_t samples = 0, length = 0;
  bool fp64 = false;
  std::int64_t row_bytes() const { return length * (fp64 ? 8 : 4); }
  std::int64_t blocks() const { return (samples + feature_block - 1) / feature_block; }
  bool operator==(const FeatureShape&) const = default;
};

// By one process: the temporary twin of a file at `path`, with room for all of it. Empty, and `trouble` says why, where the
// disk has none or the folder cannot be written.
std::string reserve_feature_file(const std::string& path, const FeatureShape& shape, std::string& trouble);

// By every rank, its blocks.
class FeatureWriter {
 public:
  FeatureWriter(std::string path, const FeatureShape& shape);  // of reserve_feature_file; Error (storage), as below
  ~FeatureWriter();
  FeatureWriter(const FeatureWriter&) = delete;
  FeatureWriter& operator=(const FeatureWriter&) = delete;

  void write(std::int64_t block, const void* rows, std::int64_t count);
  std::uint64_t hash() const { return hash_; }  // of the blocks that this rank wrote; the sum over ranks is that of the file
  void flush();

 private:
  std::string path_;
  FeatureShape shape_;
  int file_;
  std::uint64_t hash_ = 0;
};

// By one process, when all ranks have written: the header, then its name. `identity`: what the file's name was made of.
void finish_feature_file(const std::string& temporary, const std::string& path, const FeatureShape& shape,
                         std::uint64_t identity, std::uint64_t hash);

// A file mapped into memory: ranks of a machine share its pages. It stays whole when another process replaces or removes it.
class FeatureFile {
 public:
  FeatureFile() = default;
  // Header and size must be those of `shape` and `identity`; else `trouble` says what is wrong, and valid() is false. The
  // numbers themselves are compared by check(), which reads all of them.
  FeatureFile(const std::string& path, const FeatureShape& shape, std::uint64_t identity, std::string& trouble);
  ~FeatureFile();
  FeatureFile(FeatureFile&& other) noexcept;
  FeatureFile& operator=(FeatureFile&& other) noexcept;

  bool valid() const { return data_ != nullptr; }
  bool check() const;  // the hash of the numbers is that of the header
  const void* rows() const;
  // Gives the pages that were read back to the system, which counts them as this process's memory; rows() reads them again.
  void rest() const;

 private:
  FeatureShape shape_;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace jetpinn
