// One temporary folder for all ranks, removed by rank 0 when every rank is done with it.
#pragma once

#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <memory>
#include <string>

namespace jetpinn::testing {

class SharedFolder {
 public:
  SharedFolder() {
    Communicator& world = test::world();
    if (world.root()) folder_ = std::make_unique<TemporaryFolder>();
    path_ = world.broadcast("test", folder_ ? folder_->path() : std::string());
  }
  ~SharedFolder() { test::world().barrier("test"); }

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::unique_ptr<TemporaryFolder> folder_;   // rank 0
  std::string path_;
};

}  // namespace jetpinn::testing
