// Products on a CUDA card, by cuBLASLt, in the numbers' own type: fp64, and fp32 without TF32. Builds with JETPINN_CUDA.
//
// For every number of rows cuBLASLt's first proposal is taken, which depends on the shape, the card and the library alone,
// among algorithms whose sums have a fixed order. So a run repeats its bits on the same card and library.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace jetpinn {

class CudaDevice;

inline constexpr const char* cuda_backend = "cublaslt";  // its name in a ProductChoice

// The library's handle and workspace, of one stream. Throws Error (usage) where the library cannot be loaded: it is loaded
// when the first product is made, so that the program starts on machines without it.
class CudaLibrary {
 public:
  explicit CudaLibrary(CudaDevice& device);
  ~CudaLibrary();
  struct Parts;
  Parts& parts() { return *parts_; }
  static constexpr std::int64_t workspace_bytes = std::int64_t{32} << 20;

 private:
  std::unique_ptr<Parts> parts_;
};

template <class T>
class CudaProduct {
 public:
  explicit CudaProduct(const ProductShape& shape);
  ~CudaProduct();
  // As Product, on the stream of a CudaDevice; addresses are the card's, aligned to 16 bytes with their leading dimensions.
  void operator()(Stream stream, std::int64_t rows, const T* a, const T* b, T* c);

 private:
  struct Plans;  // by the number of rows
  const ProductShape shape_;
  std::unique_ptr<Plans> plans_;
};

}  // namespace jetpinn
