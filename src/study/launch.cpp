#include "jetpinn/study/launch.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/launch_environment.hpp"
#include "jetpinn/study/launch_verdict.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr double start_limit_s = 120;   // for mpirun to start the first rank
constexpr double tick_s = 0.5;

// ---- the processes of a run: a session of their own

std::vector<pid_t> members(pid_t session) {
  std::vector<pid_t> found;
  std::error_code trouble;
  for (fs::directory_iterator entry("/proc", trouble), end; !trouble && entry != end; entry.increment(trouble)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry->path() / "stat");
    std::string line;
    std::getline(file, line);
    const std::size_t end_of_name = line.rfind(')');   // pid (name) state parent group session
                                                       // ...; the name may hold anything
    if (end_of_name == std::string::npos) continue;
    std::istringstream rest(line.substr(end_of_name + 1));
    std::string state;
    long parent = 0, group = 0, of = 0;
    if (rest >> state >> parent >> group >> of && of == session && state != "Z")
      found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

void end_session(pid_t session) {
  for (const pid_t member : members(session)) ::kill(member, SIGKILL);
}

// Plain texts as execve wants them.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

pid_t start(const std::vector<std::string>& command, const std::vector<std::string>& environment, int output) {
  const std::vector<char*> arguments = pointers(command), variables = pointers(environment);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) throw Error(Status::usage, std::string("cannot start ") + command[0] + ": " + std::strerror(errno));
  if (child > 0) return child;
  // Only calls that are safe between fork and exec. If this process is killed outright, so is the run.
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::signal(SIGUSR1, SIG_IGN);   // a request to stop that comes before the program listens must not kill it
  const sigset_t set = StopRequests::held();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execve(arguments[0], arguments.data(), variables.data());
  ::_exit(127);
}

// ---- what the ranks leave beside the status file

std::string status_path(const LaunchOptions& options) {
  if (!options.log.empty()) return options.log + ".status";
  const char* temporary = std::getenv("TMPDIR");
  return std::string(temporary ? temporary : "/tmp") + "/jetpinn-launch-" + std::to_string(::getpid()) + ".status";
}

template <typename Visit>
void for_neighbours(const std::string& status_file, const std::string& kind, Visit visit) {
  const fs::path path(status_file), folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string prefix = path.filename().string() + kind;
  std::error_code trouble;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
    if (entry->path().filename().string().rfind(prefix, 0) == 0) found.push_back(entry->path());
  for (const fs::path& file : found) visit(file);
}

int count_neighbours(const std::string& status_file, const std::string& kind) {
  int count = 0;
  for_neighbours(status_file, kind, [&](const fs::path&) { ++count; });
  return count;
}

void remove_with_neighbours(const std::string& status_file) {
  std::error_code trouble;
  for_neighbours(status_file, "", [&](const fs::path& file) { fs::remove(file, trouble); });
}

std::int64_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// Watches a run until its first process has ended.
class Watch {
 public:
  Watch(const StopRequests& stops, const LaunchOptions& options, pid_t run, std::string status_file)
      : stops_(stops), options_(options), run_(run), status_file_(std::move(status_file)), begin_(wall_seconds()),
        next_tick_(begin_ + tick_s) {}

  // What it returned; none: it is still at work. To be asked at every signal, and every tick_s seconds.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(run_, &status, WNOHANG) == run_) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (stops_.interrupts() >= 2) end_session(run_);
    if (wall_seconds() < next_tick_) return std::nullopt;
    next_tick_ += tick_s;
    // Repeated until the run is gone, for a rank that is still starting cannot hear it. mpirun
    // passes on USR1 and nothing else.
    if (stops_.came()) ::kill(run_, SIGUSR1);
    if (out_of_patience()) timed_out_ = true, end_session(run_);
    return std::nullopt;
  }

  bool timed_out() const { return timed_out_; }
  double seconds() const { return wall_seconds() - begin_; }

 private:
  // Ranks that know of a loss end by themselves within seconds, and so does everyone who has told its status.
  bool out_of_patience() {
    const double now = wall_seconds() - begin_;
    if (options_.limit_s > 0 && now > options_.limit_s) return true;
    if (options_.ranks == 1) return false;
    const std::int64_t told = lines_of(file_text(status_file_).text);
    started_ = started_ || told > 0 || count_neighbours(status_file_, ".rank-") > 0;
    if (!started_) return now > start_limit_s;
    if (count_neighbours(status_file_, ".end-") > 0)
      patience_ -= 3;
    else if (told >= options_.ranks)
      patience_ -= 1;
    return patience_ <= 0;
  }

  const StopRequests& stops_;
  const LaunchOptions& options_;
  pid_t run_;
  std::string status_file_;
  double begin_, next_tick_;
  int patience_ = 20;
  bool started_ = false, timed_out_ = false;
};

