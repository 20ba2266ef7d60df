#include "jetpinn/runtime/libtorch.hpp"

#include "jetpinn/base/error.hpp"

#include <dlfcn.h>

namespace jetpinn {
namespace {

// The module, or why it is not there.
struct Module {
  void* handle = nullptr;
  std::string trouble;
};

// By its name alone: the dynamic linker looks into LD_LIBRARY_PATH, then into the folders that this program names (its
// RUNPATH). Never unloaded, for LibTorch keeps threads and tables of its own.
Module load() {
  Module module;
  module.handle = dlopen("libjetpinn_libtorch.so", RTLD_NOW | RTLD_LOCAL);
  if (!module.handle) {
    module.trouble = dlerror();
    return module;
  }
  const auto start = reinterpret_cast<void (*)()>(dlsym(module.handle, "jetpinn_start_libtorch"));
  JETPINN_CHECK(start != nullptr, "the module of LibTorch is of another build");
  start();
  return module;
}

}  // namespace

const void* libtorch_symbol(const char* name, const std::string& purpose) {
  static const Module module = load();
  if (!module.handle)
    throw Error(Status::usage, "LibTorch cannot be loaded: " + module.trouble + "; " + purpose +
                                   " needs it: install jetpinn with LibTorch again, or name the folder of the missing " +
                                   "library in LD_LIBRARY_PATH (docs/install.md)");
  const void* symbol = dlsym(module.handle, name);
  JETPINN_CHECK(symbol != nullptr, std::string("the module of LibTorch is of another build: it has no ") + name);
  return symbol;
}

const LibtorchAlgebra& libtorch_algebra(const std::string& purpose) {
  return libtorch_table<LibtorchAlgebra>("jetpinn_libtorch_algebra", purpose);
}

}  // namespace jetpinn
