// How commands are added to the table: with what they work on, and the options that all have.
#pragma once

#include "jetpinn/app/command_table.hpp"

#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

std::string joined(const std::vector<std::string>& names, const char* between = ", ");

// Accepts numbers from low to high alone: of NaN neither end of CLI::Range says that it lies outside.
CLI::Validator finite(double low = std::numeric_limits<double>::lowest(), double high = std::numeric_limits<double>::max());
// Accepts finite numbers above 0 alone.
CLI::Validator positive();

void add_common_options(CLI::App& command, CommandTable& table);

// A command with what it works on, and the options that all have.
CLI::App& add(CommandTable& table, const std::string& name, const std::string& doc, const std::string& subject,
              const std::string& subject_doc);

// Commands that make another network of a trained one (command_rows_compress.cpp).
void add_prune(CommandTable& table);
void add_sparsify(CommandTable& table);
void add_adapt(CommandTable& table);
void add_export(CommandTable& table);

// Studies of networks' weights (command_rows_ablate.cpp).
void add_ablate(CommandTable& table);
void add_weight_options(CLI::App& sample, CommandTable& table);

}  // namespace jetpinn
