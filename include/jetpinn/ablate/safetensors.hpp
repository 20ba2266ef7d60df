// Files of the format safetensors: eight bytes with the length of a header, the header as JSON, then the numbers
// (https://huggingface.co/docs/safetensors). Nothing in them is executed, and nothing is read before its place is checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct SafeTensor {
  std::string name, type;  // F64, F32, F16, BF16, or another that cannot be read here
  std::vector<std::int64_t> shape;
  std::int64_t begin = 0, end = 0;  // bytes of the file
};

class SafeTensorFile {
 public:
  // Reads the header. Throws Error (usage): truncated, no safetensors, a tensor that does not fit its place.
  explicit SafeTensorFile(const std::string& path);
  const std::string& path() const { return path_; }
  const std::vector<SafeTensor>& tensors() const { return tensors_; }  // in the order of their names
  const SafeTensor* find(const std::string& name) const;               // null: there is none
  // Its numbers; throws Error (usage) for a type that is none of the above.
  std::vector<float> read(const SafeTensor& tensor) const;

 private:
  std::string path_;
  std::vector<SafeTensor> tensors_;
};

}  // namespace jetpinn
