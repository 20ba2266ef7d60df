#include "jetpinn/report/report_page.hpp"

#include "jetpinn/chart/page.hpp"
#include "jetpinn/report/loss_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace jetpinn {
namespace {

struct Section {
  const char* id;
  const char* title;
  std::string (*body)(const RunReport& run);
  bool of_problems = false;  // images have none
};

std::string notes_of(const std::vector<std::string>& notes) {
  std::string html;
  for (const std::string& note : notes) html += paragraph(note, "note");
  return html;
}

std::string gallery_html(const Gallery& gallery, const std::string& nothing) {
  const std::string pictures = figures(gallery.pictures);
  return notes_of(gallery.notes) + (pictures.empty() && gallery.notes.empty() ? paragraph(nothing, "note") : pictures);
}

std::string time_text(double seconds) {
  if (seconds < 0) return "–";
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  return seconds < 7200 ? fmt::format("{:.3g} min", seconds / 60) : fmt::format("{:.3g} h", seconds / 3600);
}

std::string known(double value) { return value < 0 || !std::isfinite(value) ? "–" : figure_text(value); }

// How the run ended, in a sentence.
std::string ending(const RunData& run) {
  if (run.status.empty()) {
    const bool steps = !run.loss_curve.points.empty();
    return "No summary: the run still goes on, or was killed." +
           (steps ? fmt::format(" Its log ends at step {:.0f} with loss {}.", run.loss_curve.points.back().first,
                                figure_text(run.loss_curve.points.back().second))
                  : "");
  }
  std::string text = run.status == "completed" ? "Completed"
                     : run.status == "stopped" ? "Stopped"
                     : run.status == "failed"  ? "Failed"
                                               : run.status;
  text += fmt::format(" after {} steps in {}", run.steps, time_text(run.wall_s)) +
          (run.stopped_by.empty() ? "" : ", ended by: " + run.stopped_by) + "; loss " + known(run.loss);
  if (run.loss_independent >= 0) text += ", on independent points " + figure_text(run.loss_independent);
  for (const auto& [field, error] : run.errors) text += fmt::format("; relative error of {} {}", field, figure_text(error));
  return text + ".";
}

std::string outcome(const RunReport& report) {
  const RunData& run = report.data;
  std::string html = paragraph(ending(run), run.status == "failed" ? "say bad" : "say");
  for (const std::string& warning : run.warnings) html += paragraph(warning, "warning");
  const bool said = std::any_of(run.warnings.begin(), run.warnings.end(),
                                [](const std::string& words) { return words.find("independent") != std::string::npos; });
  if (run.loss > 0 && run.loss_independent > 10 * run.loss && !said)
    html += paragraph(fmt::format("The loss on independent points is {:.3g} times that on the training points: the network "
                                  "fits its points, not the problem. Raise sampling.points.",
                                  run.loss_independent / run.loss),
                      "warning");
  for (const std::string& note : run.missing) html += paragraph(note, "warning");
  return html + notes_of(report.network_notes) +
         (run.facts.empty()
              ? ""
              : "<details><summary>All figures of the end</summary>\n" + facts_table(run.facts) + "</details>\n");
}

std::string curves(const RunReport& run) { return gallery_html(run.curves, "The log holds no step."); }
std::string fields(const RunReport& run) { return gallery_html(run.fields, "Not shown: there is no network to evaluate."); }
std::string residuals(const RunReport& run) {
  return gallery_html(run.residuals, "Not shown: there is no network to evaluate.");
}
std::string conditions(const RunReport& run) { return gallery_html(run.conditions, "Nothing to draw."); }
std::string points(const RunReport& run) { return gallery_html(run.points, "Not shown: there is no network to evaluate."); }

std::string profile(const RunReport& report) {
  const RunData& run = report.data;
  std::string html;
  if (!run.bottleneck.empty()) html += paragraph(run.bottleneck, "say");
  std::vector<Bar> regions, memory;
  for (const RegionShare& region : run.regions)
    if (region.share >= 0.0005)
      regions.push_back(
          {region.name, fmt::format("{} · {:.1f} %", time_text(region.seconds), 100 * region.share), region.share});
  if (!regions.empty()) html += "<h3>Where the time went, mean over ranks</h3>\n" + bars(regions);
  constexpr std::size_t most_ranks = 64;
  const double most =
      run.peak_memory_mib.empty() ? 0 : *std::max_element(run.peak_memory_mib.begin(), run.peak_memory_mib.end());
  for (std::size_t r = 0; r < std::min(most_ranks, run.peak_memory_mib.size()); ++r)
    memory.push_back({fmt::format("rank {}", r), fmt::format("{:.0f} MiB", run.peak_memory_mib[r]),
                      most > 0 ? run.peak_memory_mib[r] / most : 0});
  if (!memory.empty()) html += "<h3>Peak resident memory</h3>\n" + bars(memory);
  if (run.peak_memory_mib.size() > most_ranks)
    html += paragraph(
        fmt::format("The first {} of {} ranks; the largest takes {:.0f} MiB.", most_ranks, run.peak_memory_mib.size(), most),
        "note");
  return html.empty() ? paragraph("There is no profile.", "note") : html;
}

std::string config(const RunReport& run) {
  return "<details><summary>config.toml</summary>\n<pre>" + escaped(run.data.config) + "</pre></details>\n";
}

constexpr Section sections[] = {{"outcome", "How it ended", outcome},
                                {"losses", "Losses and errors over the steps", curves},
                                {"fields", "Fields", fields, true},
                                {"residuals", "Residuals of the equations", residuals, true},
                                {"conditions", "Residuals of the conditions", conditions, true},
                                {"points", "Training points", points, true},
                                {"profile", "Time and memory", profile},
                                {"config", "Config", config}};

std::string run_html(const RunReport& run, const std::string& prefix) {
  std::string html = "<nav>";
  const auto shown = [&](const Section& section) { return !(section.of_problems && run.data.images); };
  for (const Section& section : sections)
    if (shown(section)) html += fmt::format("<a href=\"#{0}{1}\">{2}</a> ", prefix, section.id, section.title);
  html += "</nav>\n";
  for (const Section& section : sections)
    if (shown(section))
      html += "<section>\n" + heading(prefix + section.id, section.title) + section.body(run) + "</section>\n";
  return html;
}

std::string comparison(const std::vector<RunReport>& runs) {
  std::set<std::string> with_errors;
  for (const RunReport& run : runs)
    for (const auto& [field, error] : run.data.errors) with_errors.insert(field);
  std::vector<std::string> columns{"run", "end", "steps", "time", "ranks", "points", "loss", "independent loss"};
  for (const std::string& field : with_errors) columns.push_back("error of " + field);
  std::vector<std::vector<std::string>> rows;
  std::vector<RunData> data;
  const auto count = [](std::int64_t number) { return number < 0 ? std::string("–") : fmt::format("{}", number); };
  for (const RunReport& report : runs) {
    const RunData& run = report.data;
    std::vector<std::string> row{run.label,        run.status.empty() ? "no summary" : run.status,
                                 count(run.steps), time_text(run.wall_s),
                                 count(run.ranks), count(run.points),
                                 known(run.loss),  known(run.loss_independent)};
    for (const std::string& field : with_errors) {
      const auto found =
          std::find_if(run.errors.begin(), run.errors.end(), [&](const auto& error) { return error.first == field; });
      row.push_back(found == run.errors.end() ? "" : figure_text(found->second));
    }
    rows.push_back(row);
    data.push_back(run);
  }
  return "<section>\n" + heading("comparison", "Side by side") + table_of(columns, rows) +
         gallery_html(compared_curves(data), "No run has logged a step.") + "</section>\n";
}

std::string title_of(const RunData& run) {
  return run.name.empty() || run.name == run.label ? run.label : run.name + " (" + run.label + ")";
}

}  // namespace

