// Buffers planned once: aligned pieces of a few large slabs, freed together. Counts what was given out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Zeroed memory for `count` values of T, aligned to a cache line; valid as long as the pool.
  template <class T>
  T* allocate(std::int64_t count) {
    return static_cast<T*>(allocate_bytes(count * static_cast<std::int64_t>(sizeof(T))));
  }
  std::int64_t bytes() const { return bytes_; }   // given out so far

 private:
  struct Free {
    void operator()(std::byte* slab) const;
  };
  void* allocate_bytes(std::int64_t bytes);

  std::vector<std::unique_ptr<std::byte, Free>> slabs_;
  std::byte* next_ = nullptr;
  std::int64_t left_ = 0, bytes_ = 0;
  int pieces_ = 0;
};

}  // namespace jetpinn
