#include "jetpinn/study/study_slurm.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/launch.hpp"
#include "jetpinn/study/launch_environment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr double poll_s = 5;          // between two questions to Slurm, less at first
constexpr int longest_silence = 60;   // questions in a row that Slurm did not answer
const char* const unknown = "UNKNOWN";

struct Answer {
  int status = 0;
  std::string text;   // standard output and error
};

Answer ask(const std::vector<std::string>& command) {
  if (find_program(command[0]).empty())
    throw Error(Status::usage, command[0] + " is not in PATH: this machine has no Slurm; measure here without --slurm");
  FILE* pipe = ::popen((shell_line(command) + " 2>&1 </dev/null").c_str(), "r");
  if (!pipe) throw Error(Status::usage, "cannot start " + command[0]);
  Answer answer;
  std::array<char, 512> part;
  while (std::fgets(part.data(), part.size(), pipe)) answer.text += part.data();
  const int status = ::pclose(pipe);
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  while (!answer.text.empty() && answer.text.back() == '\n') answer.text.pop_back();
  return answer;
}

void forget_job(const std::string& stem) {
  std::error_code trouble;
  fs::rename(stem + ".job", stem + ".collected", trouble);
}

}  // namespace

std::string shell_word(const std::string& word) {
  static const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shell_line(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

std::string batch_script(const std::string& name) {
  std::vector<fs::path> places;
  if (const char* root = std::getenv("JETPINN_ROOT")) places.emplace_back(root);
  for (fs::path folder = fs::path(own_program()).parent_path(); folder.has_relative_path(); folder = folder.parent_path())
    places.push_back(folder);
  std::error_code trouble;
  for (const fs::path& place : places)
    if (fs::exists(place / "jobs" / name, trouble)) return (place / "jobs" / name).string();
  throw Error(Status::usage,
              "there is no jobs/" + name + " above " + own_program() + "; set JETPINN_ROOT to jetpinn's folder");
}

std::string submit(const SlurmJob& job, const std::string& script) {
  write_text_file(job.stem + ".command", shell_line(job.command) + "\n", Status::usage);
  // For the script: sbatch passes the environment on.
  ::setenv("JETPINN_ROOT", fs::path(script).parent_path().parent_path().c_str(), 1);
  ::setenv("JETPINN_PROGRAM", own_program().c_str(), 0);
  const Answer answer = ask(job.command);
  if (answer.status != 0)
    throw Error(Status::usage,
                fmt::format("sbatch refused {}: {}; --sbatch passes further options to it", job.what, answer.text));
  const std::string number = answer.text.substr(0, answer.text.find(';'));   // "number;cluster"
  write_text_file(job.stem + ".job", number + "\n");
  return number;
}

std::string submitted_job(const std::string& stem) {
  const std::string path = stem + ".job";
  if (!is_file(path)) return "";
  std::istringstream words(read_text_file(path));
  std::string number;
  if (words >> number) return number;
  throw Error(Status::usage, path +
                                 ", which holds the number of a job, is empty: the job may still be at work; cancel it "
                                 "where squeue shows it, remove the file, and call again");
}

std::string job_state(const std::string& number) {
  const Answer answer = ask({"squeue", "--noheader", "--jobs=" + number, "--format=%T"});
  // An unknown number is an error to squeue: the job ended a while ago.
  if (answer.status != 0 && answer.text.find("Invalid job id") == std::string::npos) return unknown;
  if (answer.status != 0) return "";
  static const std::set<std::string> ended = {"COMPLETED", "FAILED",        "CANCELLED", "TIMEOUT",
                                              "NODE_FAIL", "OUT_OF_MEMORY", "DEADLINE",  "BOOT_FAIL"};
  std::set<std::string> states;
  std::istringstream lines(answer.text);
  for (std::string state; std::getline(lines, state);)
    if (!ended.contains(state)) states.insert(state);
  return fmt::format("{}", fmt::join(states, " and "));
}

bool wait_for_jobs(StopRequests& stops, std::map<std::string, std::string> jobs, bool wait,
                   const std::function<void(const std::string&)>& say) {
  std::string said;
  double pause = 0.5;
  for (int silence = 0; !jobs.empty();) {
    std::string line;
    bool answered = true;
    for (auto job = jobs.begin(); job != jobs.end();) {
      const std::string state = job_state(job->second);
      answered = answered && state != unknown;
      if (!state.empty())
        line += fmt::format("{}{} {}", line.empty() ? "waiting for Slurm: job " : ", ", job->second, state);
      if (state.empty()) forget_job(job->first);
      job = state.empty() ? jobs.erase(job) : std::next(job);
    }
    silence = answered ? 0 : silence + 1;
    if (silence > longest_silence)
      throw Error(Status::communication,
                  "Slurm's squeue has not answered for minutes; the same command collects the results later");
    if (jobs.empty()) break;
    if (line != said) say(said = line);
    if (!wait) {
      say("the jobs are still at work; the same command collects the results when they have ended");
      return false;
    }
    if (stops.wait(pause = std::min(poll_s, 1.5 * pause))) return false;
  }
  return true;
}

}  // namespace jetpinn
