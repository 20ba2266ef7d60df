#include "jetpinn/report/report_page.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/chart/page.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/report/field_gallery.hpp"
#include "jetpinn/report/loss_curves.hpp"
#include "jetpinn/report/residual_gallery.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

struct Places {
  std::string page;
  std::string pictures;   // folder; empty: none
};

// Of one run the page lies in its folder, of several beside the first.
Places places_of(const CommandLine& line) {
  if (!line.file.empty()) return {line.file, ""};
  std::string folder = line.output;
  if (folder.empty())
    folder = line.subjects.size() == 1 ? without_trailing_slash(line.subjects[0])
                                       : fs::path(without_trailing_slash(line.subjects[0])).parent_path().string();
  if (folder.empty()) folder = ".";
  return {folder + "/report.html", folder + "/report"};
}

void refuse_foreign(const std::string& path) {
  std::error_code trouble;
  if (fs::exists(path, trouble) && !written_by_jetpinn(path))
    throw Error(Status::usage, path +
                                   " is there and was not written by jetpinn report; choose another place with --file or "
                                   "--output, or move it away");
}

void prepare(const CommandLine& line, const Places& places) {
  for (const std::string& folder : line.subjects) require_run(folder);
  if (!line.file.empty() && !line.output.empty())
    throw Error(Status::usage, "--file names one file and --output a folder; give one of them");
  if (const std::string ending = fs::path(places.page).extension().string(); ending != ".html" && ending != ".htm")
    throw Error(Status::usage, "--file " + places.page + ": the report is an HTML page; name a file that ends in .html");
  prepare_file(places.page);
  refuse_foreign(places.page);
  if (!places.pictures.empty()) prepare_file(places.pictures + "/loss.svg");
}

// The state of the newest checkpoint that can be loaded, where points follow the residual; else nothing.
StateValues kept_points(Communicator& communicator, const std::string& folder, const Assembly& assembly) {
  if (!assembly.sampling.adaptive.active() || assembly.network.windows) return {};
  try {
    std::optional<LoadedCheckpoint> loaded = CheckpointStore(communicator, folder, {}).load();
    return loaded ? std::move(loaded->values) : StateValues();
  } catch (const Error& error) {
    if (error.status() == Status::communication) throw;
    return {};
  }
}

void draw_network(Communicator& communicator, const std::string& folder, const CommandLine& line, RunReport& report) {
  const Trained trained = load_trained(communicator, folder, line.sets);
  report.data.name = trained.config.name;
  if (!trained.source.sentence.empty())
    report.network_notes.push_back("Of fields, residuals and points: " + trained.source.sentence + ".");
  const RunNetwork network(communicator, trained.assembly, trained.config.problem, trained.engine, trained.parameters);
  report.fields = field_gallery(network);
  report.residuals = residual_gallery(network);
  report.conditions = condition_gallery(network);
  const StateValues kept = kept_points(communicator, folder, trained.assembly);
  communicator.agree("report", [&] {
    if (!communicator.root()) return;
    if (trained.assembly.network.windows)
      report.network_notes.push_back("Points are those of each window: report on its folder, " + folder +
                                     "/windows/0, shows them.");
    else
      report.points = point_gallery(trained.assembly, kept);
  });
}

// What keeps a network from being evaluated is no reason to show nothing of its run.
RunReport report_on(Communicator& communicator, const CommandLine& line, const std::string& folder) {
  RunReport report;
  communicator.agree("report", [&] {
    if (!communicator.root()) return;
    report.data = read_run_data(folder);
    report.curves = loss_curves(report.data);
  });
  // Rank 0 alone has read the folder.
  int images = report.data.images ? 1 : 0;
  communicator.broadcast("report", &images, sizeof images);
  if (images != 0) return report;
  try {
    draw_network(communicator, folder, line, report);
  } catch (const Error& error) {
    if (error.status() == Status::communication) throw;
    report.network_notes.push_back(std::string("Fields, residuals and points are not shown: ") + error.what());
  }
  return report;
}

void write_pictures(const std::string& folder, const std::vector<ReportPicture>& pictures) {
  for (const ReportPicture& picture : pictures) {
    const std::string path = folder + "/" + picture.name + ".svg";
    refuse_foreign(path);
    write_text_file(path, picture.file);
  }
}

}  // namespace

int run_report(Communicator& communicator, const CommandLine& line) {
  const Places places = places_of(line);
  communicator.agree("report", [&] {
    if (communicator.root()) prepare(line, places);
  });
  std::vector<RunReport> runs;
  for (const std::string& folder : line.subjects) runs.push_back(report_on(communicator, line, folder));
  communicator.agree("report.html", [&] {
    if (!communicator.root()) return;
    const std::vector<ReportPicture> pictures = report_pictures(runs);
    if (!places.pictures.empty()) write_pictures(places.pictures, pictures);
    write_text_file(places.page, report_page(runs));
    if (line.quiet) return;
    for (const RunReport& run : runs)
      for (const std::string& note : run.network_notes) fmt::print("note: {}: {}\n", run.data.folder, note);
    fmt::print("{}: {} pictures{}\n", places.page, pictures.size(),
               places.pictures.empty() ? "" : ", as SVG in " + places.pictures);
    std::fflush(stdout);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
