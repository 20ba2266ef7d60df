#include "jetpinn/study/scale_slurm.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/launch_environment.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int status = 0;
  std::string text;   // standard output and error
};

std::string command_line(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

Answer ask(const std::vector<std::string>& command) {
  if (find_program(command[0]).empty()) throw Error(Status::usage, command[0] + " is not in PATH: this machine has no Slurm; measure here without --slurm");
  FILE* pipe = ::popen((command_line(command) + " 2>&1 </dev/null").c_str(), "r");
  if (!pipe) throw Error(Status::usage, "cannot start " + command[0]);
  Answer answer;
  std::array<char, 512> part;
  while (std::fgets(part.data(), part.size(), pipe)) answer.text += part.data();
  const int status = ::pclose(pipe);
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  while (!answer.text.empty() && answer.text.back() == '\n') answer.text.pop_back();
  return answer;
}

std::string stem(const StudyFolder& folder, int ranks) { return folder.jobs() + fmt::format("/p{:04d}", ranks); }

// The batch script lies in the project, beside or above the folder of this program.
std::string batch_script() {
  std::vector<fs::path> places;
  if (const char* root = std::getenv("JETPINN_ROOT")) places.emplace_back(root);
  for (fs::path folder = fs::path(own_program()).parent_path(); folder.has_relative_path(); folder = folder.parent_path()) places.push_back(folder);
  std::error_code trouble;
  for (const fs::path& place : places)
    if (fs::exists(place / "jobs/scale.sbatch", trouble)) return (place / "jobs/scale.sbatch").string();
  throw Error(Status::usage, "there is no jobs/scale.sbatch above " + own_program() + "; set JETPINN_ROOT to jetpinn's folder");
}

void add_shape(const ScaleOptions& options, int ranks, std::vector<std::string>& command) {
  command.push_back(fmt::format("--ntasks={}", ranks));
  if (options.gpus_per_node == 0) return;
  const int per_node = options.gpus_per_node * options.ranks_per_gpu, nodes = (ranks + per_node - 1) / per_node;
  const int on_a_node = (ranks + nodes - 1) / nodes, gpus = (on_a_node + options.ranks_per_gpu - 1) / options.ranks_per_gpu;
  command.push_back(fmt::format("--nodes={}", nodes));
  command.push_back(fmt::format("--ntasks-per-node={}", on_a_node));
  command.push_back(fmt::format("--gpus-per-node={}", gpus));
}

}  // namespace

std::string shell_word(const std::string& word) {
  static const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

SlurmJob slurm_job(const ScaleOptions& options, const StudyFolder& folder, int ranks, const std::vector<std::pair<std::string, std::vector<std::string>>>& runs) {
  SlurmJob job;
  job.ranks = ranks;
  job.runs_file = stem(folder, ranks) + ".runs";
  std::string text = "# Read by jobs/scale.sbatch: the folder of a run, and what jetpinn is started with.\n";
  for (const auto& [run, arguments] : runs) text += "measure " + shell_word(run) + " " + command_line(arguments) + "\n";
  write_text_file(job.runs_file, text, Status::usage);
  const std::string script = batch_script();
  job.command = {"sbatch", "--parsable", fmt::format("--job-name=scale-p{}", ranks), "--output=" + stem(folder, ranks) + "-%j.out"};
  add_shape(options, ranks, job.command);
  job.command.insert(job.command.end(), options.sbatch.begin(), options.sbatch.end());
  job.command.insert(job.command.end(), {script, job.runs_file});
  write_text_file(stem(folder, ranks) + ".command", command_line(job.command) + "\n", Status::usage);
  return job;
}

std::string submit(const SlurmJob& job) {
  // For the script: sbatch passes the environment on.
  ::setenv("JETPINN_ROOT", fs::path(job.command[job.command.size() - 2]).parent_path().parent_path().c_str(), 1);
  ::setenv("JETPINN_PROGRAM", own_program().c_str(), 0);
  const Answer answer = ask(job.command);
  if (answer.status != 0) throw Error(Status::usage, fmt::format("sbatch refused the job of {} ranks: {}; --sbatch passes further options to it", job.ranks, answer.text));
  const std::string number = answer.text.substr(0, answer.text.find(';'));   // "number;cluster"
  write_text_file(job.runs_file.substr(0, job.runs_file.size() - 5) + ".job", number + "\n");
  return number;
}

std::string submitted_job(const StudyFolder& folder, int ranks) {
  std::ifstream file(stem(folder, ranks) + ".job");
  std::string number;
  file >> number;
  return number;
}

void forget_job(const StudyFolder& folder, int ranks) {
  std::error_code trouble;
  fs::rename(stem(folder, ranks) + ".job", stem(folder, ranks) + ".collected", trouble);
}

std::string job_state(const std::string& number) {
  const Answer answer = ask({"squeue", "--noheader", "--jobs=" + number, "--format=%T"});
  // An unknown number is an error to squeue: the job ended a while ago.
  if (answer.status != 0 && answer.text.find("Invalid job id") == std::string::npos) return "UNKNOWN";
  if (answer.status != 0) return "";
  static const std::array<std::string, 8> ended = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "DEADLINE", "BOOT_FAIL"};
  return std::find(ended.begin(), ended.end(), answer.text) != ended.end() ? "" : answer.text;
}

}  // namespace jetpinn
