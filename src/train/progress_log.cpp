#include "jetpinn/train/progress_log.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/train/engine_facts.hpp"
#include "jetpinn/train/last_screen.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::size_t most_term_columns = 6;    // more terms would not fit a line; metrics.jsonl has them all
constexpr std::size_t most_trained = 3;         // numbers that have columns; metrics.jsonl has them all
constexpr std::size_t narrowest = 14, widest = 14;   // a mean and its share of the weighted loss: "1.234e-05  67%"

int columns_of(int descriptor) {
  winsize size{};
  return isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// Characters per line; 0: not a terminal. Open MPI gives every rank a pseudo-terminal without a size, wherever mpirun itself
// writes to: then the standard output of the parent, mpirun, decides.
int terminal_width() {
  if (!isatty(STDOUT_FILENO)) return 0;
  if (const int columns = columns_of(STDOUT_FILENO)) return columns;
  const std::string output = fmt::format("/proc/{}/fd/1", getppid());
  struct stat kind{};
  if (stat(output.c_str(), &kind) != 0 || !S_ISCHR(kind.st_mode)) return 0;
  const int descriptor = open(output.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return 0;
  const int columns = columns_of(descriptor);
  close(descriptor);
  return columns;
}

std::string column_name(const std::string& name) {
  if (name.size() <= widest) return fmt::format("{:>{}}", name, narrowest);
  return name.substr(0, widest - 1) + "~";
}

// The field that is farthest off stands for all; one whose reference is 0 everywhere only where there is no other.
const FieldError* worst(const std::vector<FieldError>& errors) {
  if (errors.empty()) return nullptr;
  return &*std::max_element(errors.begin(), errors.end(), [](const FieldError& a, const FieldError& b) {
    if (a.absolute != b.absolute) return a.absolute;
    return std::isnan(b.rel_l2) ? !std::isnan(a.rel_l2) : a.rel_l2 < b.rel_l2;
  });
}

std::string error_text(const std::vector<FieldError>& errors) {
  const FieldError* error = worst(errors);
  return error ? fmt::format("{:.2e}", error->rel_l2) : "-";
}

// The table that is met worst stands for all; metrics.jsonl has each.
double largest(const std::vector<ValidationError>& errors) {
  double worst = 0;
  for (const ValidationError& error : errors) worst = std::isnan(error.rms) ? error.rms : std::max(worst, error.rms);
  return worst;
}

// The weights of the terms in their order, and the smallest causal weight of any.
std::string weights_text(const StepRecord& record) {
  std::string text;
  for (const double weight : record.weights) text += fmt::format("{}{:.3g}", text.empty() ? "" : " ", weight);
  double least = std::numeric_limits<double>::infinity();
  for (const double weight : record.causal) least = std::isnan(weight) ? least : std::min(least, weight);
  return std::isinf(least) ? text : text + fmt::format(" (causal from {:.1e})", least);
}

// "6.0%  saved 93.1%  12.3 J", a star where the energy is modelled.
std::string gate_columns(const StepRecord& record) {
  const std::string joules =
      record.joules < 0 ? "" : fmt::format("  {} J{}", short_number(record.joules), record.joules_modelled ? "*" : "");
  return fmt::format("{:.1f}%  saved {:.1f}%{}", 100 * record.gate->activation, 100 * record.gate->saved, joules);
}

std::string number_text(double value) { return std::isnan(value) ? "-" : fmt::format("{:.2e}", value); }
std::string share_text(double share) { return share > 0 ? fmt::format("{:.0f}%", 100 * share) : "-"; }
std::string left_text(double seconds) { return seconds < 0 ? "-" : clock_text(seconds); }

}  // namespace

std::string short_number(double value) {
  const struct { double unit; const char* letter; } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [unit, letter] : units)
    if (std::abs(value) >= unit) return fmt::format("{:.3g}{}", value / unit, letter);
  return fmt::format("{:.3g}", value);
}

