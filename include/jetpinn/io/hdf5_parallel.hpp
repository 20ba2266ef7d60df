// An HDF5 file into whose columns all ranks write at once, each its own rows.
//
// Rank 0 has made the file before (OutputFile::create_column, reserve_file): groups, datasets and their room on the disk are
// there. So nothing but values is written here, no rank decides anything alone, and closing has nothing left to do that
// could fail. Every call is collective, inside a scope that the watchdog sees: a rank that is lost in it is noticed as in
// any other collective. A rank whose own call fails must not leave before the others have heard of it: one
// Communicator::agree a call.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/hdf5_handles.hpp"

#include <cstdint>
#include <string>

namespace jetpinn::hdf5 {

// Takes room on the disk for every byte of a file that is there, so that a full disk is found by one process before all
// write. Error (storage).
void reserve_file(const std::string& path);

class SharedFile {
 public:
  SharedFile(const Communicator& communicator, std::string path);   // Error (storage), as all below
  ~SharedFile();
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  // From now on write() is about this dataset.
  void open(const std::string& dataset);
  // `count` values from row `first` on; a rank that has none left passes count 0.
  void write(std::int64_t first, std::int64_t count, const double* values);
  void commit();   // all that was written is on the disk, and the file is closed

 private:
  void check(bool succeeded, const std::string& what) const;

  std::string path_, dataset_;
  Handle file_, data_;
};

}  // namespace jetpinn::hdf5
