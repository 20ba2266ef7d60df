// Identifiers of the HDF5 library that close themselves, and what all users of the library need of it. Names of the library
// itself stay in sources.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn::hdf5 {

// An identifier of the library (hid_t), closed by the function that fits its kind.
class Handle {
 public:
  using Close = int (*)(std::int64_t);
  Handle() = default;
  Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { close(); }

  std::int64_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  bool close() noexcept;   // false where the library failed, for example because the disk is full

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

int close_file(std::int64_t id);
int close_dataset(std::int64_t id);
int close_object(std::int64_t id);
int close_group(std::int64_t id);
int close_space(std::int64_t id);
int close_type(std::int64_t id);
int close_properties(std::int64_t id);
int close_attribute(std::int64_t id);

// To be called before a file is opened: the library prints its error stack by default; its last lines go into our own
// messages instead. And no file shall make it load programs that the file names as its filters.
void tame_library();

// The innermost entry of the error stack that says something: where the failure began.
std::string library_reason();

Handle simple_space(const std::vector<std::int64_t>& shape);
bool select_rows(const Handle& space, std::int64_t first, std::int64_t count);   // of a 1-D space

}  // namespace jetpinn::hdf5
