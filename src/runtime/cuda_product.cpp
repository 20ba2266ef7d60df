#include "jetpinn/runtime/cuda_product.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/runtime/cuda_device.hpp"

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <map>
#include <string>
#include <type_traits>

namespace jetpinn {
namespace {

// The functions of cuBLASLt that products need, from the library of the version that this program was compiled for.
class Functions {
 public:
  Functions() {
    const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
    library_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_) {
      const char* reason = dlerror();
      throw Error(Status::usage, "device cuda: " + std::string(reason ? reason : name + " cannot be loaded") +
                                     "; add the folder of CUDA's libraries to LD_LIBRARY_PATH, or load the CUDA module");
    }
    find(create, "cublasLtCreate");
    find(destroy, "cublasLtDestroy");
    find(status_text, "cublasLtGetStatusString");
    find(layout_create, "cublasLtMatrixLayoutCreate");
    find(layout_destroy, "cublasLtMatrixLayoutDestroy");
    find(desc_create, "cublasLtMatmulDescCreate");
    find(desc_destroy, "cublasLtMatmulDescDestroy");
    find(desc_set, "cublasLtMatmulDescSetAttribute");
    find(preference_create, "cublasLtMatmulPreferenceCreate");
    find(preference_destroy, "cublasLtMatmulPreferenceDestroy");
    find(preference_set, "cublasLtMatmulPreferenceSetAttribute");
    find(heuristic, "cublasLtMatmulAlgoGetHeuristic");
    find(matmul, "cublasLtMatmul");
  }

  void check(cublasStatus_t status, const char* what) const {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw Error(Status::communication, std::string("device cuda: ") + what + ": cuBLASLt: " + status_text(status));
  }

  decltype(&cublasLtCreate) create = nullptr;
  decltype(&cublasLtDestroy) destroy = nullptr;
  decltype(&cublasLtGetStatusString) status_text = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&cublasLtMatmulDescCreate) desc_create = nullptr;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&cublasLtMatmul) matmul = nullptr;

 private:
  template <class F>
  void find(F*& function, const char* name) {
    function = reinterpret_cast<F*>(dlsym(library_, name));
    if (!function) throw Error(Status::usage, std::string("device cuda: cuBLASLt has no function ") + name);
  }
  void* library_ = nullptr;  // stays loaded: it has threads of its own
};

template <class T>
constexpr bool is_double = std::is_same_v<T, double>;
template <class T>
constexpr cudaDataType_t data_type = is_double<T> ? CUDA_R_64F : CUDA_R_32F;
template <class T>
constexpr cublasComputeType_t compute_type = is_double<T> ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F;

}  // namespace

struct CudaLibrary::Parts {
  Functions functions;
  cublasLtHandle_t handle = nullptr;
  void* workspace = nullptr;
};

CudaLibrary::CudaLibrary(CudaDevice& device) : parts_(std::make_unique<Parts>()) {
  parts_->functions.check(parts_->functions.create(&parts_->handle), "a handle for products");
  parts_->workspace = device.take(workspace_bytes);  // the device frees it
}

CudaLibrary::~CudaLibrary() { parts_->functions.destroy(parts_->handle); }

