#include "jetpinn/app/manual.hpp"

#include "jetpinn/app/command_words.hpp"
#include "jetpinn/base/version.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace jetpinn {
namespace {

// Text of a page: nothing in it is an instruction of roff.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;   // of a line
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '^') out += "\\(ha";
    else if (c == '~') out += "\\(ti";
    else if (c == '`') out += "\\(ga";
    else out += c;
    begins = c == '\n';
  }
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string head(const std::string& name, const std::string& doc) {
  return ".TH " + upper(name) + " 1 \"\" \"jetpinn " + std::string(version) + "\" \"jetpinn manual\"\n.SH NAME\n" +
         roff(name) + " \\- " + roff(doc) + "\n";
}

// What stands for the value of an option: FILE, or auto|never.
std::string value_text(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

// Lines of a description, each a paragraph of its own.
std::string lines_of(const std::string& text) {
  std::string out;
  std::istringstream rest(text);
  for (std::string line; std::getline(rest, line);) out += (out.empty() ? "" : ".br\n") + roff(line) + "\n";
  return out.empty() ? ".br\n" : out;
}

std::string option_text(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "" : ", ") + bold("-" + name);
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "" : ", ") + bold("--" + name);
  const std::string value = value_text(option);
  if (option.get_positional() && names.empty()) names = italic(option.get_name(true));
  if (!value.empty() && !option.get_positional()) names += " " + italic(value);
  std::string text = ".TP\n" + names + "\n" + lines_of(option.get_description());
  if (option.get_required() && !option.get_positional()) text += "Required.\n";
  if (!option.get_default_str().empty()) text += "Default: " + roff(option.get_default_str()) + ".\n";
  return text;
}

const char* const statuses = R"(.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 2
command line, config or input file that cannot be used
.TP
.B 3
numerical failure
.TP
.B 4
a rank was lost, or communication failed
.TP
.B 5
storage failed while running, or no checkpoint of an unfinished run can be loaded
.TP
.B 75
stopped on request with a checkpoint written; the same command goes on
)";

std::string see_also(const std::string& but) {
  std::string list;
  for (const std::string& name : manual_names())
    // the comma follows without a blank
    if (name != but) list += (list.empty() ? "" : ",\n") + std::string(".BR ") + roff(name) + " (1)";
  return ".SH SEE ALSO\n" + list + "\n";
}

// The keys of a config, as describe_keys() lays them out.
std::string verbatim(const std::string& text) {
  return ".nf\n" + roff(text) + (text.empty() || text.back() != '\n' ? "\n" : "") + ".fi\n";
}

std::string command_page(const CLI::App& command) {
  const std::string name = "jetpinn-" + command.get_name();
  std::string synopsis = ".B jetpinn " + roff(command.get_name()) + "\n[\\fIoption\\fR ...]", subjects, options;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) {
      options += option_text(*option);
      continue;
    }
    const std::string subject = italic(option->get_name(true));
    synopsis += option->get_required() ? "\n" + subject : "\n[" + subject + "]";
    subjects += option_text(*option);
  }
  std::string page = head(name, command.get_description()) + ".SH SYNOPSIS\n" + synopsis + "\n.SH DESCRIPTION\n" +
                     roff(command.get_description()) + ".\n" + subjects;
  page += ".SH OPTIONS\n" + options;
  std::string footer = command.get_footer();
  const std::string keys = "Keys of the config, with types and defaults:\n\n";
  if (footer.rfind(keys, 0) == 0)
    page += ".SH KEYS OF A CONFIG\nWith types and defaults.\n.PP\n" + verbatim(footer.substr(keys.size()));
  else if (!footer.empty())
    page += ".SH NOTES\n" + lines_of(footer);
  return page + statuses + see_also(name);
}

std::string program_page(const CLI::App& app) {
  std::string page =
      head("jetpinn", "train physics-informed neural networks from one TOML file, on any number of MPI ranks");
  page += ".SH SYNOPSIS\n.B jetpinn\n\\fIcommand\\fR\n[\\fIargument\\fR ...]\n.SH DESCRIPTION\n" +
          roff(app.get_description()) +
          "\nA command works on a config, or on the folder that a training left. Under\n.BR mpirun (1)\nor\n.BR srun "
          "(1)\nall ranks take part.\n.SH COMMANDS\n";
  for (const CLI::App* command : app.get_subcommands({}))
    page += ".TP\n" + bold(command->get_name()) + "\n" + lines_of(command->get_description());
  page += ".SH OPTIONS\n";
  for (const CLI::Option* option : app.get_options()) page += option_text(*option);
  return page + statuses + see_also("jetpinn");
}

}  // namespace

std::vector<std::string> manual_names() {
  std::vector<std::string> names{"jetpinn"};
  for (const std::string& command : available_commands()) names.push_back("jetpinn-" + command);
  return names;
}

std::string manual_page(const std::string& name) {
  const CommandTable table;
  const std::string prefix = "jetpinn-";
  return name.rfind(prefix, 0) == 0 ? command_page(*table.app.get_subcommand(name.substr(prefix.size())))
                                    : program_page(table.app);
}

}  // namespace jetpinn