std::string clock_text(double seconds) {
  if (!(seconds < 1e9)) return "-";
  const auto total = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  const std::int64_t hours = total / 3600, minutes = total / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60)
                   : fmt::format("{}:{:02}", minutes, total % 60);
}

std::string parameters_text(const std::string& parameters, std::int64_t trained) {
  const std::string numbers = trained == 1 ? " and 1 trained number" : fmt::format(" and {} trained numbers", trained);
  return parameters + " parameters" + (trained > 0 ? numbers : "");
}

ProgressLog::ProgressLog(bool quiet, bool verbose) : ProgressLog(std::cout, quiet ? 0 : terminal_width(), quiet, verbose) {}
ProgressLog::ProgressLog(std::ostream& out, int width, bool quiet, bool verbose)
    : out_(out), width_(width), quiet_(quiet), verbose_(verbose) {}

void ProgressLog::print(const std::string& line) {
  if (quiet_) return;
  if (line_open_) out_ << "\r\033[K";   // wipes the progress line
  line_open_ = false;
  out_ << line << '\n' << std::flush;
}

void ProgressLog::started(const RunFacts& facts) {
  facts_ = facts;
  for (const auto& rank : facts.rank_hosts) print(rank);
  print(fmt::format("jetpinn {}: {} into {}", version, facts.name, facts.run_directory));
  print(fmt::format("engine {} on {}, {}, {}, reproducibility {}, chunks of {} points, {}", facts.engine, facts.device,
                    products_text(facts.backend), facts.precision, facts.reproducibility, facts.chunk,
                    parameters_text(std::to_string(facts.parameters), facts.trained_numbers)));
  if (facts.recompute) print(recompute_text(*facts.recompute));
  std::size_t width = 4;
  for (const auto& term : facts.terms) width = std::max(width, term.size());
  for (std::size_t t = 0; t < facts.terms.size(); ++t)
    print(fmt::format("term {:<{}}  {:>9} points  {:>7} FLOP/step  channels {}", facts.terms[t], width, facts.term_points[t],
                      short_number(facts.term_flop[t]), facts.plans[t]));
  print(fmt::format("stages: {}; started in {:.1f} s", fmt::join(facts.stages, ", "), facts.startup_s));
}

void ProgressLog::print_header(const StepRecord& record) {
  if (header_printed_ || width_ > 0) return;
  header_printed_ = true;
  std::string line = fmt::format("{:>8}  {:>6}  {:>9}  {:>9}", "step", "stage", "loss", "indep.");
  if (facts_.terms.size() <= most_term_columns)
    for (const auto& term : facts_.terms) line += "  " + column_name(term);
  if (record.trained.size() <= most_trained)
    for (const TrainedValue& number : record.trained) line += "  " + column_name(number.name);
  if (facts_.validates) line += fmt::format("  {:>9}", "valid.");
  print(line + fmt::format("  {:>9}  {:>8}  {:>5}  {:>8}  {:>8}", "error", "points/s", "share", "time", "left") +
        (record.weights.empty() ? "" : "  weights of terms") +
        (record.gate ? "  active, samples saved, energy (*: modelled)" : ""));
}

std::string ProgressLog::table_line(const StepRecord& record) const {
  std::string line = fmt::format("{:>8}  {:>6}  {:>9.3e}  {:>9}", record.step, record.optimizer, record.loss,
                                 number_text(loss_independent_));
  if (facts_.terms.size() <= most_term_columns)
    for (std::size_t t = 0; t < record.terms.size(); ++t)
      line += t < record.shares.size() ? fmt::format("  {:>9.3e} {:>3.0f}%", record.terms[t], 100 * record.shares[t])
                                       : fmt::format("  {:>{}.3e}", record.terms[t], narrowest);
  if (record.trained.size() <= most_trained)
    for (const TrainedValue& number : record.trained) line += fmt::format("  {:>{}.6g}", number.value, narrowest);
  if (facts_.validates) line += fmt::format("  {:>9}", number_text(validation_));
  return line +
         fmt::format("  {:>9}  {:>8}  {:>5}  {:>8}  {:>8}", error_text(errors_), short_number(record.points_per_s),
                     share_text(record.utilisation), clock_text(record.time_s), left_text(record.eta_s)) +
         (record.weights.empty() ? "" : "  " + weights_text(record)) + (record.gate ? "  " + gate_columns(record) : "");
}

