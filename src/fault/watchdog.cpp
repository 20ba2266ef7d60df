#include "jetpinn/fault/watchdog.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/fault/diagnosis.hpp"
#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/fault/rank_record.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double tick_s = 0.25;
constexpr double paused_s = 1.5;            // a longer tick: this process itself was stopped, or starved
constexpr double unset_deadline_s = 120;
constexpr double grace_s = 0.5;             // beyond the deadline: waits of the main thread end by themselves
constexpr double wake_s = 1;                // for the main thread to notice a loss
constexpr double leave_s = 7;               // for the main thread to leave: the last words of the run
                                            // folder, patience with the others
constexpr double dying_s = 0.5;             // for the system to take a process down, which a library notices earlier
constexpr int neighbours = 4, looked_at = 64;

struct Neighbour {
  int rank = 0, pid = 0;
  std::uint64_t process_start = 0;
};

// Lives as long as the process: its thread may still be in a system call when main returns.
class Watchdog {
 public:
  void start();
  void stop() noexcept;
  void set_rank(int rank, int size);
  bool all_records_seen(int size);
  bool begin_record(const JobFiles& place);
  void settle_record(bool every_rank_began);
  [[noreturn]] void give_up(const std::string& cause, bool waited);
  bool may_speak() noexcept;
  void announce_end(int status) noexcept;
  int announced_end_or(int otherwise, double wait_s) noexcept;
  bool running() const { return rank_ >= 0; }

  std::atomic<double> deadline_s{0};
  std::atomic<bool> loss_known{false};
  std::atomic<double> leaving_since_s{0};   // main thread; 0: not leaving

 private:
  void run();
  void tick();
  bool main_thread_hangs(double now);
  std::optional<Neighbour> dead_neighbour();
  void find_neighbours();
  std::string diagnose(const std::string& cause, bool waited = true);
  void end_stopped() noexcept;
  [[noreturn]] void end_process();

  JobFiles files() {
    std::lock_guard lock(mutex_);
    return files_;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false, stopped_ = false;
  JobFiles files_;
  std::shared_ptr<RecordFile> record_file_;
  JobFiles next_files_;                       // between begin_record and settle_record; the main
                                              // thread's own, as the next one
  std::shared_ptr<RecordFile> next_record_file_;
  std::atomic<int> rank_{-1}, size_{1};
  std::atomic<bool> claimed_{false}, said_{false};
  std::string message_;                       // what this rank has to say; under mutex_
  std::vector<std::pair<int, std::uint64_t>> stopped_ranks_;   // pid and start of processes of this machine that
                                                               // only a kill can end; under mutex_

  // the thread's own
  std::vector<Neighbour> neighbours_;
  int next_look_ = 0, ticks_ = 0;
  double last_tick_s_ = 0, excused_until_s_ = 0, loss_since_s_ = 0, next_doubt_s_ = 0;
};

Watchdog& watchdog() {
  static Watchdog* const the_watchdog = new Watchdog;
  return *the_watchdog;
}

void Watchdog::start() {
  const LaunchedRank launched = launched_rank();
  files_ = JobFiles::of_launch();
  describe_process(own_record(), launched.rank, launched.size, files_.job());
  rank_ = launched.rank, size_ = launched.size;
  if (files_.shared()) record_file_ = RecordFile::create(files_.record(launched.rank), files_.job());
  prepare_leaving(files_, launched.rank);
  // Signals are the main thread's business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([this] { run(); }).detach();
  } catch (const std::system_error&) {
    // No thread is to be had: deadlines of the main thread's own waits remain.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Watchdog::stop() noexcept {
  if (!running()) return;
  own_record().ended.store(1);
  std::unique_lock lock(mutex_);
  if (record_file_) record_file_->refresh(), record_file_->remove();
  if (files_.shared()) files_.remove_folder();
  stop_ = true;
  wake_.notify_all();
  wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stopped_; });
}

void Watchdog::set_rank(int rank, int size) {
  if (!running()) return;
  size_ = size;
  if (rank == rank_) return;
  std::lock_guard lock(mutex_);
  rank_ = rank;
  describe_process(own_record(), rank, size, files_.job());
  if (record_file_) record_file_->remove();
  if (files_.shared()) record_file_ = RecordFile::create(files_.record(rank), files_.job());
  prepare_leaving(files_, rank);
}

