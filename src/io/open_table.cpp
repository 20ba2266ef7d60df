#include "jetpinn/io/open_table.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/point_table.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace jetpinn {
namespace {

struct FileMark {
  std::int64_t bytes = 0, written_ns = 0;
};

FileMark mark_of(int descriptor) {
  struct stat found {};
  if (::fstat(descriptor, &found) != 0) return {};
  return {found.st_size, static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec};
}

}  // namespace

struct OpenTable::Column {
  std::string name;
  bool single = false;
  std::vector<hdf5::InputFile::Piece> pieces;  // ascending
};

OpenTable::OpenTable(std::string path, std::vector<std::string> columns) : path_(std::move(path)) {
  const PointTableReader table(path_, columns);
  const hdf5::InputFile file(path_);
  rows_ = table.rows();
  for (std::string& name : columns) {
    const bool single = table.single(name);
    std::vector<hdf5::InputFile::Piece> pieces = file.pieces(name);
    columns_.push_back({std::move(name), single, std::move(pieces)});
  }
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw Error(Status::usage, "cannot read " + path_ + ": " + std::strerror(errno));
  const FileMark mark = mark_of(descriptor_);
  bytes_ = mark.bytes;
  written_ns_ = mark.written_ns;
}

OpenTable::~OpenTable() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

const std::string& OpenTable::name(std::size_t column) const { return columns_[column].name; }

bool OpenTable::single(std::size_t column) const { return columns_[column].single; }

// float32 is read to the end of where its doubles will stand, and widened from the front.
void OpenTable::read(std::size_t which, std::int64_t first, std::int64_t count, double* out) const {
  const Column& column = columns_[which];
  const std::int64_t end = first + count;
  auto piece = std::upper_bound(column.pieces.begin(), column.pieces.end(), first,
                                [](std::int64_t row, const hdf5::InputFile::Piece& of) { return row < of.first; });
  for (--piece; first < end; ++piece) {
    const std::int64_t rows = std::min(piece->first + piece->rows, end) - first, from = first - piece->first;
    if (column.single) {
      float* narrow = reinterpret_cast<float*>(out) + rows;
      read_bytes(descriptor_, path_, narrow, rows * static_cast<std::int64_t>(sizeof(float)),
                 piece->offset + from * static_cast<std::int64_t>(sizeof(float)));
      for (std::int64_t i = 0; i < rows; ++i) {
        float value;
        std::memcpy(&value, narrow + i, sizeof value);
        out[i] = static_cast<double>(value);
      }
    } else {
      read_bytes(descriptor_, path_, out, rows * static_cast<std::int64_t>(sizeof(double)),
                 piece->offset + from * static_cast<std::int64_t>(sizeof(double)));
    }
    out += rows;
    first += rows;
  }
}

bool OpenTable::changed() const {
  const FileMark now = mark_of(descriptor_);
  return now.bytes != bytes_ || now.written_ns != written_ns_;
}

}  // namespace jetpinn
