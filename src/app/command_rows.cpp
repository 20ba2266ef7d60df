#include "jetpinn/app/command_rows.hpp"

#include <fmt/format.h>

#include <cmath>

namespace jetpinn {

std::string joined(const std::vector<std::string>& names, const char* between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

CLI::Validator finite(double low, double high) {
  const bool all = low == std::numeric_limits<double>::lowest() && high == std::numeric_limits<double>::max();
  const std::string range = all ? "" : fmt::format(" from {:g} to {:g}", low, high);
  const auto refusal = [=](const std::string& text) -> std::string {
    double value = 0;
    if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high) return {};
    return "'" + text + "' is no finite number" + range;
  };
  return {[=](std::string& text) { return refusal(text); }, all ? "" : "NUMBER" + range};
}

CLI::Validator positive() {
  const auto refusal = [](const std::string& text) -> std::string {
    double value = 0;
    if (CLI::detail::lexical_cast(text, value) && value > 0 && std::isfinite(value)) return {};
    return "'" + text + "' is no finite number above 0";
  };
  return {[=](std::string& text) { return refusal(text); }, "NUMBER above 0"};
}

void add_common_options(CLI::App& command, CommandTable& table) {
  CommandLine& line = table.line;
  command
      .add_option("--set", line.sets,
                  "Another value for a key of the config: path.to.key=value, list items by "
                  "number\n(training.stages.0.steps=1); may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--output", line.output, "Folder for what is written")->type_name("DIR");
  command.add_option("--file", line.file, "File for what is written, where it is one")->type_name("FILE");
  command.add_option("--device", line.device, "Where to train; emulated: the processor as if it were a device")
      ->type_name("auto|cpu|cuda|emulated")
      ->capture_default_str();
  command.add_option("--seed", table.seed, "Seed of parameters and points (training.seed)")->type_name("N")->expected(1);
  command.add_option("--log-level", line.log_level, "What is worth a word")
      ->type_name("debug|info|warning|error")
      ->capture_default_str();
  command.add_flag("--quiet", line.quiet, "Print nothing but errors and results");
  command.set_version_flag("--version", version_text, "Print the version of jetpinn and of every library in it");
}

CLI::App& add(CommandTable& table, const std::string& name, const std::string& doc, const std::string& subject,
              const std::string& subject_doc) {
  CLI::App& command = *table.app.add_subcommand(name, doc);
  command.add_option(subject, table.line.subject, subject_doc)->required();
  add_common_options(command, table);
  return command;
}

}  // namespace jetpinn
