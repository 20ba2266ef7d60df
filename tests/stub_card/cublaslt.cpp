// cuBLASLt's products as its documentation defines them, column-major, by plain loops on the memory of the stub of a card.
#include "stub_card/stream.hpp"

#include <cublasLt.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

[[noreturn]] void wrong(const char* what) {
  std::fprintf(stderr, "stub of cuBLASLt: %s\n", what);
  std::abort();
}

struct Layout {
  std::uint64_t rows, columns;
  std::int64_t ld;
};
struct Desc {
  cudaDataType_t type;
  cublasOperation_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
};

void require_alignment(const void* matrix, std::int64_t ld, std::size_t size) {
  if (reinterpret_cast<std::uintptr_t>(matrix) % 16 != 0 || static_cast<std::size_t>(ld) * size % 16 != 0)
    wrong("a matrix is not aligned to 16 bytes, as was promised");
}

template <class T>
void multiply(const Desc& desc, T alpha, const T* a, const Layout& la, const T* b, const Layout& lb, T beta, T* c,
              const Layout& lc) {
  const bool a_plain = desc.a == CUBLAS_OP_N, b_plain = desc.b == CUBLAS_OP_N;
  const std::uint64_t m = a_plain ? la.rows : la.columns, inner = a_plain ? la.columns : la.rows,
                      n = b_plain ? lb.columns : lb.rows;
  if (inner != (b_plain ? lb.rows : lb.columns) || lc.rows != m || lc.columns != n) wrong("the shapes do not fit");
  for (const Layout* layout : {&la, &lb, &lc})
    if (static_cast<std::uint64_t>(layout->ld) < layout->rows) wrong("a leading dimension is below the rows");
  require_alignment(a, la.ld, sizeof(T));
  require_alignment(b, lb.ld, sizeof(T));
  require_alignment(c, lc.ld, sizeof(T));
  const auto at = [](const T* matrix, const Layout& layout, bool plain, std::uint64_t i, std::uint64_t j) {
    const auto ld = static_cast<std::uint64_t>(layout.ld);
    return plain ? matrix[i + j * ld] : matrix[j + i * ld];
  };
  for (std::uint64_t j = 0; j < n; ++j) {
    T* column = c + j * static_cast<std::uint64_t>(lc.ld);
    for (std::uint64_t i = 0; i < m; ++i) column[i] = beta == 0 ? T(0) : beta * column[i];
    for (std::uint64_t k = 0; k < inner; ++k) {
      const T factor = alpha * at(b, lb, b_plain, k, j);
      for (std::uint64_t i = 0; i < m; ++i) column[i] += at(a, la, a_plain, i, k) * factor;
    }
  }
}

// Descriptions and factors are those of the call; the matrices are read and written when the stream comes to it.
template <class T>
void multiply(cudaStream_t stream, const Desc& desc, const void* alpha, const void* a, cublasLtMatrixLayout_t la,
              const void* b, cublasLtMatrixLayout_t lb, const void* beta, void* c, cublasLtMatrixLayout_t lc) {
  const auto layout = [](cublasLtMatrixLayout_t opaque) { return *reinterpret_cast<const Layout*>(opaque); };
  stub_give(stream, [=, one = *static_cast<const T*>(alpha), kept = *static_cast<const T*>(beta), of_a = layout(la),
                     of_b = layout(lb), of_c = layout(lc)] {
    multiply<T>(desc, one, static_cast<const T*>(a), of_a, static_cast<const T*>(b), of_b, kept, static_cast<T*>(c), of_c);
  });
}

}  // namespace

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  return *handle = static_cast<cublasLtHandle_t>(std::malloc(1)), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) { return std::free(handle), CUBLAS_STATUS_SUCCESS; }
const char* cublasLtGetStatusString(cublasStatus_t) { return "a status of the stub"; }
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType, std::uint64_t rows,
                                          std::uint64_t columns, std::int64_t ld) {
  *layout = reinterpret_cast<cublasLtMatrixLayout_t>(new Layout{rows, columns, ld});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete reinterpret_cast<Layout*>(layout);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t compute, cudaDataType_t type) {
  if (compute != (type == CUDA_R_64F ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F)) wrong("sums of another type");
  *desc = reinterpret_cast<cublasLtMatmulDesc_t>(new Desc{type});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  delete reinterpret_cast<Desc*>(desc);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t name,
                                              const void* value, std::size_t bytes) {
  if (bytes != sizeof(cublasOperation_t)) wrong("an attribute of another size");
  Desc& described = *reinterpret_cast<Desc*>(desc);
  cublasOperation_t& operation = name == CUBLASLT_MATMUL_DESC_TRANSA ? described.a : described.b;
  std::memcpy(&operation, value, sizeof(operation));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return *preference = static_cast<cublasLtMatmulPreference_t>(std::malloc(1)), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return std::free(preference), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t, cublasLtMatmulPreferenceAttributes_t name,
                                                    const void*, std::size_t bytes) {
  if (bytes != (name == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES ? 8u : 4u)) wrong("a preference of another size");
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int, cublasLtMatmulHeuristicResult_t* results,
                                              int* found) {
  *results = {};
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void* alpha, const void* a,
                              cublasLtMatrixLayout_t la, const void* b, cublasLtMatrixLayout_t lb, const void* beta,
                              const void* c, cublasLtMatrixLayout_t lc, void* d, cublasLtMatrixLayout_t,
                              const cublasLtMatmulAlgo_t*, void*, std::size_t, cudaStream_t stream) {
  if (c != d) wrong("a product is written elsewhere than it is added to");
  const Desc& described = *reinterpret_cast<const Desc*>(desc);
  if (described.type == CUDA_R_64F)
    multiply<double>(stream, described, alpha, a, la, b, lb, beta, d, lc);
  else
    multiply<float>(stream, described, alpha, a, la, b, lb, beta, d, lc);
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
