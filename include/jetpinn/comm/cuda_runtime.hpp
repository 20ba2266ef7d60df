// The part of CUDA's runtime library that sums over GPUs call: types and signatures as in its published interface, so that
// no header of it is needed to build. Names as there, without the prefix.
#pragma once

#include <cstddef>

namespace jetpinn::cuda {

using Status = int;  // 0: success
constexpr Status success = 0, not_ready = 600;

using Stream = struct StreamHandle*;
using Event = struct EventHandle*;

enum CopyKind : int { host_to_device = 1, device_to_host = 2 };
constexpr unsigned stream_non_blocking = 1;  // does not wait for the default stream
constexpr unsigned event_disable_timing = 2;

using GetErrorString = const char*(Status);
using GetDeviceCount = Status(int*);
using SetDevice = Status(int);
using DeviceGetPciBusId = Status(char* text, int length, int device);
using Malloc = Status(void** device, std::size_t bytes);
using Free = Status(void* device);
using MallocHost = Status(void** host, std::size_t bytes);  // pinned: copies of it do not hold the host up
using FreeHost = Status(void* host);
using MemcpyAsync = Status(void* to, const void* from, std::size_t bytes, CopyKind, Stream);
using StreamCreateWithFlags = Status(Stream*, unsigned flags);
using StreamDestroy = Status(Stream);
using StreamWaitEvent = Status(Stream, Event, unsigned flags);  // flags: 0
using EventCreateWithFlags = Status(Event*, unsigned flags);
using EventDestroy = Status(Event);
using EventRecord = Status(Event, Stream);
using EventQuery = Status(Event);  // success: what was given to the stream before the record is done

}  // namespace jetpinn::cuda
