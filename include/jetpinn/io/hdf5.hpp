// Thin owners of HDF5 files: identifiers close themselves, the library prints nothing, a failure is an Error with file, dataset and reason.
//
// Serial driver only: every rank may read, one rank writes. Nothing here is collective, so an error on one rank hangs nobody.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"

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

// A file to read. Every failure is an Error with status usage.
class InputFile {
 public:
  explicit InputFile(std::string path);
  const std::string& path() const { return path_; }

  std::vector<std::string> members() const;         // names at the root, sorted
  bool has(const std::string& dataset) const;       // a path like "layers/0/weight"

  // Extents of a dataset of floating-point numbers. Refuses other types, links to other files, virtual and external storage, values
  // that were never written, and sizes that cannot be right.
  std::vector<std::int64_t> shape(const std::string& dataset) const;
  // Rows first .. first + count - 1 of a 1-D dataset, converted to double. `out` has room for count numbers.
  void read_rows(const std::string& dataset, std::int64_t first, std::int64_t count, double* out) const;

  [[noreturn]] void fail(const std::string& dataset, const std::string& reason, const std::string& mend) const;

 private:
  Handle open(const std::string& dataset) const;
  std::string path_;
  Handle file_;
};

// A file to write: it appears at its path by commit(), until then it is a temporary twin. Failures have status `on_failure` while
// the file is created, storage afterwards.
class OutputFile {
 public:
  explicit OutputFile(std::string path, Status on_failure = Status::storage);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  const std::string& path() const { return atomic_.path(); }

  void create_group(const std::string& group);
  // 1-D doubles, chunked; rows are written later, each exactly once.
  void create_rows(const std::string& dataset, std::int64_t rows, std::int64_t chunk_rows);
  void write_rows(const std::string& dataset, std::int64_t first, std::int64_t count, const double* values);
  void write(const std::string& dataset, const std::vector<std::int64_t>& shape, const double* values);
  void write(const std::string& dataset, const std::vector<std::int64_t>& values);   // 1-D integers
  void write(const std::string& dataset, const std::vector<std::string>& texts);     // 1-D texts

  // object: "/", a group or a dataset. h5py reads them as str, float and array of str.
  void attribute(const std::string& object, const std::string& name, const std::string& text);
  void attribute(const std::string& object, const std::string& name, double value);
  void attribute(const std::string& object, const std::string& name, const std::vector<std::string>& texts);

  void commit();

 private:
  [[noreturn]] void fail(const std::string& what, Status status = Status::storage) const;
  void check(bool succeeded, const std::string& what) const {
    if (!succeeded) fail(what);
  }
  AtomicFile atomic_;
  Handle file_;
};

}  // namespace jetpinn::hdf5
