#include "jetpinn/app/point_tables.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/data_makers.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/near_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/train/table_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

std::string kept_path(const std::string& folder, const std::string& term) { return folder + "/points/" + term + ".h5"; }

bool is_there(const std::string& path) {
  std::error_code trouble;
  return fs::exists(path, trouble);
}

// How to come by a table that is not there: it is generated, where it is called as data that can be, or was misspelt.
std::string way_to(const std::string& path) {
  const std::vector<std::string>& makers = table_makers();
  const std::string name = fs::path(path).stem().string();
  if (fs::path(path).extension() == ".h5" && std::find(makers.begin(), makers.end(), name) != makers.end())
    return "; make it by `jetpinn sample " + name + " --file " + path + "`";
  return near_table(path);
}

// What happened to a table since its copy was made; "": nothing.
std::string change_of(const Problem& given, const Term& term, const Problem& kept, const Term& copy) {
  if (!is_there(term.table->file)) return "is gone";
  try {
    return table_hash(given, term) == table_hash(kept, copy) ? "" : "has changed since this run began";
  } catch (const Error&) {
    return "cannot be read any more";
  }
}

}  // namespace

void require_tables(Communicator& communicator, const Problem& problem) {
  communicator.agree("points", [&] {
    for (const Term& term : problem.terms)
      if (term.table && !is_there(term.table->file))
        fail_at(term.table->place, "there is no table " + term.table->file + way_to(term.table->file));
  });
}

void take_kept_tables(Communicator& communicator, Problem& problem, const std::string& folder) {
  std::string kept;  // a digit for each term, as rank 0 sees the folder
  communicator.agree("points", [&] {
    const bool run = communicator.root() && find_run(folder).exists;
    for (const Term& term : problem.terms) kept += run && is_there(kept_path(folder, term.name)) ? '1' : '0';
  });
  kept = communicator.broadcast("points", kept);
  for (std::size_t t = 0; t < problem.terms.size(); ++t)
    if (Term& term = problem.terms[t]; term.table && kept[t] == '1') term.table->file = kept_path(folder, term.name);
  require_tables(communicator, problem);
}

Warnings changed_tables(Communicator& communicator, const Problem& given, const Problem& kept) {
  Warnings warnings;  // rank 0
  for (std::size_t t = 0; t < given.terms.size() && communicator.root(); ++t) {
    if (!given.terms[t].table || given.terms[t].table->file == kept.terms[t].table->file) continue;
    const Term &term = given.terms[t], &copy = kept.terms[t];
    if (const std::string change = change_of(given, term, kept, copy); !change.empty())
      warnings.push_back({"points", term.table->file + " " + change +
                                        ": the run goes on with the rows that it began with, in " + copy.table->file +
                                        "; another --output begins anew"});
  }
  return from_lines(communicator.broadcast("points", to_lines(warnings)));
}

void require_same_tables(Communicator& communicator, const Config& config, const Problem& kept, const std::string& run,
                         const std::string& command) {
  Warnings changed = changed_tables(communicator, read_problem(communicator, config), kept);
  const GeometryText named = parse_config(config.resolved, config.path, {}).problem.geometry;
  for (Warning& warning : changed_surfaces(communicator, named, config.problem.geometry))
    changed.push_back(std::move(warning));
  if (changed.empty()) return;
  const std::string& text = changed.front().text;
  throw Error(Status::usage, text.substr(0, text.find(": ")) + ", and " + command + " trains on it: put back what " + run +
                                 " was trained on");
}

void keep_tables(const Problem& problem, const std::string& folder) {
  for (const Term& term : problem.terms) {
    if (!term.table || term.table->streamed) continue;
    const std::string path = kept_path(folder, term.name);
    if (term.table->file == path) continue;
    make_folder(fs::path(path).parent_path().string());
    copy_table(problem, term, path);
  }
}

}  // namespace jetpinn
