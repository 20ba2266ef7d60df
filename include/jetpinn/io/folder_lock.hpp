// One process at a time trains in a run folder.
#pragma once

#include <string>

namespace jetpinn {

// Held from construction to destruction or the end of the process, however it ends. Advisory, by the file <folder>/.lock.
class FolderLock {
 public:
  // Throws Error (usage) naming the holder when another process trains there. Where the file system
  // has no locks, nothing is locked.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Another process holds the lock of this folder now. False where that cannot be known.
  static bool is_held(const std::string& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace jetpinn
