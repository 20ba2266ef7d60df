#include "jetpinn/io/generation_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/hash.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t of_block = block_points + 1;  // numbers, the hash among them
constexpr std::int64_t number = sizeof(double);

std::int64_t blocks_in(std::int64_t rows) { return (rows + block_points - 1) / block_points; }

// Of the rows of a block that is the `block`-th, in a generation of a run.
std::uint64_t hash_of_block(const double* values, std::int64_t rows, std::int64_t run, std::int64_t generation,
                            std::int64_t block) {
  const std::int64_t place[] = {run, generation, block};
  return hash_of(values, rows * number, hash_of(place, sizeof place));
}

// Where the run's number stands.
std::int64_t bytes_of_blocks(std::int64_t rows, std::int64_t places) { return places * blocks_in(rows) * of_block * number; }

void close_file(int descriptor) {
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace

std::int64_t GenerationFile::bytes(std::int64_t rows, std::int64_t places) { return bytes_of_blocks(rows, places) + number; }

void GenerationFile::create(const std::string& path, std::int64_t rows, std::int64_t places, std::int64_t run) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_to_write(path, errno);
  int code = EINTR;
  while (code == EINTR) code = ::posix_fallocate(descriptor, 0, bytes(rows, places));
  if (code == EINVAL || code == EOPNOTSUPP)  // a file system that gives no room ahead
    code = ::ftruncate(descriptor, bytes(rows, places)) == 0 ? 0 : errno;
  if (code == 0) code = code_of_writing(descriptor, &run, sizeof run, bytes_of_blocks(rows, places));
  if (code == 0 && ::fsync(descriptor) != 0) code = errno;
  close_file(descriptor);
  flush_folder(std::filesystem::path(path).parent_path().string());
  if (code == 0) return;
  ::unlink(path.c_str());
  fail_to_write(fmt::format("{} ({:.3g} GiB)", path, static_cast<double>(bytes(rows, places)) / 1073741824.0), code);
}

GenerationFile::GenerationFile(std::string path, std::int64_t rows, std::int64_t places)
    : path_(std::move(path)), rows_(rows), places_(places) {
  std::error_code trouble;  // is told of below
  if (std::filesystem::file_size(path_, trouble) == static_cast<std::uintmax_t>(bytes_of_blocks(rows, places)))
    throw Error(Status::storage, path_ +
                                     " has no number of a run at its end: an older version of jetpinn wrote it, or it was "
                                     "cut off; go on with that version, put back the file that this run wrote, or begin "
                                     "anew with --force");
  try {
    check_file_size(path_, bytes(rows, places));
  } catch (const Error& error) {
    throw Error(error.status(),
                std::string(error.what()) + "; put back the file that this run wrote, or begin anew with --force");
  }
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0)
    throw Error(Status::storage, "cannot open " + path_ + ": " + std::strerror(errno) + "; check the file system");
  try {
    read_bytes(descriptor_, path_, &run_, number, bytes_of_blocks(rows_, places_));
  } catch (...) {
    close_file(descriptor_);
    throw;
  }
}

GenerationFile::~GenerationFile() { close_file(descriptor_); }

std::int64_t GenerationFile::offset_of(std::int64_t generation, std::int64_t row) const {
  return ((generation % places_) * blocks_in(rows_) + row / block_points) * of_block * number;
}

void GenerationFile::read(std::int64_t generation, RowRange rows, double* out) const {
  std::vector<double> records(static_cast<std::size_t>(blocks_in(rows.count()) * of_block));
  read_bytes(descriptor_, path_, records.data(), static_cast<std::int64_t>(records.size()) * number,
             offset_of(generation, rows.begin));
  for (std::int64_t first = 0, record = 0; first < rows.count(); first += block_points, record += of_block) {
    const std::int64_t count = std::min(block_points, rows.count() - first);
    const double* values = records.data() + record;
    std::uint64_t written;
    std::memcpy(&written, values + block_points, sizeof written);
    if (written != hash_of_block(values, count, run_, generation, (rows.begin + first) / block_points))
      throw Error(Status::storage,
                  fmt::format("{} does not hold the numbers of rows {} to {} that this run has to go on with: they were "
                              "damaged, or overwritten by later steps; go on from a newer checkpoint, or begin anew with "
                              "--force",
                              path_, rows.begin + first, rows.begin + first + count - 1));
    std::copy_n(values, count, out + first);
  }
}

void GenerationFile::write(std::int64_t generation, RowRange rows, const double* values) const {
  std::vector<double> records(static_cast<std::size_t>(blocks_in(rows.count()) * of_block));
  for (std::int64_t first = 0, record = 0; first < rows.count(); first += block_points, record += of_block) {
    const std::int64_t count = std::min(block_points, rows.count() - first);
    std::copy_n(values + first, count, records.data() + record);
    const std::uint64_t hash = hash_of_block(values + first, count, run_, generation, (rows.begin + first) / block_points);
    std::memcpy(records.data() + record + block_points, &hash, sizeof hash);
  }
  write_bytes(descriptor_, path_, records.data(), static_cast<std::int64_t>(records.size()) * number,
              offset_of(generation, rows.begin));
}

void GenerationFile::flush() const {
  if (::fdatasync(descriptor_) != 0) fail_to_write(path_, errno);
}

}  // namespace jetpinn
