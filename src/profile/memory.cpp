#include "jetpinn/profile/memory.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/profile/host.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <optional>

namespace jetpinn {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t piece_bytes = std::int64_t{64} << 20;
// Left to others: MPI, the libraries' own buffers, the rest of the machine.
constexpr std::int64_t margin_bytes = std::int64_t{32} << 20;

std::optional<std::int64_t> number_in(const std::string& file) {
  std::ifstream in(file);
  std::int64_t number = 0;
  if (in >> number) return number;   // "max" is not a number
  return std::nullopt;
}

// The sum of the numbers behind `keys` in a file of "key number" lines.
std::int64_t sum_in(const std::string& file, std::initializer_list<const char*> keys) {
  std::ifstream in(file);
  std::int64_t sum = 0;
  std::string key;
  for (std::int64_t number = 0; in >> key >> number;)
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) sum += number;
  return sum;
}

struct Version {
  const char *limit, *used;
  std::initializer_list<const char*> droppable;   // pages of files
};
const Version version_1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes", {"total_inactive_file", "total_active_file"}};
const Version version_2 = {"/memory.max", "/memory.current", {"inactive_file", "active_file"}};

std::int64_t left_in_group(const std::string& folder, const Version& version) {
  const auto limit = number_in(folder + version.limit), used = number_in(folder + version.used);
  if (!limit || !used) return unlimited;
  const std::int64_t held = std::max<std::int64_t>(*used - sum_in(folder + "/memory.stat", version.droppable), 0);
  return std::max<std::int64_t>(*limit - held, 0);
}

// The group /a/b of a hierarchy, /a and / as well: each may have a limit. In a container the path may lead outside of what
// is mounted; its root is then the container's own group.
std::int64_t left_along(const std::string& root, std::string path, const Version& version) {
  std::int64_t left = left_in_group(root, version);
  while (!path.empty() && path != "/") {
    left = std::min(left, left_in_group(root + path, version));
    path.erase(path.rfind('/'));
  }
  return left;
}

}  // namespace

std::int64_t left_in_control_groups(const std::string& root, const std::string& membership) {
  std::int64_t left = std::min(left_in_group(root, version_2), left_in_group(root + "/memory", version_1));
  std::ifstream in(membership);
  for (std::string line; std::getline(in, line);) {   // "4:memory:/path", "0::/path"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos || second + 1 >= line.size() || line[second + 1] != '/') continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    if (controllers == ",,") left = std::min(left, left_along(root, path, version_2));
    if (controllers.find(",memory,") != std::string::npos)
      left = std::min(left, left_along(root + "/memory", path, version_1));
  }
  return left;
}

std::int64_t address_space_left_bytes() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  // its first number: pages of it all
  const std::int64_t used = number_in("/proc/self/statm").value_or(0) * sysconf(_SC_PAGESIZE);
  return std::max<std::int64_t>(static_cast<std::int64_t>(limit.rlim_cur) - used, 0);
}

MemoryReservation::MemoryReservation(std::int64_t bytes) {
  if (bytes <= 0) return;
  const auto fail = [&](const std::string& reason) {
    give_back();
    constexpr double mib = 1048576.0;
    throw Error(
        Status::usage,
        "rank needs " + std::to_string(static_cast<std::int64_t>(static_cast<double>(bytes) / mib)) +
            " MiB of memory, and " + reason +
            "; lower sampling.points, network.hidden or training.stages history, use more machines, or raise the limit");
  };
  void* data = mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) fail("the system refuses to give it (a limit on the address space, or no overcommitment)");
  data_ = data;
  size_ = static_cast<std::size_t>(bytes);
#if defined(MADV_HUGEPAGE)
  madvise(data_, size_, MADV_HUGEPAGE);   // fewer page faults; harmless where refused
#endif
  const std::int64_t page = sysconf(_SC_PAGESIZE);
  volatile char* place = static_cast<char*>(data_);
  for (std::int64_t done = 0; done < bytes; done += piece_bytes) {
    const std::int64_t piece = std::min(piece_bytes, bytes - done), left = available_memory_bytes();
    if (left < piece + margin_bytes)
      fail("machine or control group have no more after " + std::to_string(done >> 20) + " MiB of it were taken");
    for (std::int64_t at = done; at < done + piece; at += page) place[at] = 1;
  }
}

MemoryReservation::~MemoryReservation() { give_back(); }

void MemoryReservation::give_back() noexcept {
  if (!data_) return;
  munmap(data_, size_);
  data_ = nullptr;
  // The high-water mark starts again: it is to tell what is used, not what was tried. Where the system
  // refuses, it tells the larger of both.
  if (std::FILE* file = std::fopen("/proc/self/clear_refs", "w")) {
    std::fputs("5", file);
    std::fclose(file);
  }
}

}  // namespace jetpinn
