// Datasets of unsigned bytes, such as images.
#include "jetpinn/io/hdf5.hpp"

#include <hdf5.h>

namespace jetpinn::hdf5 {

void InputFile::read_bytes(const std::string& dataset, std::uint8_t* out) const {
  const Handle data = open(dataset), type(H5Dget_type(data.get()), close_type);
  if (!type.valid() || H5Tequal(type.get(), H5T_STD_U8LE) <= 0)
    fail(dataset, "it holds no unsigned bytes", "write it as uint8");
  if (H5Dread(data.get(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
    fail(dataset, "cannot be read (" + library_reason() + ")", "copy or write the file again");
}

void OutputFile::create_bytes(const std::string& dataset, const std::vector<std::int64_t>& shape) {
  flush_dataset(dataset, true, create_dataset(dataset, H5T_STD_U8LE, simple_space(shape), Layout::reserved));
}

void OutputFile::write_bytes(const std::string& dataset, std::int64_t first, std::int64_t count,
                             const std::uint8_t* values) {
  if (count == 0) return;
  const Handle data(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), close_dataset);
  const Handle to(data.valid() ? H5Dget_space(data.get()) : -1, close_space);
  check(to.valid(), "cannot write the dataset '" + dataset + "'");
  std::vector<hsize_t> extents(static_cast<std::size_t>(H5Sget_simple_extent_ndims(to.get())));
  H5Sget_simple_extent_dims(to.get(), extents.data(), nullptr);
  std::vector<hsize_t> begin(extents.size(), 0);
  begin[0] = static_cast<hsize_t>(first), extents[0] = static_cast<hsize_t>(count);
  const Handle from(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), close_space);
  const bool written = from.valid() &&
                       H5Sselect_hyperslab(to.get(), H5S_SELECT_SET, begin.data(), nullptr, extents.data(), nullptr) >= 0 &&
                       H5Dwrite(data.get(), H5T_NATIVE_UINT8, from.get(), to.get(), H5P_DEFAULT, values) >= 0;
  flush_dataset(dataset, written, data);
}

}  // namespace jetpinn::hdf5
