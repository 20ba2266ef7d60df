// Buffers planned once: aligned pieces of a few large slabs, freed together. Counts what was given out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class Pool {
 public:
  // planning: hands out places that nobody may read or write, to learn what the same code would take.
  enum class Use { memory, planning };
  explicit Pool(Use use = Use::memory) : use_(use) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Zeroed memory for `count` values of T, aligned to a cache line; valid as long as the pool.
  template <class T>
  T* allocate(std::int64_t count) {
    return static_cast<T*>(allocate_bytes(count * static_cast<std::int64_t>(sizeof(T))));
  }
  // Everything was allocated: what the last slab still holds goes back to the system. Later
  // pieces begin a slab of their own.
  void seal();

  bool planning() const { return use_ == Use::planning; }
  std::int64_t bytes() const { return bytes_; }     // given out so far
  std::int64_t unused() const { return left_; }     // held and given to nobody; what aligns pieces
                                                    // belongs to them. 0 after seal()

 private:
  struct Slab {
    std::byte* data;
    std::int64_t size;
  };
  void* allocate_bytes(std::int64_t bytes);
  void add_slab(std::int64_t size);

  const Use use_;
  std::vector<Slab> slabs_;
  std::byte* next_ = nullptr;
  std::int64_t left_ = 0, bytes_ = 0;
  int pieces_ = 0;
};

}  // namespace jetpinn