bool Watchdog::all_records_seen(int size) {
  const JobFiles place = files();
  for (int rank = 0; rank < size; ++rank)
    if (!read_record(place.record(rank), place.job())) return false;
  return true;
}

bool Watchdog::begin_record(const JobFiles& place) {
  next_files_ = place;
  next_record_file_ = RecordFile::create(place.record(rank_), place.job());
  return next_record_file_ != nullptr;
}

void Watchdog::settle_record(bool every_rank_began) {
  std::shared_ptr<RecordFile> next = std::move(next_record_file_);
  std::lock_guard lock(mutex_);
  if (!every_rank_began) {
    if (next) next->remove();
    if (record_file_) record_file_ = RecordFile::create(files_.record(rank_), files_.job());
    return;
  }
  if (record_file_) record_file_->remove();
  record_file_ = std::move(next);
  files_ = next_files_;
  prepare_leaving(files_, rank_);
}

std::string Watchdog::diagnose(const std::string& cause, bool waited) {
  const JobFiles place = files();
  std::vector<Finding> findings = examine(place, rank_, size_);
  bool lost = std::ranges::any_of(findings, is_lost);
  if (!waited && !lost && !findings.empty()) {
    std::this_thread::sleep_for(std::chrono::duration<double>(dying_s));
    findings = examine(place, rank_, size_);
    lost = std::ranges::any_of(findings, is_lost);
  }
  std::string text = waited || lost ? describe(findings, view_of(own_record()).place, rank_) : std::string();
  if (text.empty()) text = cause;
  std::lock_guard lock(mutex_);
  for (const Finding& finding : findings)
    if (finding.condition == Condition::stopped) stopped_ranks_.emplace_back(finding.view.pid, finding.view.process_start);
  message_ = text;
  return text;
}

bool Watchdog::may_speak() noexcept {
  if (!claimed_ && files().claim_speech()) claimed_ = true;
  return claimed_ && !said_.exchange(true);
}

void Watchdog::announce_end(int status) noexcept {
  files().announce_end(status);
  end_stopped();
}

int Watchdog::announced_end_or(int otherwise, double wait_s) noexcept {
  const double begin = wall_seconds();
  for (;;) {
    if (const std::optional<int> status = files().announced_end()) return *status;
    if (!files().shared() || wall_seconds() - begin >= wait_s) return otherwise;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Watchdog::give_up(const std::string& cause, bool waited) {
  leaving_since_s = wall_seconds();
  if (!running()) throw Error(Status::communication, cause);
  if (!claimed_ && (files().announced_end() || !files().claim_speech())) throw FailedElsewhere(Status::communication, -1);
  claimed_ = true;
  throw Error(Status::communication, diagnose(cause, waited));
}

// A stopped process hears nothing. mpirun without recovery, and srun, end it themselves and take its status for the job's.
void Watchdog::end_stopped() noexcept {
  if (!ranks_outlive_each_other()) return;
  std::lock_guard lock(mutex_);
  for (const auto& [pid, start] : stopped_ranks_)
    if (process_state(pid, start) == ProcessState::stopped) ::kill(pid, SIGKILL);
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::duration<double>(tick_s), [this] { return stop_; })) {
    lock.unlock();
    tick();
    lock.lock();
  }
  stopped_ = true;
  wake_.notify_all();
}

void Watchdog::tick() {
  const double now = wall_seconds();
  if (last_tick_s_ > 0 && now - last_tick_s_ > paused_s) {
    excused_until_s_ = now;
    if (loss_since_s_ > 0) loss_since_s_ = now;
  }
  last_tick_s_ = now;
  write_beat(own_record());
  std::shared_ptr<RecordFile> file;
  {
    std::lock_guard lock(mutex_);
    file = record_file_;
  }
  if (file && ++ticks_ % 4 == 0) file->refresh();

  if (loss_since_s_ == 0 && (files().announced_end() || dead_neighbour() || main_thread_hangs(now))) {
    loss_since_s_ = now;
    loss_known = true;   // waits of the main thread end
  }
  const double leaving_s = leaving_since_s;
  if (leaving_s > 0 ? now - std::max(leaving_s, excused_until_s_) > leave_s
                    : loss_since_s_ > 0 && now - loss_since_s_ > wake_s)
    end_process();
}

