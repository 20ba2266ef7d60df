// Disks that are full, for one process or for several of them.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace jetpinn::testing {

// A disk of some KiB in place of a folder, seen by this thread and by those of other processes that join it. valid() is
// false where this process may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& folder) : folder_(folder) {
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("none", folder.c_str(), "tmpfs", 0, "size=8m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool valid() const { return mounted_; }
  void leave_free(std::int64_t kib) const {   // 0 would mean no limit
    const std::filesystem::space_info space = std::filesystem::space(folder_);
    const std::int64_t used = static_cast<std::int64_t>(space.capacity - space.available) / 1024;
    const std::string size = "size=" + std::to_string(used + kib) + "k";
    EXPECT_EQ(::mount("none", folder_.c_str(), nullptr, MS_REMOUNT, size.c_str()), 0);
  }

 private:
  std::string folder_;
  bool mounted_ = false;
};

// This thread sees the disks that another process of this machine mounted, until it is destroyed.
class JoinedMounts {
 public:
  explicit JoinedMounts(int pid)
      : folder_(std::filesystem::current_path()), own_(::open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)) {
    const int other = ::open(("/proc/" + std::to_string(pid) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC);
    valid_ = own_ >= 0 && other >= 0 && ::unshare(CLONE_FS) == 0 && ::setns(other, CLONE_NEWNS) == 0;
    if (other >= 0) ::close(other);
  }
  ~JoinedMounts() {
    if (valid_) {
      EXPECT_EQ(::setns(own_, CLONE_NEWNS), 0);
      std::filesystem::current_path(folder_);   // it went to the root with the mounts
    }
    if (own_ >= 0) ::close(own_);
  }
  JoinedMounts(const JoinedMounts&) = delete;
  JoinedMounts& operator=(const JoinedMounts&) = delete;
  bool valid() const { return valid_; }

 private:
  std::filesystem::path folder_;
  int own_;
  bool valid_ = false;
};

}  // namespace jetpinn::testing
