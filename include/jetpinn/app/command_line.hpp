// The command line: subcommands and their flags. Only this folder knows them.
#pragma once

#include "jetpinn/ablate/ablate_options.hpp"
#include "jetpinn/compress/adapt_options.hpp"
#include "jetpinn/compress/prune_options.hpp"
#include "jetpinn/scale/scale_options.hpp"
#include "jetpinn/study/gate_study.hpp"
#include "jetpinn/study/sweep_plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct CommandLine {
  std::string command;            // a name of available_commands()
  std::string subject;            // the config, the run folder, or what sample makes
  std::vector<std::string> subjects;   // report: run folders
  std::vector<std::string> sets;  // --set in their order; --seed is one of them
  std::string output;             // a folder; empty: the command's default
  std::string file;               // a single output file; empty: the command's default
  std::string device = "auto";    // once a command runs: cpu | cuda | emulated
  bool any_device = false;        // it was left to the program
  std::string device_note;        // what the user should know of it, once a training begins; "": nothing
  int sharing = 1;                // ranks that share this rank's card
  std::string log_level = "info";
  bool verbose = false;
  bool quiet = false;

  bool force = false;                 // train, scale, sweep, prune
  bool strict = false;                // train, check: warnings are errors; bench targets: missed figures are
  bool debug = false;                 // train
  std::string resume = "auto";
  double max_time_s = 0;

  bool dump_config = false, schema = false;  // check

  std::string points, grid, quantities;  // predict
  std::string at;                        // predict, evaluate

  bool physics = false;         // evaluate
  std::string against;          // evaluate: another run folder
  double allowed_change = 0.1;  // evaluate: of a statement's residual against that run's

  std::string precision = "fp64";   // export: of the file's values

  std::string data;    // adapt: a table of measurements, or "-"
  AdaptOptions adapt;
  std::int64_t count = 100000;  // sample machining: rows; sample weights: networks, 1000 by default
  std::uint64_t sample_seed = 0;
  std::string term;     // sample CONFIG: that one alone
  std::string picture;  // sample CONFIG: an SVG file of the points

  std::int64_t weight_layers = 0, weight_rows = 0, weight_columns = 0;  // sample weights; 0: the default
  std::int64_t weight_rank = -1;                                        // below 0: the default
  std::string import_list, match;  // sample weights: networks to import in place of generated ones

  AblateOptions ablate;

  std::string benchmark;  // bench: its name in the table of benchmarks
  std::string json;
  std::int64_t bench_points = 1000000;            // bench predict, generate
  std::vector<double> sizes{1, 10, 100};          // bench io: MB
  std::vector<std::int64_t> tokens{64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};  // bench attention: lengths
  std::string rows;                               // bench targets: "1k,10k"; empty: all
  double bench_seconds = -1;                      // of each measurement, at least; below 0: the command's default

  std::string compare, trace, prometheus;   // profile; json too
  int continuation = 0;

  PruneOptions prune;

  ScaleOptions scale;
  SweepOptions sweep;
  GateStudyOptions gate_study;  // study gate

  std::string import;                 // sparsify: a file of another program's network, in place of a run
  double target = 0.75;               // sparsify RUN: share of the weights that are left out, in ...
  int rounds = 4;                     // ... so many rounds, ...
  std::int64_t finetune_steps = -1;   // ... each followed by so many steps; below 0: the default, ...
  std::int64_t finetune_epochs = 0;   // ... or, above 0, by so many passes through the batches
  std::string rewind = "none";        // a step of the run, or a share of its steps, from which rounds train anew
  bool rates_only = false;            // the rates go back to there, the weights stay

  bool list = false;   // manual

  std::string answer;  // --help, --version, completion or manual: print this and leave
};

// Throws Error (usage).
CommandLine parse_command_line(int argc, const char* const* argv);

// The version of this program and of every library in it, a line each.
std::string version_text();

}  // namespace jetpinn
