// Where the dynamic linker looks for NCCL and CUDA's runtime.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// Names alone go through LD_LIBRARY_PATH and the system's folders. The first of `cuda` that is there is taken.
struct NcclNames {
  std::string nccl = "libnccl.so.2";
  std::vector<std::string> cuda = {"libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so"};
};

}  // namespace jetpinn
