// A file of bytes in memory, with messages that say where in it something is wrong.
#pragma once

#include <cstdint>
#include <string>

namespace jetpinn {

class ByteFile {
 public:
  // Throws Error (usage) where the file cannot be read. kind: "CIFAR-10", for messages.
  ByteFile(std::string path, const std::string& kind);

  const std::string& path() const { return path_; }
  std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size()); }
  const std::uint8_t* at(std::int64_t offset) const { return reinterpret_cast<const std::uint8_t*>(bytes_.data()) + offset; }
  std::uint32_t big_endian(std::int64_t offset) const;     // 32 bits; the file is long enough
  std::uint32_t little_endian(std::int64_t offset) const;  // the same
  std::uint32_t crc32() const;                             // of all of it, as gzip has it (RFC 1952)
  std::string sha1() const;                                // the same by RFC 3174, 40 hexadecimal digits

  [[noreturn]] void fail(const std::string& reason, const std::string& mend) const;  // Error (usage)

 private:
  std::string path_, bytes_;
};

}  // namespace jetpinn
