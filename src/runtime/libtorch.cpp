#include "jetpinn/runtime/libtorch.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"

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
  void* handle = dlopen("libjetpinn_libtorch.so", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    module.trouble = dlerror();
    return module;
  }
  const auto* built_for = static_cast<const char* const*>(dlsym(handle, "jetpinn_libtorch_version"));
  if (!built_for || std::string(*built_for) != version) {
    module.trouble = std::string("libjetpinn_libtorch.so is that of jetpinn ") +
                     (built_for ? *built_for : "of unknown version") + ", not of " + version;
    return module;
  }
  const auto start = reinterpret_cast<void (*)()>(dlsym(handle, "jetpinn_start_libtorch"));
  JETPINN_CHECK(start != nullptr, "the module of LibTorch is of another build");
  start();
  module.handle = handle;
  return module;
}

const Module& loaded(const std::string& purpose) {
  static const Module module = load();
  if (module.handle) return module;
  throw Error(Status::usage, "LibTorch cannot be loaded: " + module.trouble + "; " + purpose +
                                 " needs it: install jetpinn with LibTorch again, or name the folder of the missing " +
                                 "library in LD_LIBRARY_PATH (docs/install.md)");
}

}  // namespace

void load_libtorch(const std::string& purpose) { loaded(purpose); }

const void* libtorch_symbol(const char* name, const std::string& purpose) {
  const void* symbol = dlsym(loaded(purpose).handle, name);
  JETPINN_CHECK(symbol != nullptr, std::string("the module of LibTorch is of another build: it has no ") + name);
  return symbol;
}

const LibtorchAlgebra& libtorch_algebra(const std::string& purpose) {
  return libtorch_table<LibtorchAlgebra>("jetpinn_libtorch_algebra", purpose);
}

}  // namespace jetpinn
