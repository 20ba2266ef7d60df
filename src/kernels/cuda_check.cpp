#include "jetpinn/kernels/device_queue.hpp"

#include <cuda_runtime_api.h>

#include <string>

namespace jetpinn {

void check_cuda(int code, const char* what) {
  const auto error = static_cast<cudaError_t>(code);
  if (error == cudaSuccess) return;
  cudaGetLastError();  // the error is told here; what clears by itself must not fail the next call too
  throw Error(Status::communication, std::string("device cuda: ") + what + ": " + cudaGetErrorString(error) + " (" +
                                         cudaGetErrorName(error) + "); run it again to go on from its last checkpoint");
}

}  // namespace jetpinn
