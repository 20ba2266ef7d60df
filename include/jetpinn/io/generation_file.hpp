// A column of numbers on disk in several generations, for one that is larger than memory and changes while a run reads it:
// generation g stands in place g modulo the number of places, so that writing one leaves those just before it as they were.
//
// The rows of a generation lie in blocks of block_points, each with a hash of its bytes in which generation and block are
// seeds, and the run that the file belongs to: a block that was written later, partly, or by another run is noticed when it
// is read. Rows that no block was written of are noticed too. The run's number stands behind all blocks. Ranks read and
// write blocks of their own, also on two threads.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

class GenerationFile {
 public:
  // Makes the file, in place of what is there, and takes its room on the disk. Throws Error (storage).
  static void create(const std::string& path, std::int64_t rows, std::int64_t places, std::int64_t run);
  static std::int64_t bytes(std::int64_t rows, std::int64_t places);

  // Throws Error (storage) where the file is not there or has another size.
  GenerationFile(std::string path, std::int64_t rows, std::int64_t places);
  GenerationFile(const GenerationFile&) = delete;
  GenerationFile& operator=(const GenerationFile&) = delete;
  ~GenerationFile();

  std::int64_t places() const { return places_; }
  std::int64_t run() const { return run_; }  // with which the file was made
  // rows: whole blocks, up to the last row. Throws Error (storage).
  void read(std::int64_t generation, RowRange rows, double* out) const;
  void write(std::int64_t generation, RowRange rows, const double* values) const;
  void flush() const;  // what this process has written is on the disk

 private:
  std::int64_t offset_of(std::int64_t generation, std::int64_t row) const;

  std::string path_;
  std::int64_t rows_, places_, run_ = 0;
  int descriptor_ = -1;
};

}  // namespace jetpinn
