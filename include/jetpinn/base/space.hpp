// Where memory lies, as part of a pointer's type: host code that reads or writes a device's memory does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace jetpinn {

struct HostSpace {
  static constexpr bool host = true;
  static constexpr const char* name = "cpu";
};

// A device without a GPU, to prove the device code on any machine: memory whose pages the host may not touch outside kernels
// and copies, a queue that runs nothing before somebody waits for it (runtime/emulated_device.hpp).
struct EmulatedSpace {
  static constexpr bool host = false;
  static constexpr const char* name = "emulated";
};

// An address on a device. It can be moved along and compared; what lies there is for kernels and copies, which ask for
// address().
template <class T, class Space>
class DevicePointer {
 public:
  constexpr DevicePointer() = default;
  constexpr DevicePointer(std::nullptr_t) {}
  constexpr explicit DevicePointer(T* address) : address_(address) {}
  // A pointer to constants from one to variables.
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  constexpr DevicePointer(DevicePointer<U, Space> other) : address_(other.address()) {}

  constexpr T* address() const { return address_; }
  constexpr explicit operator bool() const { return address_ != nullptr; }
  constexpr DevicePointer operator+(std::int64_t offset) const { return DevicePointer(address_ + offset); }
  constexpr DevicePointer& operator+=(std::int64_t offset) { return address_ += offset, *this; }
  constexpr bool operator==(DevicePointer other) const { return address_ == other.address_; }
  constexpr bool operator!=(DevicePointer other) const { return address_ != other.address_; }

 private:
  T* address_ = nullptr;
};

// T* on the host.
template <class T, class Space>
using Pointer = std::conditional_t<Space::host, T*, DevicePointer<T, Space>>;

// For kernels: the address itself, whatever the space.
template <class T>
constexpr T* address_of(T* pointer) {
  return pointer;
}
template <class T, class Space>
constexpr T* address_of(DevicePointer<T, Space> pointer) {
  return pointer.address();
}

}  // namespace jetpinn