namespace {

// What one product of so many rows is to cuBLASLt. Its matrices are column-major: a row-major matrix is its own transpose
// there, so C = A B becomes Cᵀ = Bᵀ Aᵀ, with the factors exchanged and nothing transposed; C += Aᵀ B becomes Cᵀ += Bᵀ A.
class Plan {
 public:
  template <class T>
  Plan(const Functions& functions, cublasLtHandle_t handle, const ProductShape& s, std::int64_t rows, T)
      : functions_(functions) {
    const bool transposed = s.kind == ProductKind::accumulate;
    const auto check = [&](cublasStatus_t status) { functions.check(status, "a product's description"); };
    const auto layout = [&](cublasLtMatrixLayout_t& made, std::int64_t m, std::int64_t n, std::int64_t ld) {
      check(functions.layout_create(&made, data_type<T>, static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(n), ld));
    };
    check(functions.desc_create(&desc_, compute_type<T>, data_type<T>));
    const cublasOperation_t plain = CUBLAS_OP_N, second = transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    check(functions.desc_set(desc_, CUBLASLT_MATMUL_DESC_TRANSA, &plain, sizeof(plain)));
    check(functions.desc_set(desc_, CUBLASLT_MATMUL_DESC_TRANSB, &second, sizeof(second)));
    layout(first_, s.n, transposed ? rows : s.k, s.ldb);   // B, row-major [k or rows, n]
    layout(second_, s.k, rows, s.lda);                     // A, row-major [rows, k]
    layout(result_, s.n, transposed ? s.k : rows, s.ldc);  // C, row-major [rows or k, n]
    choose(handle, s, rows);
  }
  ~Plan() {
    for (cublasLtMatrixLayout_t made : {first_, second_, result_})
      if (made) functions_.layout_destroy(made);
    if (desc_) functions_.desc_destroy(desc_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  template <class T>
  void run(CudaLibrary::Parts& library, CUstream_st* stream, bool add, const T* a, const T* b, T* c) const {
    const T one = 1, beta = add ? 1 : 0;
    functions_.check(functions_.matmul(library.handle, desc_, &one, b, first_, a, second_, &beta, c, result_, c, result_,
                                       &chosen_.algo, library.workspace, CudaLibrary::workspace_bytes, stream),
                     "a product");
  }

 private:
  void choose(cublasLtHandle_t handle, const ProductShape& s, std::int64_t rows) {
    cublasLtMatmulPreference_t preference = nullptr;
    functions_.check(functions_.preference_create(&preference), "a product's algorithm");
    const auto set = [&](cublasLtMatmulPreferenceAttributes_t name, const auto& value) {
      functions_.check(functions_.preference_set(preference, name, &value, sizeof(value)), "a product's algorithm");
    };
    set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(CudaLibrary::workspace_bytes));
    // Parts of a sum in the workspace, added in a fixed order; those that are added in the result are added in any.
    set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    static_assert(pack_bytes % 16 == 0, "rows are padded to what is promised here");
    for (const auto name : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      set(name, std::uint32_t{16});
    int found = 0;
    const cublasStatus_t status =
        functions_.heuristic(handle, desc_, first_, second_, result_, result_, preference, 1, &chosen_, &found);
    functions_.preference_destroy(preference);
    if (status == CUBLAS_STATUS_SUCCESS && found > 0 && chosen_.state == CUBLAS_STATUS_SUCCESS) return;
    throw Error(Status::usage, std::string("device cuda: cuBLASLt offers no algorithm for the product ") +
                                   to_string(s.kind) + " " + std::to_string(s.k) + "x" + std::to_string(s.n) + " of " +
                                   std::to_string(rows) + " rows (" + functions_.status_text(status) + ")");
  }

  const Functions& functions_;
  cublasLtMatmulDesc_t desc_ = nullptr;
  cublasLtMatrixLayout_t first_ = nullptr, second_ = nullptr, result_ = nullptr;
  cublasLtMatmulHeuristicResult_t chosen_{};
};

}  // namespace

template <class T>
struct CudaProduct<T>::Plans {
  std::map<std::int64_t, Plan> by_rows;
};

template <class T>
CudaProduct<T>::CudaProduct(const ProductShape& shape) : shape_(shape), plans_(std::make_unique<Plans>()) {}
template <class T>
CudaProduct<T>::~CudaProduct() = default;

template <class T>
void CudaProduct<T>::operator()(Stream stream, std::int64_t rows, const T* a, const T* b, T* c) {
  if (rows == 0) return;
  CudaDevice& device = static_cast<CudaDevice&>(cuda_queue_of(stream));
  CudaLibrary::Parts& library = device.library().parts();
  const auto plan = plans_->by_rows.try_emplace(rows, library.functions, library.handle, shape_, rows, T{}).first;
  plan->second.run(library, device.native(), shape_.kind != ProductKind::multiply, a, b, c);
  device.count();
}

template class CudaProduct<float>;
template class CudaProduct<double>;

}  // namespace jetpinn
