// Thin owners of HDF5 files: identifiers close themselves, the library prints nothing, a failure is an Error
// with file, dataset and reason.
//
// Serial driver only: every rank may read, one rank writes. Nothing here is collective, so an
// error on one rank hangs nobody. hdf5_parallel.hpp has what all ranks write together.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hdf5_handles.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn::hdf5 {

// A file to read. Every failure is an Error with status usage.
class InputFile {
 public:
  explicit InputFile(std::string path);
  const std::string& path() const { return path_; }

  std::vector<std::string> members() const;         // names at the root, sorted
  // Attributes of the root; empty where there is none of this name and kind (a whole text, one number).
  std::optional<std::string> text_attribute(const std::string& name) const;
  std::optional<double> number_attribute(const std::string& name) const;
  // A list of texts, or one text; empty where there is none.
  std::vector<std::string> texts_attribute(const std::string& name) const;
  bool has(const std::string& dataset) const;       // a path like "layers/0/weight"

  // Extents of a dataset of floating-point numbers. Refuses other types, links to other files,
  // and what dataset_check.hpp names.
  std::vector<std::int64_t> shape(const std::string& dataset) const;
  // The same where integers and truth values serve too.
  std::vector<std::int64_t> shape_of_any(const std::string& dataset) const;
  int value_bytes(const std::string& dataset) const;   // of a stored number: 8 (float64) or 4
  // Rows first .. first + count - 1 of a 1-D dataset, converted to double. `out` has room for count numbers.
  void read_rows(const std::string& dataset, std::int64_t first, std::int64_t count, double* out) const;
  // All numbers of a dataset of any rank, as many as its shape says.
  void read_all(const std::string& dataset, double* out) const;
  // All values of a dataset of unsigned bytes, as many as shape_of_any says. Refuses other types.
  void read_bytes(const std::string& dataset, std::uint8_t* out) const;

  // Where the values of a 1-D dataset lie, in the order of its rows: for whoever reads them without the library, which one
  // thread at a time may call. Refused where the file holds them in another way than memory does, as compressed ones.
  struct Piece {
    std::int64_t first = 0, rows = 0;
    std::int64_t offset = 0;  // byte of the file
  };
  std::vector<Piece> pieces(const std::string& dataset) const;

  // For files of our own: `dataset` is exactly what OutputFile writes for `count` values of this type, contiguous and wholly
  // in the file. Refused otherwise, and links on the way to it, before memory is taken.
  enum class Type { real, integer, text };   // [count] float64 | [count] int64 | count bytes of UTF-8
  void require(const std::string& dataset, Type type, std::int64_t count) const;
  // Values first .. first + count - 1 as they lie in the file. Texts are read whole. `require` comes first.
  void read(const std::string& dataset, Type type, std::int64_t first, std::int64_t count, void* out) const;

  [[noreturn]] void fail(const std::string& dataset, const std::string& reason, const std::string& mend) const;

 private:
  Handle open(const std::string& dataset) const;
  void require_in_file(const std::string& dataset, const Handle& data) const;
  std::string path_;
  Handle file_;
};

// A file to write: it appears at its path by commit(), until then it is a temporary twin. Groups on the way to
// a dataset are made with it. Equal calls give equal bytes. Failures have status `on_failure` while the file
// is created, storage afterwards.
class OutputFile {
 public:
  explicit OutputFile(std::string path, Status on_failure = Status::storage);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  const std::string& path() const { return atomic_.path(); }

  void create_group(const std::string& group);
  // 1-D doubles, chunked; rows are written later, each exactly once.
  void create_rows(const std::string& dataset, std::int64_t rows, std::int64_t chunk_rows);
  void write_rows(const std::string& dataset, std::int64_t first, std::int64_t count, const double* values);
  // 1-D doubles in one piece of the file, without values: for ranks that write them after commit() (hdf5_parallel.hpp).
  void create_column(const std::string& dataset, std::int64_t rows);
  void write(const std::string& dataset, const std::vector<std::int64_t>& shape, const double* values);
  void write(const std::string& dataset, const std::vector<std::int64_t>& values);   // 1-D integers
  void write(const std::string& dataset, const std::vector<std::string>& texts);     // 1-D texts
  void write_text(const std::string& dataset, const std::string& text);              // one text of fixed length, any bytes
  // Unsigned bytes [rows, ...] in one piece of the file, without values; rows are written later, each exactly once.
  void create_bytes(const std::string& dataset, const std::vector<std::int64_t>& shape);
  void write_bytes(const std::string& dataset, std::int64_t first, std::int64_t count, const std::uint8_t* values);

  // Everything that another file holds, its attributes too, as a new group.
  void copy_file(const std::string& path, const std::string& group);

  // object: "/", a group or a dataset. h5py reads them as str, float and array of str.
  void attribute(const std::string& object, const std::string& name, const std::string& text);
  void attribute(const std::string& object, const std::string& name, double value);
  void attribute(const std::string& object, const std::string& name, const std::vector<std::string>& texts);
  void attribute(const std::string& object, const std::string& name, const std::vector<std::int64_t>& values);

  void commit();

 private:
  [[noreturn]] void fail(const std::string& what, Status status = Status::storage) const;
  void check(bool succeeded, const std::string& what) const {
    if (!succeeded || failure_ != 0) fail(what);
  }
  enum class Layout { whole, chunks, reserved };   // reserved: in one piece, its place in the file taken at once
  Handle create_dataset(const std::string& dataset, std::int64_t type, const Handle& space, Layout layout = Layout::whole,
                        std::int64_t chunk_rows = 0);
  void flush_dataset(const std::string& dataset, bool written, const Handle& data);
  AtomicFile atomic_;
  int failure_ = 0;  // errno of the first access to the disk that failed
  Handle file_;
};

}  // namespace jetpinn::hdf5