// Whole pieces, the ones that matter most first, as many as fit: a line that wraps could not be
// rewritten, and half a number misleads.
std::string ProgressLog::terminal_line(const StepRecord& record) const {
  std::vector<std::string> pieces{fmt::format("{} {}/{}", record.optimizer, record.step, facts_.total_steps)};
  if (record.eta_s >= 0) pieces.push_back(clock_text(record.eta_s) + " left");
  if (const FieldError* error = worst(errors_))
    pieces.push_back(fmt::format("error {} {:.2e}", error->field, error->rel_l2));
  pieces.push_back(fmt::format("loss {:.2e}", record.loss));
  if (record.trained.size() <= most_trained)
    for (const TrainedValue& number : record.trained) pieces.push_back(fmt::format("{} {:.4g}", number.name, number.value));
  if (!std::isnan(loss_independent_)) pieces.push_back(fmt::format("independent {:.1e}", loss_independent_));
  if (!std::isnan(validation_)) pieces.push_back(fmt::format("validation {:.2e}", validation_));
  if (record.utilisation > 0) pieces.push_back(share_text(record.utilisation) + " of the roofline");
  if (facts_.terms.size() > 1)
    for (std::size_t t = 0; t < record.shares.size() && t < facts_.terms.size(); ++t)
      pieces.push_back(fmt::format("{} {:.1e} ({:.0f}%)", facts_.terms[t], record.terms[t], 100 * record.shares[t]));
  if (record.gate) pieces.push_back("active " + gate_columns(record));
  if (!record.weights.empty()) pieces.push_back("weights " + weights_text(record));
  pieces.push_back(short_number(record.points_per_s) + " points/s");
  std::string line;
  for (const std::string& piece : pieces) {
    const std::string more = line.empty() ? piece : "  " + piece;
    if (line.size() + more.size() < static_cast<std::size_t>(width_)) line += more;
  }
  return line;
}

void ProgressLog::step(const StepRecord& record) {
  if (!record.errors.empty()) errors_ = record.errors;
  if (!std::isnan(record.loss_independent)) loss_independent_ = record.loss_independent;
  if (!record.validation.empty()) validation_ = largest(record.validation);
  if (quiet_ || record.curve_only) return;
  if (width_ > 0) {
    out_ << "\r\033[K" << terminal_line(record) << std::flush;
    line_open_ = true;
  } else if (record.due) {
    print_header(record);
    print(table_line(record));
  }
}

void ProgressLog::note(const std::string& sentence) { print(sentence); }

void ProgressLog::finished(const RunSummary& summary) {
  if (line_open_) {   // the last progress line stays
    out_ << '\n';
    line_open_ = false;
  }
  if (quiet_ && summary.status == "failed") return;   // the error says it
  if (quiet_ || summary.status == "failed") {
    out_ << result_line(summary) << '\n' << std::flush;
    return;
  }
  out_ << last_screen(facts_, summary) << std::flush;
  if (!verbose_) return;
  if (summary.checkpoints > 0)
    print(fmt::format("\n{} points/s; {} checkpoint{} took {:.2g} % of the time", short_number(summary.points_per_s),
                      summary.checkpoints, summary.checkpoints == 1 ? "" : "s", 100 * summary.checkpoint_share));
  if (!summary.profile.empty()) out_ << '\n' << summary.profile << std::flush;
}

}  // namespace jetpinn
