// Buffers planned once: aligned pieces of a few large slabs, freed together. Counts what was given out.
#pragma once

#include "jetpinn/base/space.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

// Where slabs come from: the memory of a host or of a device.
class SlabSource {
 public:
  virtual ~SlabSource() = default;
  // Whole pages, zeroed, aligned to huge pages. Throws std::bad_alloc.
  virtual std::byte* take(std::int64_t bytes) = 0;
  // All of a slab or its end.
  virtual void give_back(std::byte* from, std::int64_t bytes) noexcept = 0;
};

SlabSource& host_slabs();

// What pools of every space do.
class Slabs {
 public:
  // planning: hands out places that nobody may read or write, to learn what the same code would take.
  enum class Use { memory, planning };
  Slabs(SlabSource& source, Use use) : source_(source), use_(use) {}
  ~Slabs();
  Slabs(const Slabs&) = delete;
  Slabs& operator=(const Slabs&) = delete;

  // Everything was allocated: what the last slab still holds goes back to the system. Later
  // pieces begin a slab of their own.
  void seal();

  bool planning() const { return use_ == Use::planning; }
  std::int64_t bytes() const { return bytes_; }     // given out so far
  std::int64_t unused() const { return left_; }     // held and given to nobody; what aligns pieces
                                                    // belongs to them. 0 after seal()

 protected:
  void* allocate_bytes(std::int64_t bytes);

 private:
  struct Slab {
    std::byte* data;
    std::int64_t size;
  };
  void add_slab(std::int64_t size);

  SlabSource& source_;
  const Use use_;
  std::vector<Slab> slabs_;
  std::byte* next_ = nullptr;
  std::int64_t left_ = 0, bytes_ = 0;
  int pieces_ = 0;
};

template <class Space>
class SpacePool : public Slabs {
 public:
  // Of a host's memory.
  explicit SpacePool(Use use = Use::memory) : Slabs(host_slabs(), use) {
    static_assert(Space::host, "a device's pool takes the device");
  }
  // Of a device's, which outlives the pool.
  explicit SpacePool(SlabSource& source, Use use = Use::memory) : Slabs(source, use) {}

  // Zeroed memory for `count` values of T, aligned to a cache line; valid as long as the pool.
  template <class T>
  Pointer<T, Space> allocate(std::int64_t count) {
    return Pointer<T, Space>(static_cast<T*>(allocate_bytes(count * static_cast<std::int64_t>(sizeof(T)))));
  }
};

using Pool = SpacePool<HostSpace>;

}  // namespace jetpinn
