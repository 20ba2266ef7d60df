// What a classification says of each epoch: a line on the terminal and one in metrics.jsonl.
#pragma once

#include "jetpinn/io/line_file.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// On the terminal: the facts, a line for each epoch, the result.
class EpochLog : public Observer {
 public:
  EpochLog(std::int64_t epochs, std::string task, bool quiet) : epochs_(epochs), task_(std::move(task)), quiet_(quiet) {}
  void started(const RunFacts& facts) override;
  void epoch(const EpochRecord& record) override;
  void note(const std::string& sentence) override { print(sentence); }
  void finished(const RunSummary& summary) override;

 private:
  void print(const std::string& line) const;
  std::int64_t epochs_;
  std::string task_;  // "simple_cnn on 50000 images ..."
  bool quiet_, header_printed_ = false;
};

// metrics.jsonl: readable while the run goes on.
class EpochMetrics : public Observer {
 public:
  EpochMetrics(const std::string& run_directory, bool append);
  void epoch(const EpochRecord& record) override;  // throws Error (storage) when the line cannot be written

 private:
  LineFile lines_;
};

// The lines, without the end of line. Energy has a star on the terminal where it is modelled; what is not known is "-", and
// null in metrics.jsonl.
std::string epoch_header();
std::string epoch_line(const EpochRecord& record, std::int64_t epochs);
std::string epoch_json(const EpochRecord& record);

}  // namespace jetpinn