bool Watchdog::main_thread_hangs(double now) {
  const Place place = view_of(own_record()).place;
  if (!place.waiting || now < next_doubt_s_) return false;
  const double set_s = deadline_s;
  const double waited = now - std::max(place.since_s, excused_until_s_);
  if (waited < (set_s > 0 ? set_s : unset_deadline_s) + grace_s) return false;
  if (set_s > 0) return true;
  const std::vector<Finding> findings = examine(files(), rank_, size_);
  // Without records nobody can say that a rank is at work: only MPI's own start and end are sure to be short.
  if (findings.empty() && size_ > 1) return place.phase.starts_with("MPI_");
  if (anyone(findings, Condition::working) && std::ranges::none_of(findings, is_lost)) {
    next_doubt_s_ = now + 5;
    return false;
  }
  return true;
}

// The next ranks of this machine behind this one, in a ring: every rank is watched by a few whatever their number.
void Watchdog::find_neighbours() {
  const int size = size_, reach = std::min(looked_at, size - 1);
  if (static_cast<int>(neighbours_.size()) >= std::min(neighbours, size - 1) || reach < 1) return;
  const JobFiles place = files();
  for (int looks = 0; looks < std::min(reach, 8) && static_cast<int>(neighbours_.size()) < neighbours; ++looks) {
    next_look_ = next_look_ % reach + 1;
    const int other = (rank_ + next_look_) % size;
    if (std::ranges::any_of(neighbours_, [&](const Neighbour& known) { return known.rank == other; })) continue;
    const std::optional<RankView> view = read_record(place.record(other), place.job());
    if (view && !view->ended && view->machine == machine_id())
      neighbours_.push_back({other, view->pid, view->process_start});
  }
}

std::optional<Neighbour> Watchdog::dead_neighbour() {
  if (!files().shared()) return std::nullopt;
  find_neighbours();
  for (const Neighbour& neighbour : neighbours_) {
    if (process_state(neighbour.pid, neighbour.process_start) != ProcessState::gone) continue;
    // One that came to its end said so and took its record away.
    const JobFiles place = files();
    const std::optional<RankView> view = read_record(place.record(neighbour.rank), place.job());
    if (view && !view->ended && view->pid == neighbour.pid) return neighbour;
  }
  return std::nullopt;
}

// The main thread did not answer: this one says what is to be said, and ends the process without asking MPI.
void Watchdog::end_process() {
  const int lost = static_cast<int>(Status::communication);
  int status = files().announced_end().value_or(lost);
  if (!claimed_ && !files().announced_end() && files().claim_speech()) claimed_ = true;
  if (claimed_ && !said_.exchange(true)) {
    std::string message;
    {
      std::lock_guard lock(mutex_);
      message = message_;
    }
    const Place place = view_of(own_record()).place;
    if (message.empty())
      message =
          diagnose("rank " + std::to_string(rank_) + " hangs " + at(place) + " for " +
                   seconds_text(wall_seconds() - place.since_s) + "; another rank, or the file system, does not answer");
    message = "jetpinn: " + message + "\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
    report_status(rank_, status);
    announce_end(status);
  } else {
    status = announced_end_or(lost, 5);   // the one that speaks must not be killed by a launcher that sees this rank go
    report_status(rank_, status);
  }
  ::_exit(status);
}

}  // namespace

void start_watchdog() { watchdog().start(); }
void stop_watchdog() noexcept { watchdog().stop(); }
void set_watchdog_rank(int rank, int size) { watchdog().set_rank(rank, size); }
void set_watchdog_deadline(double seconds) { watchdog().deadline_s = seconds; }
bool watchdog_runs() noexcept { return watchdog().running(); }
bool all_records_seen(int size) { return watchdog().all_records_seen(size); }
bool begin_record(const JobFiles& place) { return watchdog().begin_record(place); }
void settle_record(bool every_rank_began) { watchdog().settle_record(every_rank_began); }
bool loss_known() noexcept { return watchdog().loss_known.load(std::memory_order_relaxed); }
void throw_loss(const std::string& cause) { watchdog().give_up(cause, true); }
void throw_failure(const std::string& cause) { watchdog().give_up(cause, false); }
void main_thread_leaves() noexcept { watchdog().leaving_since_s = wall_seconds(); }
bool may_speak() noexcept { return watchdog().may_speak(); }
void announce_end(int status) noexcept { watchdog().announce_end(status); }
int announced_end_or(int otherwise, double wait_s) noexcept { return watchdog().announced_end_or(otherwise, wait_s); }

}  // namespace jetpinn
