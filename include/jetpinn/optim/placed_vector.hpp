// A vector over parameters that lies where it is computed with, and that the host can ask for.
//
// On the host it is a std::vector. On a device it has a side there and a side here, and knows which is current: asking for
// one side to read brings it up to date, asking for it to write makes the other side stale. What a checkpoint saves and
// restores is the side here, so state() of whoever owns one asks for that: it is fetched before it is saved, and what was
// restored is sent when the device is asked for next.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace jetpinn {

class PlacedVector {
 public:
  PlacedVector() = default;
  // Zeros. A device outlives its vectors.
  explicit PlacedVector(std::int64_t size, VectorDevice* device = nullptr);
  PlacedVector(std::vector<double> values) : here_(std::move(values)) {}
  PlacedVector(std::initializer_list<double> values) : here_(values) {}
  ~PlacedVector();

  // A copy lies where the original does. A vector that lies on a device already stays on it.
  PlacedVector(const PlacedVector& other) { *this = other; }
  PlacedVector(PlacedVector&& other) noexcept { swap(other); }
  PlacedVector& operator=(const PlacedVector& other);
  PlacedVector& operator=(PlacedVector&& other);

  std::int64_t size() const { return current_ == Current::there ? size_ : static_cast<std::int64_t>(here_.size()); }
  bool empty() const { return size() == 0; }
  void resize(std::int64_t size);  // what is added is zero, or anything where the vector was longer before
  void clear() { resize(0); }

  const std::vector<double>& values() const;  // here, to read; waits for the device
  std::vector<double>& open();                // here, to read and write, until the vector is used on its device again
  RealSlice slice() { return {open().data(), size()}; }

  ConstRealPlace place() const;  // where it is computed with, to read
  RealPlace place();             // and to write
  operator ConstRealPlace() const { return place(); }
  operator RealPlace() { return place(); }

 private:
  enum class Current { here, there, both };
  void swap(PlacedVector& other) noexcept;
  void send() const;
  void make_room(std::int64_t size) const;

  VectorDevice* device_ = nullptr;  // null: the host, and the side here is the current one
  mutable std::vector<double> here_;
  mutable DeviceVector there_ = nullptr;
  mutable std::int64_t room_ = 0;  // there
  std::int64_t size_ = 0;          // there, where that side alone is current
  mutable Current current_ = Current::here;
  mutable Event sent_;  // the side here is read by the device until then
};

}  // namespace jetpinn
