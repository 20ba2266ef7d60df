#include "jetpinn/optim/placed_vector.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

PlacedVector::PlacedVector(std::int64_t size, VectorDevice* device)
    : device_(device), here_(device ? 0 : static_cast<std::size_t>(size)) {
  if (!device_) return;
  make_room(size);
  size_ = size;
  current_ = Current::there;
}

PlacedVector::~PlacedVector() {
  if (there_) device_->give_back(there_);  // which waits for what still reads the side here
}

PlacedVector& PlacedVector::operator=(const PlacedVector& other) {
  if (this == &other) return *this;
  if (!device_) device_ = other.device_;
  if (device_ && device_ == other.device_) {
    make_room(other.size());
    size_ = other.size();
    if (size_ > 0) copy_vector(other.place(), RealPlace(device_, there_), size_);
    current_ = Current::there;
  } else {
    open() = other.values();
  }
  return *this;
}

PlacedVector& PlacedVector::operator=(PlacedVector&& other) {
  if (device_ && device_ != other.device_) return *this = other;
  swap(other);
  return *this;
}

void PlacedVector::swap(PlacedVector& other) noexcept {
  std::swap(device_, other.device_);
  here_.swap(other.here_);
  std::swap(there_, other.there_);
  std::swap(room_, other.room_);
  std::swap(size_, other.size_);
  std::swap(current_, other.current_);
  std::swap(sent_, other.sent_);
}

// On the device as long as there is room, so that nothing is fetched.
void PlacedVector::resize(std::int64_t size) {
  if (current_ != Current::here && size <= room_) {
    size_ = size;
    current_ = Current::there;
  } else {
    open().resize(static_cast<std::size_t>(size));
  }
}

const std::vector<double>& PlacedVector::values() const {
  if (current_ != Current::there) return here_;
  sent_.wait();
  here_.resize(static_cast<std::size_t>(size_));
  device_->download(there_, here_.data(), size_);
  current_ = Current::both;
  return here_;
}

std::vector<double>& PlacedVector::open() {
  values();
  sent_.wait();
  current_ = Current::here;
  return here_;
}

void PlacedVector::make_room(std::int64_t size) const {
  if (size <= room_) return;
  if (there_) device_->give_back(std::exchange(there_, nullptr));
  there_ = device_->take(size);
  room_ = size;
}

void PlacedVector::send() const {
  if (current_ != Current::here) return;
  const auto size = static_cast<std::int64_t>(here_.size());
  make_room(size);
  sent_ = device_->upload(here_.data(), there_, size);
  current_ = Current::both;
}

ConstRealPlace PlacedVector::place() const {
  if (!device_) return here_.data();
  send();
  return {device_, there_};
}

RealPlace PlacedVector::place() {
  if (!device_) return here_.data();
  size_ = size();
  send();
  current_ = Current::there;
  return {device_, there_};
}

}  // namespace jetpinn
