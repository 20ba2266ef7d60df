#include "jetpinn/profile/profile_reader.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/profile/profile_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <streambuf>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_line = std::size_t{64} << 20;
constexpr std::size_t longest_reason = 160;   // a damaged line may quote anything

// The reason in one printable line.
std::string printable(std::string reason) {
  for (char& letter : reason)
    if (static_cast<unsigned char>(letter) < 32 || letter == 127) letter = ' ';
  return reason.size() > longest_reason ? reason.substr(0, longest_reason) + "..." : reason;
}

// "rank-0012.jsonl" of kind "rank": 12.
std::optional<int> number_of(const std::string& name, const std::string& kind) {
  const std::string begin = kind + "-", end = ".jsonl";
  if (name.size() <= begin.size() + end.size() || name.compare(0, begin.size(), begin) != 0) return std::nullopt;
  if (name.compare(name.size() - end.size(), end.size(), end) != 0) return std::nullopt;
  int number = 0;
  const char *first = name.data() + begin.size(), *last = name.data() + name.size() - end.size();
  const auto [stop, trouble] = std::from_chars(first, last, number);
  if (trouble != std::errc() || stop != last || number < 0) return std::nullopt;
  return number;
}

// What is wrong with lines of one file: the first of them named, the rest counted.
struct Complaints {
  std::int64_t lines = 0;
  std::string first;
  void add(std::int64_t number, const std::string& reason) {
    if (lines++ == 0) first = fmt::format("line {}: {}", number, printable(reason));
  }
  std::string text(const std::string& file) const {
    return fmt::format("{}: {} line{} left out, {}", file, lines, s_if(lines), first);
  }
};

// What all records of a file have in common; the first readable one decides.
struct Origin {
  int ranks = 0, pid = 0;
  std::string version;
};

class Reader {
 public:
  Reader(RunProfile& profile, const std::function<void(const IntervalRecord&)>& each) : profile_(profile), each_(each) {}

  void read() {
    const auto files = profile_files(profile_.folder, "rank");
    std::map<int, int> votes;   // files by number of ranks
    for (const auto& [rank, path] : files)
      if (const auto origin = find_origin(rank, path)) ++votes[(origins_[rank] = *origin).ranks];
    // A file of another job that was left in the folder: most files decide, then the larger job.
    for (const auto& [ranks, count] : votes)
      if (count >= votes[ranks_]) ranks_ = ranks;
    for (const auto& [rank, path] : files) read_file(rank, path);
    note_missing();
    note_versions();
    note_ends();
  }

 private:
  void note(const std::string& sentence) { profile_.notes.push_back(sentence); }
  std::string name_of(const std::string& path) const { return fs::path(path).filename().string(); }

  // Why a line does not count; empty: it does.
  static std::string foreign(const IntervalRecord& record, int rank, const Origin& origin) {
    if (record.rank != rank) return fmt::format("it is of rank {}", record.rank);
    if (record.ranks != origin.ranks)
      return fmt::format("it is of a run on {}, not {}", plural(record.ranks, "rank"), origin.ranks);
    if (record.pid != origin.pid) return fmt::format("it is of another process ({}, not {})", record.pid, origin.pid);
    return "";
  }

  std::optional<Origin> find_origin(int rank, const std::string& path) {
    std::optional<Origin> origin;
    try {
      for_each_line(path, [&](const std::string& line, std::int64_t, bool) {
        if (origin) return;
        try {
          const IntervalRecord record = interval_from_json(line);
          if (record.rank == rank) origin = Origin{record.ranks, record.pid, record.version};
        } catch (const Error&) {   // read_file says it
        }
      });
    } catch (const Error&) {
    }
    return origin;
  }

  void read_file(int rank, const std::string& path) {
    RankTotals totals;
    Complaints complaints;
    std::int64_t lines = 0, gaps = 0;
    bool half = false;
    const auto entry = origins_.find(rank);
    const Origin origin = entry == origins_.end() ? Origin{ranks_, 0, ""} : entry->second;
    if (origin.ranks != ranks_)
      return note(
          fmt::format("{}: left out, it is of a run on {}, not {}", name_of(path), plural(origin.ranks, "rank"), ranks_));
    try {
      for_each_line(path, [&](const std::string& line, std::int64_t number, bool whole) {
        ++lines;
        try {
          const IntervalRecord record = interval_from_json(line);
          std::string reason = foreign(record, rank, origin);
          if (reason.empty() && totals.intervals > 0 && record.interval <= totals.sum.interval)
            reason = fmt::format("interval {} comes twice", record.interval);
          if (!reason.empty()) return complaints.add(number, reason);
          gaps += totals.intervals > 0 ? record.interval - totals.sum.interval - 1 : record.interval;
          totals.accumulate(record);
          if (each_) each_(record);
        } catch (const Error& error) {
          if (whole)
            complaints.add(number, error.what());
          else
            half = true;
        }
      });
    } catch (const Error& error) {
      note(printable(error.what()));
    }
    if (complaints.lines > 0) note(complaints.text(name_of(path)));
    if (half) note(fmt::format("{}: its last line is half written, as a killed process leaves it", name_of(path)));
    if (lines == 0) note(fmt::format("{}: it is empty", name_of(path)));
    if (gaps > 0) note(fmt::format("{}: {} interval{} missing", name_of(path), gaps, gaps == 1 ? " is" : "s are"));
    if (totals.intervals > 0) profile_.ranks.push_back(std::move(totals));
  }

