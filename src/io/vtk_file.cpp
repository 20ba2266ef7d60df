#include "jetpinn/io/vtk_file.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t value_bytes = 8, length_bytes = 8;   // an array is its length in bytes, then its values
const std::string last_lines = "\n  </AppendedData>\n</VTKFile>\n";

}  // namespace

std::string VtkArrays::add(const std::string& name, Type type, std::int64_t tuples, int components) {
  const std::int64_t offset = bytes_, values = tuples * components;
  begins_.push_back(offset + length_bytes);
  values_.push_back(values);
  bytes_ += length_bytes + values * value_bytes;
  return fmt::format(R"(<DataArray type="{}" Name="{}" NumberOfComponents="{}" format="appended" offset="{}"/>)",
                     type == Type::real ? "Float64" : "Int64", xml_escaped(name), components, offset);
}

std::string xml_escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '&') result += "&amp;";
    else if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '"') result += "&quot;";
    else result += c;
  }
  return result;
}

VtkFile::VtkFile(std::string path, const std::string& text, const VtkArrays& arrays) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail_to_write(path_, errno);
  const std::string whole = text + "  <AppendedData encoding=\"raw\">\n   _";
  base_ = static_cast<std::int64_t>(whole.size());
  write_at(0, whole.data(), base_);
  for (std::size_t k = 0; k < arrays.count(); ++k) {
    const std::int64_t bytes = arrays.values(k) * value_bytes;
    write_at(base_ + arrays.begin(k) - length_bytes, &bytes, length_bytes);
  }
  write_at(base_ + arrays.bytes(), last_lines.data(), static_cast<std::int64_t>(last_lines.size()));
}

VtkFile::VtkFile(VtkFile&& other) noexcept
    : path_(std::move(other.path_)), base_(other.base_), descriptor_(std::exchange(other.descriptor_, -1)) {}

void VtkFile::write(const VtkArrays& arrays, std::size_t array, std::int64_t first, std::int64_t count, const void* values) {
  write_at(base_ + arrays.begin(array) + first * value_bytes, values, count * value_bytes);
}

void VtkFile::write_at(std::int64_t place, const void* data, std::int64_t bytes) {
  if (descriptor_ < 0 && (descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC)) < 0) fail_to_write(path_, errno);
  write_bytes(descriptor_, path_, data, bytes, place);
}

void VtkFile::release() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void VtkFile::finish() {
  if (descriptor_ < 0 && (descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC)) < 0) fail_to_write(path_, errno);
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail_to_write(path_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_to_write(path_, errno);
}

}  // namespace jetpinn
