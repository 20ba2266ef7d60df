#include "jetpinn/comm/nccl_library.hpp"

#include "jetpinn/base/error.hpp"

#include <dlfcn.h>

#include <vector>

namespace jetpinn {
namespace {

constexpr const char* advice =
    "; name its folder in LD_LIBRARY_PATH, or sum by MPI: run.gradient_library = \"mpi\" (docs/communication.md)";

void* open_first(const std::vector<std::string>& names, const char* what) {
  std::string trouble;
  for (const std::string& name : names) {
    if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    if (trouble.empty()) trouble = dlerror();
  }
  throw Error(Status::usage, std::string(what) + " cannot be loaded: " + trouble + advice);
}

class Functions {
 public:
  Functions(void* handle, const char* library) : handle_(handle), library_(library) {}

  template <class Function>
  void find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(dlsym(handle_, name));
    if (!function)
      throw Error(Status::usage, std::string(library_) + " has no function " + name + ": it is older than NCCL " +
                                     nccl_version_text(oldest_nccl) + " and CUDA 11 need" + advice);
  }

 private:
  void* handle_;
  const char* library_;
};

void find_nccl(const Functions& from, NcclLibrary& library) {
  from.find("ncclGetUniqueId", library.get_unique_id);
  from.find("ncclGetErrorString", library.error_string);
  from.find("ncclGetLastError", library.last_error);
  from.find("ncclCommInitRankConfig", library.comm_init);
  from.find("ncclCommSplit", library.comm_split);
  from.find("ncclCommGetAsyncError", library.async_error);
  from.find("ncclCommFinalize", library.comm_finalize);
  from.find("ncclCommDestroy", library.comm_destroy);
  from.find("ncclCommAbort", library.comm_abort);
  from.find("ncclAllReduce", library.all_reduce);
  from.find("ncclReduce", library.reduce);
  from.find("ncclBroadcast", library.broadcast);
  from.find("ncclGroupStart", library.group_start);
  from.find("ncclGroupEnd", library.group_end);
}

void find_cuda(const Functions& from, NcclLibrary& library) {
  from.find("cudaGetErrorString", library.cuda_error_string);
  from.find("cudaGetDeviceCount", library.device_count);
  from.find("cudaSetDevice", library.set_device);
  from.find("cudaDeviceGetPCIBusId", library.pci_bus_id);
  from.find("cudaMalloc", library.device_malloc);
  from.find("cudaFree", library.device_free);
  from.find("cudaMallocHost", library.host_malloc);
  from.find("cudaFreeHost", library.host_free);
  from.find("cudaMemcpyAsync", library.copy);
  from.find("cudaStreamCreateWithFlags", library.stream_create);
  from.find("cudaStreamDestroy", library.stream_destroy);
  from.find("cudaStreamWaitEvent", library.stream_wait_event);
  from.find("cudaEventCreateWithFlags", library.event_create);
  from.find("cudaEventDestroy", library.event_destroy);
  from.find("cudaEventRecord", library.event_record);
  from.find("cudaEventQuery", library.event_query);
}

}  // namespace

std::string nccl_version_text(int version) {
  // Up to 2.8 a version is 1000 * major + 100 * minor + patch.
  const int unit = version < 10000 ? 1000 : 10000;
  return std::to_string(version / unit) + "." + std::to_string(version % unit / 100) + "." + std::to_string(version % 100);
}

NcclLibrary load_nccl(const NcclNames& names) {
  NcclLibrary library;
  const Functions nccl(open_first({names.nccl}, "NCCL"), "the NCCL library");
  nccl.find("ncclGetVersion", library.get_version);
  if (library.get_version(&library.version) != nccl::success || library.version < oldest_nccl)
    throw Error(Status::usage, "NCCL " + nccl_version_text(library.version) + " is too old: sums over ranks need " +
                                   nccl_version_text(oldest_nccl) + " or later" + advice);
  find_nccl(nccl, library);
  find_cuda(Functions(open_first(names.cuda, "CUDA's runtime library"), "CUDA's runtime library"), library);
  return library;
}

}  // namespace jetpinn
