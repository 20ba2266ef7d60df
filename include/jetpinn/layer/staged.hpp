// An array that kernels compute with where their space is and that the host fills and reads.
//
// On a host both sides are one. On a device the host's side is a copy: give() sends it, as the stream comes to it, so that
// it may be changed again only when the stream was waited for; fetch() waits.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

template <class T, class Space>
class Staged {
 public:
  // Zeros, from the pool.
  void allocate(SpacePool<Space>& pool, std::int64_t count) {
    there_ = pool.template allocate<T>(count);
    if constexpr (!Space::host) {
      if (!pool.planning()) here_.resize(static_cast<std::size_t>(count));
    }
  }
  // Room for as many, made when it is first wanted; on a host beside the pool.
  void make_room(SpacePool<Space>& pool, std::int64_t count) {
    if (count <= static_cast<std::int64_t>(here_.size())) return;
    here_.resize(static_cast<std::size_t>(count));
    if constexpr (Space::host) there_ = here_.data();
    else there_ = pool.template allocate<T>(count);
  }
  bool made() const { return there_ != Pointer<T, Space>(nullptr); }

  Pointer<T, Space> there() const { return there_; }
  T* here() {
    if constexpr (Space::host) return there_;
    else return here_.data();
  }
  void give(Stream stream) const {
    if constexpr (!Space::host) copy(stream, here_.data(), there_, static_cast<std::int64_t>(here_.size()));
  }
  // The first `count`, as make(T* values) writes them; on a device as copy_made has it, and never here.
  template <class Make>
  void give_made(Stream stream, std::int64_t count, const Make& make) {
    if constexpr (Space::host) make(there_);
    else copy_made(stream, make, there_, count);
  }
  void fetch(Stream stream) {
    if constexpr (!Space::host) {
      copy(stream, there_, here_.data(), static_cast<std::int64_t>(here_.size()));
      stream.record().wait();
    }
  }

 private:
  Pointer<T, Space> there_ = nullptr;
  std::vector<T> here_;
};

// What lies there, for the host to read: itself on a host, or copied to `mirror`, after waiting for it.
template <class T>
const T* read_back(Stream, const T* there, std::int64_t, std::vector<T>&) {
  return there;
}
template <class T, class Space>
const T* read_back(Stream stream, DevicePointer<T, Space> there, std::int64_t count, std::vector<T>& mirror) {
  mirror.resize(static_cast<std::size_t>(count));
  copy(stream, there, mirror.data(), count);
  stream.record().wait();
  return mirror.data();
}

}  // namespace jetpinn
