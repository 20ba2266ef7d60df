// What a rank tells of itself out of band: a record of fixed size that other processes read, also after
// its owner died or was stopped.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace jetpinn {

// Where a rank is. Phase empty: computing, in no labelled scope.
struct Place {
  std::string phase;
  std::int64_t step = -1;   // -1: before the first
  bool waiting = false;     // for other ranks, in a collective; false: at work of its own
  double since_s = 0;       // wall_seconds() of the rank's machine
};

// The record as it lies in memory and in its file. Two slots: a rank that dies while it writes one leaves the other whole.
struct RankRecord {
  static constexpr std::uint64_t magic_word = 0x31726b6e6e697070;
  static constexpr int phase_words = 5, host_bytes = 64;
  struct Slot {
    std::atomic<std::int64_t> step;
    std::atomic<double> since_s;
    std::atomic<std::uint64_t> waiting;
    std::atomic<std::uint64_t> phase[phase_words];   // text, cut to fit
  };

  // written once, before others can see the record
  std::uint64_t magic, job, machine, process_start;
  std::int64_t rank, size, pid;
  char host[host_bytes];
  // written while it runs
  std::atomic<std::uint64_t> ended;          // 1: the process came to its proper end
  std::atomic<double> beat_s, beat_utc_s;    // of the watchdog thread: wall_seconds() of its machine, seconds since 1970
  std::atomic<std::uint64_t> sequence;       // slot [sequence % 2] is whole
  Slot slots[2];
};
static_assert(std::atomic<double>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free);

// A whole record as read.
struct RankView {
  std::uint64_t job = 0, machine = 0, process_start = 0;
  int rank = 0, size = 1, pid = 0;
  std::string host;
  bool ended = false;
  double beat_s = 0, beat_utc_s = 0;
  Place place;
};

double utc_seconds();  // since 1970; comparable between machines whose clocks agree

// Fills the facts of this process; job tells the ranks of one job from those of another that left
// its files in the same place.
void describe_process(RankRecord& record, int rank, int size, std::uint64_t job);
// one writer; ~40 ns, no system call
void write_place(RankRecord& record, const char* phase, std::int64_t step, bool waiting);
void write_beat(RankRecord& record);
RankView view_of(const RankRecord& record);   // also while the owner writes

// What is written now lies here: in this process's memory, or in a mapped file.
RankRecord& own_record();

// Puts this process's record into a file: mapped where the file system is local to the machine, so that others see
// every update at once; elsewhere (where writing to a mapping may block for minutes) copied by refresh(). Removed by
// remove(), never by the destructor.
class RecordFile {
 public:
  // nullptr where the file cannot be made. Main thread only: it moves own_record(), which from then on is one of this job.
  static std::unique_ptr<RecordFile> create(const std::string& path, std::uint64_t job);
  bool mapped() const { return mapped_ != nullptr; }
  void refresh() noexcept;
  void remove() noexcept;

 private:
  explicit RecordFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
  RankRecord* mapped_ = nullptr;   // never unmapped: a thread may be reading
  int descriptor_ = -1;
};

// Nothing where there is no file, it is no whole record, or it belongs to another job.
std::optional<RankView> read_record(const std::string& path, std::uint64_t job);

// This boot of this machine and this process-id namespace: records with the same value name
// processes that this one can look at.
std::uint64_t machine_id();

enum class ProcessState { running, stopped, gone };
// A process id that was given to another process since (by its time of start) counts as gone. Same machine_id only.
ProcessState process_state(int pid, std::uint64_t process_start);

}  // namespace jetpinn
