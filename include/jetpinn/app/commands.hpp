// What each subcommand does. All are collective and return an exit status; errors are thrown.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>

namespace jetpinn {

int run_train(Communicator& communicator, const CommandLine& line, double program_start);
int run_classify(Communicator& communicator, const CommandLine& line, double program_start);
int run_evaluate(Communicator& communicator, const CommandLine& line);
int run_predict(Communicator& communicator, const CommandLine& line);
int run_export(Communicator& communicator, const CommandLine& line);
int run_adapt(Communicator& communicator, const CommandLine& line);
int run_check(Communicator& communicator, const CommandLine& line);
int run_report(Communicator& communicator, const CommandLine& line);
int run_profile(Communicator& communicator, const CommandLine& line);
int run_sample(Communicator& communicator, const CommandLine& line);
int run_bench(Communicator& communicator, const CommandLine& line);
int run_prune(Communicator& communicator, const CommandLine& line);
int run_sparsify(Communicator& communicator, const CommandLine& line);
int run_ablate(Communicator& communicator, const CommandLine& line);
int run_sample_weights(Communicator& communicator, const CommandLine& line);

// Dispatches. Collective.
int run_command(Communicator& communicator, const CommandLine& line, double program_start);

// Rank 0 reads the file, every rank parses the same text; a message about it comes from one rank. Collective.
Config read_config(Communicator& communicator, const std::string& path, const std::vector<std::string>& overrides,
                   ConfigTask task = ConfigTask::problem);
// The same for the expressions in it.
Problem read_problem(Communicator& communicator, const Config& config);
// The config of a run folder, with overrides.
Config read_run_config(Communicator& communicator, const std::string& folder, const std::vector<std::string>& overrides);

// Rank 0 says each on the terminal. With `strict` any of them is Error (usage) on every rank.
void report_warnings(const Communicator& communicator, const Warnings& warnings, bool strict);

// Makes the folder of an output file and checks that it can be written, before the work begins. Throws Error (usage).
void prepare_file(const std::string& path);

}  // namespace jetpinn
