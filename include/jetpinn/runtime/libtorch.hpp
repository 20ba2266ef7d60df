// LibTorch, loaded when something asks for it. All code that includes its headers (src/libtorch) is a module, the shared
// library jetpinn_libtorch beside the program: loading it takes some 0.3 s of a core and 110 MiB, which `check` and most
// trainings do without.
#pragma once

#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace jetpinn {

// What LibTorch, once loaded, takes of a process's memory, in bytes: measured with 2.11.0 on a CPU.
constexpr std::int64_t libtorch_bytes = std::int64_t{112} << 20;

// What asks for it, in the words of load_libtorch's error.
namespace libtorch_purposes {
inline constexpr const char* reference = "the reference engine";
inline constexpr const char* product = "a back end of matrix products";
inline constexpr const char* solve = "a dense solve (natural gradient, first fit)";
inline constexpr const char* basis = "a basis of eigenvectors (soap)";
inline constexpr const char* images = "a model that classifies images";
}  // namespace libtorch_purposes

// Loads the module, once, with one thread for LibTorch. Throws Error (usage) where it cannot be loaded or is of another
// version; `purpose` says what needs it.
void load_libtorch(const std::string& purpose);

// The address of what the module defines as `name`, with C linkage; loads it first. Throws as load_libtorch.
const void* libtorch_symbol(const char* name, const std::string& purpose);

// A table of functions of the module, by the name that its definition has.
template <class Table>
const Table& libtorch_table(const char* name, const std::string& purpose) {
  return *static_cast<const Table*>(libtorch_symbol(name, purpose));
}

// Dense linear algebra. Matrices are [n, n], row-major, and hold finite numbers.
struct LibtorchAlgebra {
  std::unique_ptr<Product<float>> (*product_fp32)(const ProductShape&);
  std::unique_ptr<Product<double>> (*product_fp64)(const ProductShape&);
  bool (*solve)(const double* a, double* b, std::int64_t n);  // b becomes x of A x = b; false: A is not positive definite
  void (*to_eigenvectors)(double* a, std::int64_t n);         // as runtime/eigenbasis.hpp says
  void (*to_orthonormal_columns)(double* a, std::int64_t n);
};
const LibtorchAlgebra& libtorch_algebra(const std::string& purpose);

}  // namespace jetpinn

// Defined in the module.
extern "C" const jetpinn::LibtorchAlgebra jetpinn_libtorch_algebra;