  void note_missing() {
    std::vector<int> missing;
    std::size_t at = 0;
    for (int rank = 0; rank < ranks_ && missing.size() < 1024; ++rank) {
      while (at < profile_.ranks.size() && profile_.ranks[at].sum.rank < rank) ++at;
      if (at >= profile_.ranks.size() || profile_.ranks[at].sum.rank != rank) missing.push_back(rank);
    }
    if (!missing.empty())
      note(fmt::format("no records of rank{} {} of {}", s_if(static_cast<std::int64_t>(missing.size())), rank_list(missing),
                       ranks_));
  }

  void note_versions() {
    std::map<std::string, std::vector<int>> versions;
    for (const RankTotals& rank : profile_.ranks) versions[rank.sum.version].push_back(rank.sum.rank);
    if (versions.size() < 2) return;
    std::string text;
    for (const auto& [version, ranks] : versions)
      text += fmt::format("{}{} (rank{} {})", text.empty() ? "" : ", ", version,
                          s_if(static_cast<std::int64_t>(ranks.size())), rank_list(ranks));
    note(printable("versions of jetpinn differ: " + text));
  }

  void note_ends() {
    std::vector<int> endless;
    for (const RankTotals& rank : profile_.ranks)
      if (rank.sum.last.empty()) endless.push_back(rank.sum.rank);
    if (!endless.empty())
      note(fmt::format("no end recorded by rank{} {}: killed, or still running",
                       s_if(static_cast<std::int64_t>(endless.size())), rank_list(endless)));
  }

  RunProfile& profile_;
  const std::function<void(const IntervalRecord&)>& each_;
  std::map<int, Origin> origins_;
  int ranks_ = 0;
};

std::vector<int> continuations(const std::string& folder) {
  std::vector<int> numbers;
  std::error_code trouble;
  for (int number = 1; fs::is_directory(fmt::format("{}/continuation-{}", folder, number), trouble); ++number)
    numbers.push_back(number);
  return numbers;
}

std::string folder_of(const std::string& run_folder, int continuation) {
  std::error_code trouble;
  if (!fs::is_directory(run_folder, trouble))
    throw Error(Status::usage, "there is no run folder " + run_folder + "; name a folder that `jetpinn train` has written");
  const std::string folder = run_folder + "/profile";
  if (continuation == 0) return folder;
  const std::string part = fmt::format("{}/continuation-{}", folder, continuation);
  if (fs::is_directory(part, trouble)) return part;
  const std::vector<int> there = continuations(folder);
  throw Error(Status::usage,
              fmt::format("there is no {}; {}", part,
                          there.empty() ? "this run was never continued: leave --continuation out"
                                        : "there is --continuation " + rank_list(there) + ", and 0 for the last part"));
}

}  // namespace

std::vector<std::pair<int, std::string>> profile_files(const std::string& folder, const std::string& kind) {
  std::vector<std::pair<int, std::string>> files;
  std::error_code trouble;
  for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
    if (const auto number = number_of(entry->path().filename().string(), kind))
      files.emplace_back(*number, entry->path().string());
  std::sort(files.begin(), files.end());
  return files;
}

void for_each_line(const std::string& path, const std::function<void(const std::string&, std::int64_t, bool)>& each) {
  std::error_code trouble;
  if (!fs::is_regular_file(path, trouble)) throw Error(Status::usage, path + " is not a file; it is left out");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(Status::usage, "cannot read " + path + ": " + std::strerror(errno) + "; it is left out");
  std::string line;
  std::int64_t number = 0;
  std::streambuf& letters = *in.rdbuf();
  const auto next = [&] {
    try {
      return letters.sbumpc();
    } catch (const std::ios_base::failure& error) {  // of reading: the end is told otherwise
      throw Error(Status::usage, "cannot read " + path + ": " + error.code().message() + "; what follows is left out");
    }
  };
  for (int letter = next();; letter = next()) {
    const bool ended = letter == std::char_traits<char>::eof();
    if (!ended && letter != '\n') {
      if (line.size() < longest_line) line += static_cast<char>(letter);
      continue;
    }
    if (!ended || !line.empty()) each(line, ++number, !ended);
    if (ended) return;
    line.clear();
  }
}

RunProfile read_profile(const std::string& run_folder, int continuation,
                        const std::function<void(const IntervalRecord&)>& each) {
  RunProfile profile;
  profile.folder = folder_of(run_folder, continuation);
  Reader(profile, each).read();
  if (!profile.ranks.empty()) return profile;
  const bool files = !profile_files(profile.folder, "rank").empty();
  const std::string why = profile.notes.empty() ? "" : " (" + profile.notes[0] + ")";
  throw Error(Status::usage, files ? fmt::format("no file {}/rank-NNNN.jsonl holds a record that this version of jetpinn "
                                                 "can read{}; was the run killed in its first seconds?",
                                                 profile.folder, why)
                                   : fmt::format("{} holds no profile (no {}/rank-NNNN.jsonl); train without "
                                                 "output.profile.detail = \"off\", or name another run",
                                                 run_folder, profile.folder));
}

}  // namespace jetpinn
