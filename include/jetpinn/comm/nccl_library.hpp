// NCCL and CUDA's runtime, loaded when a run asks for sums on GPUs: one program serves machines with and without them.
#pragma once

#include "jetpinn/comm/nccl.hpp"
#include "jetpinn/comm/nccl_names.hpp"

#include <string>

namespace jetpinn {

// The functions of both; none is null.
struct NcclLibrary {
  int version = 0;  // 10000 * major + 100 * minor + patch, from 2.9 on

  nccl::GetVersion* get_version = nullptr;
  nccl::GetUniqueId* get_unique_id = nullptr;
  nccl::GetErrorString* error_string = nullptr;
  nccl::GetLastError* last_error = nullptr;
  nccl::CommInitRankConfig* comm_init = nullptr;
  nccl::CommSplit* comm_split = nullptr;
  nccl::CommGetAsyncError* async_error = nullptr;
  nccl::CommFinalize* comm_finalize = nullptr;
  nccl::CommDestroy* comm_destroy = nullptr;
  nccl::CommAbort* comm_abort = nullptr;
  nccl::AllReduce* all_reduce = nullptr;
  nccl::Reduce* reduce = nullptr;
  nccl::Broadcast* broadcast = nullptr;
  nccl::GroupStart* group_start = nullptr;
  nccl::GroupEnd* group_end = nullptr;

  cuda::GetErrorString* cuda_error_string = nullptr;
  cuda::GetDeviceCount* device_count = nullptr;
  cuda::SetDevice* set_device = nullptr;
  cuda::DeviceGetPciBusId* pci_bus_id = nullptr;
  cuda::Malloc* device_malloc = nullptr;
  cuda::Free* device_free = nullptr;
  cuda::MallocHost* host_malloc = nullptr;
  cuda::FreeHost* host_free = nullptr;
  cuda::MemcpyAsync* copy = nullptr;
  cuda::StreamCreateWithFlags* stream_create = nullptr;
  cuda::StreamDestroy* stream_destroy = nullptr;
  cuda::StreamWaitEvent* stream_wait_event = nullptr;
  cuda::EventCreateWithFlags* event_create = nullptr;
  cuda::EventDestroy* event_destroy = nullptr;
  cuda::EventRecord* event_record = nullptr;
  cuda::EventQuery* event_query = nullptr;
};

// The first that splits communicators and is non-blocking in all that is called here.
constexpr int oldest_nccl = 21801;
// The first that takes several ranks on one GPU, and then only where $NCCL_MULTI_RANK_GPU_ENABLE asks for it.
constexpr int first_nccl_of_shared_gpus = 23003;

std::string nccl_version_text(int version);  // "2.28.9"

// Never unloaded, for both keep threads of their own. Throws Error (usage) where one of them is missing, lacks a function or
// is too old: which, and how to mend it.
NcclLibrary load_nccl(const NcclNames& names = {});

}  // namespace jetpinn
