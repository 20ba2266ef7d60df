#include "jetpinn/io/hdf5_parallel.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <fcntl.h>
#include <hdf5.h>
#include <mpi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace jetpinn::hdf5 {
namespace {

constexpr const char* hdf5_phase = "checkpoint columns";

}  // namespace

void reserve_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) fail_to_write(path, errno);
  struct stat known {};
  int code = ::fstat(descriptor, &known) == 0 ? 0 : errno;
  if (code == 0 && known.st_size > 0) code = ::posix_fallocate(descriptor, 0, known.st_size);
  if (code == 0 && ::fsync(descriptor) != 0) code = errno;
  ::close(descriptor);
  if (code != 0) fail_to_write(path, code);
}

SharedFile::SharedFile(const Communicator& communicator, std::string path) : path_(std::move(path)) {
  tame_library();
  const CollectiveScope scope(hdf5_phase);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), close_properties);
  H5Pset_fapl_mpio(access.get(), *static_cast<MPI_Comm*>(communicator.native()), MPI_INFO_NULL);
  file_ = Handle(H5Fopen(path_.c_str(), H5F_ACC_RDWR, access.get()), close_file);
  check(file_.valid(), "cannot open the file to write");
}

SharedFile::~SharedFile() {
  const CollectiveScope scope(hdf5_phase);
  data_.close();
  file_.close();
}

void SharedFile::check(bool succeeded, const std::string& what) const {
  if (!succeeded)
    throw Error(Status::storage, path_ + ": " + what + ": " + library_reason() +
                                     "; check that its folder exists, may be written and has space left");
}

void SharedFile::open(const std::string& dataset) {
  const CollectiveScope scope(hdf5_phase);
  dataset_ = dataset;
  data_ = Handle(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), close_dataset);
  check(data_.valid(), "cannot open the dataset '" + dataset + "'");
}

void SharedFile::write(std::int64_t first, std::int64_t count, const double* values) {
  const CollectiveScope scope(hdf5_phase);
  const Handle to(H5Dget_space(data_.get()), close_space), from = simple_space({count});
  const Handle transfer(H5Pcreate(H5P_DATASET_XFER), close_properties);
  H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE);
  const double none = 0;   // the library asks for an address also where there is nothing to write
  const bool selected = count > 0 ? select_rows(to, first, count) : H5Sselect_none(to.get()) >= 0;
  const bool written =
      H5Dwrite(data_.get(), H5T_NATIVE_DOUBLE, from.get(), to.get(), transfer.get(), count > 0 ? values : &none) >= 0;
  check(selected && written, "cannot write the dataset '" + dataset_ + "'");
}

void SharedFile::commit() {
  const CollectiveScope scope(hdf5_phase);
  const bool flushed = H5Fflush(file_.get(), H5F_SCOPE_LOCAL) >= 0, closed = data_.close() && file_.close();
  check(flushed && closed, "cannot write the file");
}

}  // namespace jetpinn::hdf5
