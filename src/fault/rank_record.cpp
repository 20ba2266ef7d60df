#include "jetpinn/fault/rank_record.hpp"

#include "jetpinn/base/region.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <new>

namespace jetpinn {
namespace {

// The record of a process that has no file: the first one, and the source of copies.
alignas(64) RankRecord in_memory{};
std::atomic<RankRecord*> current{&in_memory};

constexpr auto relaxed = std::memory_order_relaxed;

// The whole of a small file of /proc; empty where there is none.
std::string proc_text(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char text[1024];
  const ssize_t size = ::read(file, text, sizeof text);
  ::close(file);
  return {text, text + std::max<ssize_t>(size, 0)};
}

struct StatLine {
  char state = 0;   // 0: no such process
  std::uint64_t start = 0;
};

// Fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold blanks and parentheses.
StatLine stat_line(int pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const std::string text = proc_text(path);
  const std::size_t name_end = text.rfind(')');
  StatLine line;
  if (name_end == std::string::npos) return line;
  unsigned long long start = 0;
  std::sscanf(text.c_str() + name_end + 1,
              " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &line.state, &start);
  line.start = start;
  return line;
}

// Writing to a mapping of these never waits for a server.
bool is_local(int file) {
  struct statfs info {};
  if (::fstatfs(file, &info) != 0) return false;
  constexpr std::array<std::uint32_t, 8> local = {
      0xEF53 /*ext*/,       0x01021994 /*tmpfs*/,   0x858458F6 /*ramfs*/, 0x58465342 /*xfs*/,
      0x9123683E /*btrfs*/, 0x794C7630 /*overlay*/, 0x2FC12FC1 /*zfs*/,   0xF2F52010 /*f2fs*/};
  return std::ranges::find(local, static_cast<std::uint32_t>(info.f_type)) != local.end();
}

void copy_facts(RankRecord& to, const RankRecord& from) {
  to.magic = from.magic, to.job = from.job, to.machine = from.machine, to.process_start = from.process_start;
  to.rank = from.rank, to.size = from.size, to.pid = from.pid;
  std::memcpy(to.host, from.host, sizeof to.host);
  to.ended.store(from.ended.load(relaxed), relaxed);
  to.beat_s.store(from.beat_s.load(relaxed), relaxed);
  to.beat_utc_s.store(from.beat_utc_s.load(relaxed), relaxed);
}

void copy_place(RankRecord& to, const RankRecord& from) {
  const RankRecord::Slot& source = from.slots[from.sequence.load() % 2];
  RankRecord::Slot& target = to.slots[to.sequence.load(relaxed) % 2];
  target.step.store(source.step.load(relaxed), relaxed);
  target.since_s.store(source.since_s.load(relaxed), relaxed);
  target.waiting.store(source.waiting.load(relaxed), relaxed);
  for (int i = 0; i < RankRecord::phase_words; ++i) target.phase[i].store(source.phase[i].load(relaxed), relaxed);
}

}  // namespace

double utc_seconds() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::uint64_t machine_id() {
  static const std::uint64_t id = [] {
    struct stat space {};
    ::stat("/proc/self/ns/pid", &space);
    return std::uint64_t{
        std::hash<std::string>{}(proc_text("/proc/sys/kernel/random/boot_id") + std::to_string(space.st_ino))};
  }();
  return id;
}

ProcessState process_state(int pid, std::uint64_t process_start) {
  if (::kill(pid, 0) != 0 && errno == ESRCH) return ProcessState::gone;
  const StatLine line = stat_line(pid);
  if (line.state == 0 || line.state == 'Z' || line.state == 'X' || line.start != process_start) return ProcessState::gone;
  return line.state == 'T' || line.state == 't' ? ProcessState::stopped : ProcessState::running;
}

void describe_process(RankRecord& record, int rank, int size, std::uint64_t job) {
  record.magic = RankRecord::magic_word;
  record.job = job;
  record.machine = machine_id();
  record.pid = ::getpid();
  record.process_start = stat_line(::getpid()).start;
  record.rank = rank;
  record.size = size;
  ::gethostname(record.host, sizeof record.host - 1);
  write_beat(record);
}

void write_place(RankRecord& record, const char* phase, std::int64_t step, bool waiting) {
  std::uint64_t text[RankRecord::phase_words] = {};
  if (phase) std::memcpy(text, phase, std::min(std::strlen(phase), sizeof text - 1));
  const std::uint64_t sequence = record.sequence.load(relaxed);
  RankRecord::Slot& slot = record.slots[(sequence + 1) % 2];
  std::atomic_thread_fence(std::memory_order_release);   // a reader that sees the next line's values sees the
                                                         // sequence that made them invalid
  slot.step.store(step, relaxed);
  slot.since_s.store(wall_seconds(), relaxed);
  slot.waiting.store(waiting, relaxed);
  for (int i = 0; i < RankRecord::phase_words; ++i) slot.phase[i].store(text[i], relaxed);
  record.sequence.store(sequence + 1, std::memory_order_release);
}

void write_beat(RankRecord& record) {
  record.beat_s.store(wall_seconds(), relaxed);
  record.beat_utc_s.store(utc_seconds(), relaxed);
}

RankView view_of(const RankRecord& record) {
  RankView view;
  view.job = record.job, view.machine = record.machine, view.process_start = record.process_start;
  view.rank = static_cast<int>(record.rank), view.size = static_cast<int>(record.size),
  view.pid = static_cast<int>(record.pid);
  view.host.assign(record.host, ::strnlen(record.host, sizeof record.host));
  view.ended = record.ended.load(relaxed) != 0;
  view.beat_s = record.beat_s.load(relaxed);
  view.beat_utc_s = record.beat_utc_s.load(relaxed);
  for (;;) {
    const std::uint64_t sequence = record.sequence.load(std::memory_order_acquire);
    const RankRecord::Slot& slot = record.slots[sequence % 2];
    std::uint64_t text[RankRecord::phase_words];
    for (int i = 0; i < RankRecord::phase_words; ++i) text[i] = slot.phase[i].load(relaxed);
    view.place.step = slot.step.load(relaxed);
    view.place.since_s = slot.since_s.load(relaxed);
    view.place.waiting = slot.waiting.load(relaxed) != 0;
    std::atomic_thread_fence(std::memory_order_acquire);
    if (record.sequence.load(relaxed) != sequence) continue;
    const char* begin = reinterpret_cast<const char*>(text);
    view.place.phase.assign(begin, ::strnlen(begin, sizeof text));
    return view;
  }
}

RankRecord& own_record() { return *current.load(std::memory_order_acquire); }

std::unique_ptr<RecordFile> RecordFile::create(const std::string& path, std::uint64_t job) {
  std::unique_ptr<RecordFile> file(new RecordFile(path));
  // A new file with a whole record takes the place of what an earlier job left there, in one step.
  const std::string fresh = path + ".new";
  file->descriptor_ = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file->descriptor_ < 0) return nullptr;
  const auto give_up = [&] {
    ::close(file->descriptor_);
    ::unlink(fresh.c_str());
    return nullptr;
  };
  // Without its blocks a full disk would kill whoever writes to the mapping.
  if (::posix_fallocate(file->descriptor_, 0, sizeof(RankRecord)) != 0) return give_up();
  RankRecord& record = own_record();
  if (is_local(file->descriptor_)) {
    void* place = ::mmap(nullptr, sizeof(RankRecord), PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor_, 0);
    if (place == MAP_FAILED) return give_up();
    ::mlock(place, sizeof(RankRecord));
    file->mapped_ = new (place) RankRecord{};
    copy_facts(*file->mapped_, record);
    copy_place(*file->mapped_, record);
    file->mapped_->job = job;
    ::close(file->descriptor_);
    file->descriptor_ = -1;
  } else {
    if (&record != &in_memory) copy_facts(in_memory, record), copy_place(in_memory, record);
    in_memory.job = job;
    current.store(&in_memory, std::memory_order_release);
    file->refresh();
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    ::unlink(fresh.c_str());
    return nullptr;
  }
  if (file->mapped_) current.store(file->mapped_, std::memory_order_release);
  return file;
}

void RecordFile::refresh() noexcept {
  if (mapped_ || descriptor_ < 0) return;
  RankRecord copy{};
  copy_facts(copy, in_memory);
  std::uint64_t sequence;
  do {
    sequence = in_memory.sequence.load(std::memory_order_acquire);
    copy_place(copy, in_memory);
    std::atomic_thread_fence(std::memory_order_acquire);
  } while (in_memory.sequence.load(relaxed) != sequence);
  if (::pwrite(descriptor_, static_cast<const void*>(&copy), sizeof copy, 0) == sizeof copy) ::fdatasync(descriptor_);
}

void RecordFile::remove() noexcept { ::unlink(path_.c_str()); }

namespace {

std::optional<RankView> view_if(const RankRecord& record, std::uint64_t job) {
  if (record.magic != RankRecord::magic_word || record.job != job) return std::nullopt;
  return view_of(record);
}

}  // namespace

std::optional<RankView> read_record(const std::string& path, std::uint64_t job) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::optional<RankView> view;
  struct stat info {};
  if (::fstat(file, &info) != 0 || info.st_size < static_cast<off_t>(sizeof(RankRecord))) {
    // no record, or not yet
  } else if (is_local(file)) {   // mapped by its owner, who may be writing: mapped here too, for reading
                                 // takes two looks within nanoseconds
    void* place = ::mmap(nullptr, sizeof(RankRecord), PROT_READ, MAP_SHARED, file, 0);
    if (place != MAP_FAILED) {
      view = view_if(*static_cast<const RankRecord*>(place), job);
      ::munmap(place, sizeof(RankRecord));
    }
  } else {   // a copy, written whole by its owner; reading asks the server anew
    RankRecord copy;
    if (::pread(file, static_cast<void*>(&copy), sizeof copy, 0) == sizeof copy) view = view_if(copy, job);
  }
  ::close(file);
  return view;
}

}  // namespace jetpinn
