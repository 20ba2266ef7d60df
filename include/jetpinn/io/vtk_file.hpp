// VTK XML files (.vti, .vtp): a text, then arrays as raw bytes, which may be written in pieces and in any order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// The arrays behind the text of a file, in their order. All values have eight bytes.
class VtkArrays {
 public:
  enum class Type : char { real, integer };   // Float64, Int64
  // Puts an array behind those before it; returns its element for the text.
  std::string add(const std::string& name, Type type, std::int64_t tuples, int components = 1);

  std::size_t count() const { return values_.size(); }
  std::int64_t values(std::size_t array) const { return values_[array]; }
  std::int64_t begin(std::size_t array) const { return begins_[array]; }   // byte of its first value behind the text
  std::int64_t bytes() const { return bytes_; }                            // of all

 private:
  std::vector<std::int64_t> begins_, values_;
  std::int64_t bytes_ = 0;
};

// Text as it may stand in an attribute.
std::string xml_escaped(const std::string& text);

// A file of XML with an element AppendedData behind `text`, which opens <VTKFile> and leaves it open. One rank
// writes. Throws Error (storage).
class VtkFile {
 public:
  VtkFile(std::string path, const std::string& text, const VtkArrays& arrays);
  ~VtkFile() { release(); }
  VtkFile(VtkFile&& other) noexcept;
  VtkFile(const VtkFile&) = delete;
  VtkFile& operator=(const VtkFile&) = delete;

  const std::string& path() const { return path_; }
  // Values first .. first + count - 1 of an array, all components counted: doubles, or integers of 64 bits.
  void write(const VtkArrays& arrays, std::size_t array, std::int64_t first, std::int64_t count, const void* values);
  void release() noexcept;   // gives the descriptor back until the next write: there may be many files
  void finish();             // flushes to the disk and closes

 private:
  void write_at(std::int64_t place, const void* data, std::int64_t bytes);
  std::string path_;
  std::int64_t base_ = 0;   // byte of the first array's length
  int descriptor_ = -1;
};

}  // namespace jetpinn
