// What memory this process may still take, and taking it for a moment to see that it is really there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace jetpinn {

// What the control groups of this process leave, versions 1 and 2: the least over its own group and all groups
// around it, files that the kernel may drop counted as free. The largest number where there is no limit. The paths
// are those of Linux, but for tests.
std::int64_t left_in_control_groups(const std::string& root = "/sys/fs/cgroup",
                                    const std::string& membership = "/proc/self/cgroup");

// What the limit on this process' address space (ulimit -v) leaves; the largest number where there is none.
std::int64_t address_space_left_bytes();

// Takes `bytes` of memory, touches every page and gives it back when destroyed; the peak of resident memory does not keep
// it. Throws Error (usage) where the memory is not there.
//
// Takes it in pieces and looks before each of them at what machine and control groups have left: a system that overcommits
// promises any amount and kills the process that uses it. What is held by several ranks at once is there for all of them. It
// cannot promise that nobody else takes the memory after it was given back, nor that another process does not take the last
// piece between the look and the touch.
class MemoryReservation {
 public:
  explicit MemoryReservation(std::int64_t bytes);
  ~MemoryReservation();
  MemoryReservation(const MemoryReservation&) = delete;
  MemoryReservation& operator=(const MemoryReservation&) = delete;

  void* data() const { return data_; }   // aligned to a page; null for 0 bytes

 private:
  void give_back() noexcept;

  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace jetpinn
