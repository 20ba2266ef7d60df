#include "jetpinn/io/dataset_check.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <set>

namespace jetpinn::hdf5 {
namespace {

// A byte of deflate stands for 1032 at most; the rest is for headers.
constexpr hsize_t largest_expansion = 1040;
// Beyond, products of extents might wrap; no file is as large.
constexpr hsize_t most_bytes = hsize_t{1} << 56;

class Check {
 public:
  Check(const InputFile& input, const std::string& dataset, std::int64_t file, std::int64_t data, bool integers)
      : input_(input),
        dataset_(dataset),
        data_(data),
        integers_(integers),
        layout_(H5Dget_create_plist(data), close_properties) {
    if (!layout_.valid() || H5Fget_filesize(file, &file_bytes_) < 0) fail("its header cannot be read");
  }

  std::vector<std::int64_t> shape() {
    check_place();   // first: the library opens the files of a virtual dataset as soon as it is asked for its extent
    check_filters();
    check_type();
    const std::vector<hsize_t> extents = read_extents();
    check_storage(extents);
    return {extents.begin(), extents.end()};
  }

 private:
  [[noreturn]] void fail(const std::string& reason, const std::string& mend = "copy or write the file again") const {
    input_.fail(dataset_, reason, mend);
  }

  void check_place() const {
    if (H5Pget_layout(layout_.get()) == H5D_VIRTUAL || H5Pget_external_count(layout_.get()) > 0)
      fail("its values lie in other files", "store the values in this file");
  }

  void check_filters() {
    std::set<H5Z_filter_t> seen;   // deflate of deflate could grow without bound
    for (int k = 0; k < H5Pget_nfilters(layout_.get()); ++k) {
      unsigned flags = 0, settings = 0;
      std::size_t values = 0;
      const H5Z_filter_t filter =
          H5Pget_filter2(layout_.get(), static_cast<unsigned>(k), &flags, &values, nullptr, 0, nullptr, &settings);
      const bool known = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32;
      if (!known || !seen.insert(filter).second)
        fail("it is stored through filter " + std::to_string(filter) + (known ? " twice" : ", which is not read here"),
             "write it with gzip, shuffle and fletcher32 or without filters");
    }
    deflated_ = seen.count(H5Z_FILTER_DEFLATE) > 0;
  }

  void check_type() {
    const Handle type(H5Dget_type(data_), close_type);
    if (!type.valid()) fail("its type cannot be read");
    const H5T_class_t kind = H5Tget_class(type.get());
    if (integers_ && (kind == H5T_INTEGER || kind == H5T_ENUM) && H5Tget_size(type.get()) <= 8) {
      value_bytes_ = H5Tget_size(type.get());
      return;
    }
    if (kind != H5T_FLOAT)
      fail(kind == H5T_INTEGER ? "it holds integers, not floating-point numbers" : "it holds no floating-point numbers",
           "write it as float64");
    for (const hid_t known : {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_IEEE_F32LE, H5T_IEEE_F32BE})
      if (H5Tequal(type.get(), known) > 0) value_bytes_ = H5Tget_size(type.get());
    if (value_bytes_ == 0) fail("it holds floating-point numbers of an unusual format", "write it as float64");
  }

  std::vector<hsize_t> read_extents() const {
    const Handle space(H5Dget_space(data_), close_space);
    if (!space.valid()) fail("its extent cannot be read");
    if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) fail("it is empty", "write its values");
    std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space.get()), 0)));
    H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
    return extents;
  }

  // Bytes of an array of values; refused where the file could not hold them.
  hsize_t bytes_of(const std::vector<hsize_t>& extents) const {
    hsize_t bytes = value_bytes_;
    for (const hsize_t extent : extents) {
      if (extent != 0 && bytes > most_bytes / extent) fail("its size cannot be right");
      bytes *= extent;
    }
    const hsize_t expansion = deflated_ ? largest_expansion : 1;
    if (bytes / expansion > file_bytes_)
      fail("it claims " + std::to_string(bytes / value_bytes_) + " values, more than a file of " +
           std::to_string(file_bytes_) + " bytes can hold");
    return bytes;
  }

  void check_storage(const std::vector<hsize_t>& extents) const {
    if (std::count(extents.begin(), extents.end(), hsize_t{0}) > 0) return;
    H5D_space_status_t allocated = H5D_SPACE_STATUS_ERROR;
    H5Dget_space_status(data_, &allocated);
    if (allocated == H5D_SPACE_STATUS_NOT_ALLOCATED) fail("none of its values was ever written");
    const hsize_t bytes = bytes_of(extents), stored = H5Dget_storage_size(data_);
    if (stored > file_bytes_) fail("its values reach beyond the end of the file");
    if (H5Pget_layout(layout_.get()) == H5D_CHUNKED) return check_chunks(extents);
    if (stored < bytes) fail("it claims more values than were written");
    const haddr_t begin = H5Dget_offset(data_);
    if (H5Pget_layout(layout_.get()) == H5D_CONTIGUOUS &&
        (begin == HADDR_UNDEF || begin > file_bytes_ || bytes > file_bytes_ - begin))
      fail("its values reach beyond the end of the file");
  }

  void check_chunks(const std::vector<hsize_t>& extents) const {
    std::vector<hsize_t> chunk(extents.size());
    if (H5Pget_chunk(layout_.get(), static_cast<int>(chunk.size()), chunk.data()) != static_cast<int>(extents.size()) ||
        std::count(chunk.begin(), chunk.end(), hsize_t{0}) > 0)
      fail("its chunks cannot be right");
    bytes_of(chunk);   // the library takes memory for one as a whole
    hsize_t wanted = 1, written = 0;
    for (std::size_t d = 0; d < chunk.size(); ++d) wanted *= (extents[d] - 1) / chunk[d] + 1;
    const Handle space(H5Dget_space(data_), close_space);
    if (H5Dget_num_chunks(data_, space.get(), &written) < 0) fail("its chunks cannot be listed");
    if (written != wanted) fail("some of its values were never written");
  }

  const InputFile& input_;
  const std::string& dataset_;
  std::int64_t data_;
  const bool integers_;
  Handle layout_;
  hsize_t file_bytes_ = 0, value_bytes_ = 0;
  bool deflated_ = false;
};

}  // namespace

std::vector<std::int64_t> checked_shape(const InputFile& input, const std::string& dataset, std::int64_t file,
                                        std::int64_t data, bool integers) {
  return Check(input, dataset, file, data, integers).shape();
}

bool asks_for_driver(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // A superblock stands at byte 0, 512, 1024, 2048, ... In versions 0 and 1 the driver's address
  // is the fourth one of its list.
  for (std::streamoff at = 0; file; at = at == 0 ? 512 : 2 * at) {
    std::array<unsigned char, 28 + 4 * 8> block{};
    file.seekg(at);
    file.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(block.size()));
    if (file.gcount() < 9) return false;   // no superblock: the library says so
    if (std::memcmp(block.data(), "\211HDF\r\n\032\n", 8) != 0) continue;
    const unsigned version = block[8], address_bytes = block[13];
    if (version > 1 || address_bytes > 8) return false;
    const auto driver = block.begin() + 24 + 4 * version + 3 * address_bytes;
    return std::any_of(driver, driver + address_bytes, [](unsigned char byte) { return byte != 0xFF; });
  }
  return false;
}

}  // namespace jetpinn::hdf5