std::string report_page(const std::vector<RunReport>& runs) {
  if (runs.size() == 1) return page_begin(title_of(runs[0].data)) + run_html(runs[0], "") + page_end();
  std::string html = page_begin(fmt::format("{} runs side by side", runs.size())) + comparison(runs);
  for (std::size_t r = 0; r < runs.size(); ++r)
    html += "<details><summary class=\"say\">" + escaped(title_of(runs[r].data)) + "</summary>\n" +
            run_html(runs[r], fmt::format("run-{}-", r + 1)) + "</details>\n";
  return html + page_end();
}

std::vector<ReportPicture> report_pictures(const std::vector<RunReport>& runs) {
  std::vector<ReportPicture> all;
  std::set<std::string> taken;
  const auto add = [&](const Gallery& gallery, const std::string& prefix) {
    for (ReportPicture picture : gallery.pictures) {
      if (picture.file.empty()) continue;
      const std::string wanted = prefix + picture.name;
      picture.name = wanted;
      for (int k = 2; !taken.insert(picture.name).second; ++k) picture.name = fmt::format("{}-{}", wanted, k);
      all.push_back(std::move(picture));
    }
  };
  std::vector<RunData> data;
  for (const RunReport& run : runs) {
    const std::string prefix = runs.size() > 1 ? plain_name(run.data.label) + "-" : "";
    for (const Gallery* gallery : {&run.curves, &run.fields, &run.residuals, &run.conditions, &run.points})
      add(*gallery, prefix);
    data.push_back(run.data);
  }
  if (runs.size() > 1) add(compared_curves(data), "");
  return all;
}

}  // namespace jetpinn
