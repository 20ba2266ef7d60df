#include "jetpinn/fault/diagnosis.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>
#include <thread>

namespace jetpinn {
namespace {

// A watchdog writes four times a second; on a crowded machine it may come late.
constexpr double silent_after_s = 5, stood_still_s = 1;
// Records of other machines are copied once a second and may lag behind by the file system's own delay.
constexpr double second_look_s = 2.5;
constexpr std::size_t most_named = 3;

std::string name(const Finding& finding) {
  if (finding.condition == Condition::absent) return "rank " + std::to_string(finding.rank);
  return "rank " + std::to_string(finding.rank) + " (host " + finding.view.host + ", pid " +
         std::to_string(finding.view.pid) + ")";
}

std::string sentence(const Finding& finding, const Place& own) {
  const std::string seen =
      " is lost: last seen " + at(finding.view.place) + ", " + seconds_text(finding.unseen_s) + " ago; ";
  switch (finding.condition) {
    case Condition::dead: return name(finding) + seen + "its process died";
    case Condition::stopped: return name(finding) + seen + "its process is stopped";
    case Condition::silent: return name(finding) + seen + "its machine hangs or is lost";
    case Condition::absent: return name(finding) + " is lost: it has given no sign of life";
    case Condition::working:
      return name(finding) + " is late: " + at(finding.view.place) + " for " + seconds_text(finding.there_s) +
             " while the others wait " + at(own);
    default: return name(finding) + " waits " + at(finding.view.place);
  }
}

std::string join(const std::vector<Finding>& findings, const Place& own) {
  std::string text;
  for (std::size_t i = 0; i < std::min(findings.size(), most_named); ++i)
    text += (i == 0 ? "" : ", and ") + sentence(findings[i], own);
  if (findings.size() > most_named) text += ", and " + std::to_string(findings.size() - most_named) + " more";
  return text;
}

std::vector<Finding> those(const std::vector<Finding>& findings, bool (*wanted)(const Finding&)) {
  std::vector<Finding> result;
  std::ranges::copy_if(findings, std::back_inserter(result), wanted);
  return result;
}

Finding look(const JobFiles& files, int rank) {
  const std::optional<RankView> view = read_record(files.record(rank), files.job());
  Finding absent;
  absent.rank = rank;
  return view ? judge(*view) : absent;
}

}  // namespace

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", std::max(seconds, 0.0));
  return text;
}

std::string at(const Place& place) {
  const std::string step = place.step >= 0 ? " step " + std::to_string(place.step) : "";
  if (place.phase.empty()) return step.empty() ? "at work before the first step" : "computing" + step;
  return "in '" + place.phase + "'" + (step.empty() ? "" : " of" + step);
}

bool is_lost(const Finding& finding) {
  return finding.condition == Condition::dead || finding.condition == Condition::stopped ||
         finding.condition == Condition::silent;
}

bool anyone(const std::vector<Finding>& findings, Condition condition) {
  return std::ranges::any_of(findings, [&](const Finding& finding) { return finding.condition == condition; });
}

Finding judge(const RankView& view) {
  Finding finding;
  finding.rank = view.rank;
  finding.view = view;
  const bool here = view.machine == machine_id();
  const double sign_s = std::max(view.beat_s, view.place.since_s);   // both on the rank's own clock
  // Another machine's monotonic clock means nothing here; its last beat says what time it was.
  const double age_of_beat = here ? wall_seconds() - view.beat_s : utc_seconds() - view.beat_utc_s;
  finding.unseen_s = std::max(0.0, age_of_beat - (sign_s - view.beat_s));
  finding.there_s = std::max(0.0, age_of_beat + view.beat_s - view.place.since_s);
  finding.condition = view.place.waiting ? Condition::waiting : Condition::working;
  if (finding.unseen_s > silent_after_s) finding.condition = Condition::silent;
  if (here) {
    const ProcessState state = process_state(view.pid, view.process_start);
    if (state == ProcessState::gone) finding.condition = Condition::dead;
    if (state == ProcessState::stopped) finding.condition = Condition::stopped;
  }
  if (view.ended) finding.condition = Condition::ended;
  return finding;
}

std::vector<Finding> examine(const JobFiles& files, int rank, int size) {
  std::vector<Finding> findings;
  if (!files.shared()) return findings;
  bool elsewhere = false;
  for (int other = 0; other < size; ++other) {
    if (other == rank) continue;
    findings.push_back(look(files, other));
    elsewhere =
        elsewhere || (findings.back().condition != Condition::absent && findings.back().view.machine != machine_id());
  }
  if (!elsewhere) return findings;
  std::this_thread::sleep_for(std::chrono::duration<double>(second_look_s));
  for (Finding& finding : findings) {
    if (finding.condition == Condition::absent || finding.condition == Condition::ended ||
        finding.view.machine == machine_id())
      continue;
    const double beat_s = finding.view.beat_s;
    const Finding again = look(files, finding.rank);
    if (again.condition == Condition::absent) continue;
    finding = again;
    if (finding.condition != Condition::ended) {
      const bool beats = again.view.beat_s != beat_s;
      finding.condition = !beats ? Condition::silent : again.view.place.waiting ? Condition::waiting : Condition::working;
    }
  }
  return findings;
}

std::string describe(const std::vector<Finding>& findings, const Place& own, int rank) {
  if (findings.empty()) return {};
  const std::vector<Finding> lost = those(findings, is_lost);
  if (!lost.empty()) return join(lost, own);
  const std::vector<Finding> absent =
      those(findings, [](const Finding& finding) { return finding.condition == Condition::absent; });
  if (absent.size() == findings.size() && own.step >= 0) return {};   // they have no common folder
  if (!absent.empty()) return join(absent, own);
  const std::vector<Finding> working =
      those(findings, [](const Finding& finding) { return finding.condition == Condition::working; });
  if (!working.empty()) return join(working, own);
  // It was stopped, and goes on just now: too late for the one that asks.
  const std::vector<Finding> stood =
      those(findings, [](const Finding& finding) { return finding.unseen_s > stood_still_s; });
  if (!stood.empty())
    return name(stood[0]) + " is late: it stood still " + at(stood[0].view.place) + " for " +
           seconds_text(stood[0].unseen_s) + " while the others waited";
  return "no rank is lost and none gets on: rank " + std::to_string(rank) + " waits " + at(own) + ", " + join(findings, own);
}

}  // namespace jetpinn
