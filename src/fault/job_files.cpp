#include "jetpinn/fault/job_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace jetpinn {
namespace {

const char* variable(const char* name) {
  const char* text = std::getenv(name);
  return text && *text ? text : nullptr;
}

template <std::size_t n>
int first_number(const std::array<const char*, n>& names, int otherwise) {
  for (const char* name : names)
    if (const char* text = variable(name)) return std::atoi(text);
  return otherwise;
}

std::string hexadecimal(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// One write of a short line: appended whole, whatever other ranks do. Async-signal-safe.
void append(const char* path, const char* line, std::size_t size) noexcept {
  const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  while (::write(file, line, size) < 0 && errno == EINTR) {
  }  // what else fails cannot be told from here
  ::close(file);
}

bool claim(const char* path) noexcept {
  const int file = ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file >= 0) ::close(file);
  return file >= 0 || errno != EEXIST;   // where no file can be made, nobody else has made one
}

// What a signal handler needs, as plain text.
constexpr std::size_t path_size = 4096;
char status_path[path_size], speaker_path[path_size], end_path[path_size], rank_text[16] = "0";

void keep(char* target, const std::string& text) {
  target[0] = 0;
  if (text.size() < path_size) std::memcpy(target, text.c_str(), text.size() + 1);
}

}  // namespace

LaunchedRank launched_rank() {
  // SLURM_PROCID is 0 in a batch script too, where no step has begun: the number of tasks of a step tells.
  const int rank = first_number(std::array{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}, 0);
  const int size = first_number(std::array{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}, 1);
  return {rank, size > rank ? size : rank + 1};
}

std::uint64_t launched_job() {
  std::string text;
  const auto add = [&text](const char* name) {
    const char* value = variable(name);
    text += std::string(value ? value : "") + "\n";
  };
  add("JETPINN_STATUS_FILE");
  add("PMIX_NAMESPACE");
  add("SLURM_RESTART_COUNT");   // a requeued job has the names of its first start
  // mpirun reaches the other machines of a Slurm job by a step of its own, so the step is not the same for all of its ranks.
  if (!variable("PMIX_NAMESPACE")) add("SLURM_JOB_ID"), add("SLURM_STEP_ID");
  return std::hash<std::string>{}(text);
}

bool ranks_outlive_each_other() {
  const char* recovery = variable("OMPI_MCA_orte_enable_recovery");
  return recovery && std::strcmp(recovery, "1") == 0;
}

JobFiles JobFiles::of_launch() {
  if (const char* status_file = variable("JETPINN_STATUS_FILE")) return {std::string(status_file) + ".", launched_job()};
  if (const char* folder = variable("PMIX_SERVER_TMPDIR"))
    if (::access(folder, W_OK) == 0) return {std::string(folder) + "/jetpinn-", launched_job()};
  return {};
}

std::string JobFiles::speaker() const { return prefix_ + "speaker-" + hexadecimal(job_); }
std::string JobFiles::end() const { return prefix_ + "end-" + hexadecimal(job_); }

bool JobFiles::claim_speech() const { return !shared() || claim(speaker().c_str()); }

void JobFiles::announce_end(int status) const {
  if (!shared()) return;
  const std::string line = std::to_string(status) + "\n";
  append(end().c_str(), line.data(), line.size());
}

std::optional<int> JobFiles::announced_end() const {
  if (!shared()) return std::nullopt;
  const int file = ::open(end().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  char text[16] = {};
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return std::nullopt;   // being written
  return std::atoi(text);
}

void JobFiles::remove_folder() const {
  if (prefix_.ends_with("/.ranks/")) ::rmdir(prefix_.c_str());
}

void report_status(int rank, int status) noexcept {
  static std::atomic<int> written{-1};
  if (written.exchange(status) == status) return;
  const char* path = variable("JETPINN_STATUS_FILE");
  if (!path) return;
  char line[32];
  const int size = std::snprintf(line, sizeof line, "%d %d\n", rank, status);
  append(path, line, static_cast<std::size_t>(size));
}

void prepare_leaving(const JobFiles& files, int rank) {
  const char* path = variable("JETPINN_STATUS_FILE");
  keep(status_path, path ? path : "");
  keep(speaker_path, files.shared() ? files.speaker() : "");
  keep(end_path, files.shared() ? files.end() : "");
  std::snprintf(rank_text, sizeof rank_text, "%d", rank);
}

void leave_at_once(const char* sentence) noexcept {
  if (!speaker_path[0] || claim(speaker_path)) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, sentence, std::strlen(sentence));
  }
  char line[32] = {};
  const std::size_t length = std::strlen(rank_text);
  std::memcpy(line, rank_text, length);
  std::memcpy(line + length, " 4\n", 3);
  if (status_path[0]) append(status_path, line, length + 3);
  if (end_path[0]) append(end_path, "4\n", 2);
  ::_exit(4);
}

}  // namespace jetpinn
