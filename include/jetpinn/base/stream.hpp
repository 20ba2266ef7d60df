// The queue that kernels and collectives are ordered on: a CUDA stream on a GPU, nothing on a CPU.
#pragma once

namespace jetpinn {

struct Stream {
  void* handle = nullptr;
};

}  // namespace jetpinn
