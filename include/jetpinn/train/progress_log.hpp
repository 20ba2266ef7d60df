// What a person reads while a run goes on: one line rewritten in place on a terminal, a table in a job's log.
#pragma once

#include "jetpinn/train/observer.hpp"

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace jetpinn {

class ProgressLog : public Observer {
 public:
  // Writes to the standard output. quiet: the result alone; verbose: the tables of the profile at the end.
  explicit ProgressLog(bool quiet, bool verbose = false);
  // width: characters of a terminal's line; 0: not a terminal.
  ProgressLog(std::ostream& out, int width, bool quiet = false, bool verbose = false);

  void started(const RunFacts& facts) override;
  void step(const StepRecord& record) override;
  void note(const std::string& sentence) override;
  void finished(const RunSummary& summary) override;

 private:
  void print(const std::string& line);      // a line of its own, whatever stands on the terminal's last line
  void print_header(const StepRecord& record);
  std::string table_line(const StepRecord& record) const;
  std::string terminal_line(const StepRecord& record) const;

  std::ostream& out_;
  int width_;
  bool quiet_, verbose_;
  bool line_open_ = false;                  // the terminal's last line is a progress line
  bool header_printed_ = false;
  RunFacts facts_;
  std::vector<FieldError> errors_;          // of the last evaluation
  double validation_ = std::numeric_limits<double>::quiet_NaN();         // of the last evaluation; NaN: none
  double loss_independent_ = std::numeric_limits<double>::quiet_NaN();   // of the last evaluation
};

// "950", "12.3k", "4.56M"
std::string short_number(double value);
// "337 parameters and 2 trained numbers"
std::string parameters_text(const std::string& parameters, std::int64_t trained);
// "0:42", "12:05", "3:07:00"
std::string clock_text(double seconds);

}  // namespace jetpinn