// One run from its start to its end.
class Run {
 public:
  Run(const StopRequests& stops, const LaunchOptions& options, const std::vector<std::string>& command)
      : stops_(stops), options_(options), status_file_(status_path(options)) {
    const std::string output = options.log.empty() ? "/dev/null" : options.log;
    const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) throw Error(Status::usage, "cannot write " + output + ": " + std::strerror(errno));
    remove_with_neighbours(status_file_);
    // The ranks append to it and meet beside it.
    const int file = ::open(status_file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) ::close(file);
    try {
      run_ = start(command, launch_environment(own_environment(), status_file_), log);
    } catch (...) {
      ::close(log);
      remove_with_neighbours(status_file_);
      throw;
    }
    ::close(log);
    watch_.emplace(stops_, options_, run_, status_file_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    if (run_ > 0) end_session(run_), clear();
  }

  // None: it is still at work. To be asked as often as Watch::ended.
  std::optional<LaunchResult> result() {
    const std::optional<int> launcher = watch_->ended();
    if (!launcher) return std::nullopt;
    LaunchResult result;
    result.timed_out = watch_->timed_out();
    result.seconds = watch_->seconds();
    end_session(run_);
    const int lost = static_cast<int>(Status::communication);
    result.status = result.timed_out || stops_.interrupts() >= 2
                        ? lost
                        : judge_launch(file_text(status_file_).text, *launcher, options_.ranks);
    // A rank lost behind its last word, in the end of MPI, left its record.
    if (options_.ranks > 1 && (result.status == 0 || result.status == static_cast<int>(Status::stopped)) &&
        count_neighbours(status_file_, ".rank-") > 0)
      result.status = lost;
    clear();
    return result;
  }

 private:
  void clear() {
    remove_with_neighbours(status_file_);
    const char* temporary = std::getenv("TMPDIR");
    remove_with_neighbours(std::string(temporary ? temporary : "/tmp") + "/pmix-output-pid" + std::to_string(run_) + "-");
    run_ = -1;
  }

  const StopRequests& stops_;
  LaunchOptions options_;
  std::string status_file_;
  pid_t run_ = -1;
  std::optional<Watch> watch_;
};

// The command that starts `jetpinn ARGUMENTS` on the ranks.
std::vector<std::string> command_for(const LaunchOptions& options, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{own_program()};
  if (options.ranks > 1) {
    const std::string mpirun = find_program("mpirun");
    if (mpirun.empty())
      throw Error(Status::usage,
                  "mpirun is not in PATH: runs on more than one rank need it; install Open MPI or load its module");
    // --quiet and recovery as in jobs/local: the ranks say what happened, and a dead one leaves the others the time for it.
    std::vector<std::string> words{mpirun, "--quiet", "-enable-recovery", "-n", std::to_string(options.ranks)};
    if (options.oversubscribe) words.push_back("--oversubscribe");
    if (options.oversubscribe || !options.bind)
      words.insert(words.end(), {"--bind-to", "none"});
    else
      words.insert(words.end(), {"--bind-to", "core", "--map-by", "core"});
    command.insert(command.begin(), words.begin(), words.end());
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

LaunchResult supervise(StopRequests& stops, const LaunchOptions& options, const std::vector<std::string>& command) {
  Run run(stops, options, command);
  for (;;) {
    if (const std::optional<LaunchResult> result = run.result()) return *result;
    stops.wait_or_child_ends(tick_s);
  }
}

std::vector<std::string> device_words(const std::string& device) {
  return device == "auto" ? std::vector<std::string>() : std::vector<std::string>{"--device", device};
}

LaunchResult launch(StopRequests& stops, const LaunchOptions& options, const std::vector<std::string>& arguments) {
  return supervise(stops, options, command_for(options, arguments));
}

bool launch_side_by_side(StopRequests& stops, const std::vector<LaunchedRun>& runs, int at_once,
                         const std::function<void(std::size_t, const LaunchResult&)>& ended) {
  std::map<std::size_t, Run> at_work;
  std::size_t next = 0;
  while (next < runs.size() || !at_work.empty()) {
    if (stops.asked()) next = runs.size();
    while (next < runs.size() && static_cast<int>(at_work.size()) < at_once) {
      at_work.try_emplace(next, stops, runs[next].options, command_for(runs[next].options, runs[next].arguments));
      ++next;
    }
    bool one_ended = false;
    for (auto run = at_work.begin(); run != at_work.end();) {
      const std::optional<LaunchResult> result = run->second.result();
      if (result) ended(run->first, *result);
      one_ended = one_ended || result;
      run = result ? at_work.erase(run) : std::next(run);
    }
    if (!one_ended && !at_work.empty()) stops.wait_or_child_ends(tick_s);
  }
  return !stops.asked();
}

}  // namespace jetpinn
