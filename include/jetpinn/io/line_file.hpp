// A file that gets a line after the other while others read it: a log.
#pragma once

#include <string>

namespace jetpinn {

class LineFile {
 public:
  // `append` adds to what is there. Throws Error (usage).
  LineFile(std::string path, bool append);
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  // Without its end. Throws Error (storage) where it cannot be written: then nothing of it is left, and the next one can be.
  void add(const std::string& line) const;

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace jetpinn
