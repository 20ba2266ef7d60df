#include "jetpinn/io/hdf5_handles.hpp"

#include <hdf5.h>

#include <algorithm>
#include <utility>

namespace jetpinn::hdf5 {

static_assert(sizeof(hid_t) == sizeof(std::int64_t), "HDF5 1.10 or newer is needed");

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  close();
  id_ = std::exchange(other.id_, -1);
  close_ = other.close_;
  return *this;
}

bool Handle::close() noexcept {
  const std::int64_t id = std::exchange(id_, -1);
  return id < 0 || close_(id) >= 0;
}

int close_file(std::int64_t id) { return H5Fclose(id); }
int close_dataset(std::int64_t id) { return H5Dclose(id); }
int close_object(std::int64_t id) { return H5Oclose(id); }
int close_group(std::int64_t id) { return H5Gclose(id); }
int close_space(std::int64_t id) { return H5Sclose(id); }
int close_type(std::int64_t id) { return H5Tclose(id); }
int close_properties(std::int64_t id) { return H5Pclose(id); }
int close_attribute(std::int64_t id) { return H5Aclose(id); }

void tame_library() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

std::string library_reason() {
  std::string reason;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned depth, const H5E_error2_t* entry, void* data) -> herr_t {
        if (depth == 0 && entry->desc) *static_cast<std::string*>(data) = entry->desc;
        return 0;
      },
      &reason);
  // Of a failed write it tells time, file, buffer and sizes in several lines; the system's own words are in the middle.
  const std::string before = "error message = '";
  if (const std::size_t found = reason.find(before); found != std::string::npos) {
    const std::size_t begin = found + before.size();
    reason = reason.substr(begin, reason.find('\'', begin) - begin);
  }
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return reason.empty() ? "the HDF5 library gives no reason" : reason;
}

Handle simple_space(const std::vector<std::int64_t>& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), close_space};
}

bool select_rows(const Handle& space, std::int64_t first, std::int64_t count) {
  const hsize_t start = static_cast<hsize_t>(first), extent = static_cast<hsize_t>(count);
  return H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &start, nullptr, &extent, nullptr) >= 0;
}

}  // namespace jetpinn::hdf5
