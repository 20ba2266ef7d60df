#include "jetpinn/ablate/ablation_report.hpp"

#include "jetpinn/study/html.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_shown_classes = 12;

double mean_of(const std::vector<double>& values) { return score_spread(values).mean; }

// By this study, not by the one whose scores the cache kept.
double spent_on_training(const RepresentationResult& result) { return result.scores_cached ? 0 : result.training_seconds(); }

std::string score_name(const Ablation& ablation) { return ablation.classification() ? "accuracy" : "share of variance"; }

std::string shape_text(const Ablation& ablation) {
  const std::string rank = ablation.rank > 0 ? fmt::format(", factors of rank {}", ablation.rank) : "";
  return fmt::format("{} samples, {} of {} layers of {} x {}{}", ablation.samples, ablation.chosen_layers, ablation.layers,
                     ablation.rows, ablation.columns, rank);
}

std::vector<std::string> method_lines(const Ablation& ablation, const MachineDescription& machine) {
  return {
      fmt::format("{}: {}", ablation.data, shape_text(ablation)),
      fmt::format("each run divides the samples anew into 60 % for training, 20 % for validation and 20 % for the test; the "
                  "divisions are the same for every representation; {} runs, intervals of 95 % by Student's t over them",
                  ablation.runs),
      ablation.reference ? "the plain path: whole decompositions of whole matrices in fp64, each representation by itself"
                         : fmt::format("features and products in {}, statistics in fp64", ablation.fp64 ? "fp64" : "fp32"),
      fmt::format("machine: {}, {} processors, {} ranks, {}", machine.processor, machine.processors, ablation.ranks,
                  machine.date)};
}

}  // namespace

StudyTable ranking_table(const Ablation& ablation) {
  StudyTable table{
      "Representations by " + score_name(ablation),
      {"#", score_name(ablation), "95 %", "deviation", "numbers", "MFLOP", "epochs", "training", "representation"},
      {},
      {}};
  std::size_t place = 0;
  for (const std::size_t r : ranking(ablation)) {
    const RepresentationResult& result = ablation.results[r];
    const ScoreSpread spread = result.spread();
    table.rows.push_back({std::to_string(++place), fmt::format("{:.4f}", spread.mean),
                          spread.runs > 1 ? fmt::format("± {:.4f}", spread.half_width) : "-",
                          spread.runs > 1 ? fmt::format("{:.4f}", spread.deviation) : "-", std::to_string(result.numbers),
                          fmt::format("{:.3f}", result.flop / 1e6), fmt::format("{:.0f}", mean_of(result.epochs)),
                          duration_text(result.training_seconds()), result.name});
    table.holes.push_back(false);
  }
  return table;
}

StudyTable phases_table(const Ablation& ablation) {
  StudyTable table{"Time of the phases, slowest rank", {"seconds", "phase"}, {}, {}};
  const auto add = [&](double seconds, const std::string& phase) {
    table.rows.push_back({fmt::format("{:.3f}", seconds), phase});
    table.holes.push_back(false);
  };
  add(ablation.hash_s, "hash of the data");
  add(ablation.read_s, "reading samples");
  add(ablation.spectra_s, "singular values, for all that read them");
  for (const RepresentationResult& result : ablation.results)
    add(result.feature_seconds, result.name + (result.scores_cached ? ": features and trainings, from the cache"
                                               : result.cached      ? ": features, from the cache"
                                                                    : ": features"));
  add(ablation.features_s, "features, from the hash to the last file");
  double training = 0;
  for (const RepresentationResult& result : ablation.results) training += spent_on_training(result);
  add(training, "training, all runs of all ranks");
  add(ablation.wall_s, "all of this call");
  return table;
}

StudyTable confusion_table(const RepresentationResult& result, const std::vector<std::string>& classes) {
  StudyTable table{"Confusion of " + result.name + ": true class by predicted one, all runs", {"true"}, {}, {}};
  table.columns.insert(table.columns.end(), classes.begin(), classes.end());
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::vector<std::string> row{classes[c]};
    for (std::size_t p = 0; p < classes.size(); ++p) row.push_back(std::to_string(result.confusion[c * classes.size() + p]));
    table.rows.push_back(row);
    table.holes.push_back(false);
  }
  return table;
}

std::vector<Picture> draw_ablation(const Ablation& ablation) {
  Chart scores;
  scores.title = "What each representation tells, over its size";
  scores.x_label = "numbers of a sample";
  scores.y_label = score_name(ablation) + ", with its interval of 95 %";
  scores.logarithmic_x = true;
  BarChart bars{"Means over the runs", "", score_name(ablation), {}, {score_name(ablation)}, {}};
  BarChart times{"Where the time went", "", "time, s", {}, {"features", "training"}, {}};
  int colour = 0;
  for (const std::size_t r : ranking(ablation)) {
    const RepresentationResult& result = ablation.results[r];
    const ScoreSpread spread = result.spread();
    ChartSeries series;
    series.name = result.name;
    series.colour = colour++;
    series.points.push_back({static_cast<double>(result.numbers), spread.mean, spread.mean - spread.half_width,
                             spread.mean + spread.half_width, false});
    scores.series.push_back(series);
    std::string name = result.name;
    std::replace(name.begin(), name.end(), '_', '\n');
    bars.bars.push_back(name);
    bars.values.push_back({std::max(spread.mean, 0.0)});
    times.bars.push_back(name);
    times.values.push_back({result.feature_seconds, spent_on_training(result)});
  }
  return {draw_picture("scores", bars), draw_picture("scores-over-size", scores), draw_picture("time", times)};
}

std::string ablation_json(const Ablation& ablation, const MachineDescription& machine) {
  Json json = {{"schema", 1}, {"study", "ablate"}, {"identity", ablation.identity}};
  json["data"] = {{"name", ablation.data},     {"samples", ablation.samples},
                  {"layers", ablation.layers}, {"chosen_layers", ablation.chosen_layers},
                  {"rows", ablation.rows},     {"columns", ablation.columns},
                  {"rank", ablation.rank},     {"classes", ablation.classes},
                  {"chance", ablation.chance}};
  json["runs"] = ablation.runs;
  json["reference"] = ablation.reference;
  json["precision"] = ablation.fp64 ? "fp64" : "mixed";
  json["ranks"] = ablation.ranks;
  json["results"] = Json::array();
  for (const std::size_t r : ranking(ablation)) {
    const RepresentationResult& result = ablation.results[r];
    const ScoreSpread spread = result.spread();
    const auto where_known = [&](double value) { return spread.runs > 1 ? Json(value) : Json(); };
    json["results"].push_back(
        {{"name", result.name},
         {"title", result.title},
         {"numbers", result.numbers},
         {"score",
          {{"mean", spread.mean},
           {"deviation", where_known(spread.deviation)},
           {"half_width", where_known(spread.half_width)},
           {"runs", result.scores}}},
         {"confusion", result.confusion},
         {"epochs", result.epochs},
         {"best_epochs", result.best_epochs},
         {"cached", result.cached},
         {"scores_cached", result.scores_cached},
         {"flop", result.flop},
         {"seconds", {{"features", result.feature_seconds}, {"training", result.training_seconds()}}}});
  }
  json["seconds"] = {{"hash", ablation.hash_s},
                     {"read", ablation.read_s},
                     {"spectra", ablation.spectra_s},
                     {"features", ablation.features_s},
                     {"wall", ablation.wall_s}};
  json["sentences"] = ablation_sentences(ablation);
  json["machine"] = Json::parse(to_json(machine));
  json["status"] = "completed";
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ablation_csv(const Ablation& ablation) {
  std::string text = "representation,run,score,epochs,best_epoch,seconds,numbers\n";
  for (const RepresentationResult& result : ablation.results)
    for (std::size_t run = 0; run < result.scores.size(); ++run)
      text += fmt::format("{},{},{:.9g},{:g},{:g},{:.6g},{}\n", result.name, run, result.scores[run], result.epochs[run],
                          result.best_epochs[run], result.seconds[run], result.numbers);
  return text;
}

std::string ablation_text(const Ablation& ablation) {
  std::string text = table_text(ranking_table(ablation)) + "\n" + table_text(phases_table(ablation)) + "\n";
  for (const std::string& line : ablation_sentences(ablation)) text += line + "\n";
  return text;
}

std::string ablation_page(const Ablation& ablation, const std::vector<Picture>& pictures,
                          const MachineDescription& machine) {
  StudyTable sees{"What they are", {"numbers", "representation", "of the generator's planted structure it sees"}, {}, {}};
  std::string html =
      html_paragraphs(ablation_sentences(ablation), "say") + html_table(ranking_table(ablation)) + html_figures(pictures);
  for (const std::size_t r : ranking(ablation)) {
    const RepresentationResult& result = ablation.results[r];
    sees.rows.push_back({std::to_string(result.numbers), result.title, result.sees});
    sees.holes.push_back(false);
    if (ablation.classification() && ablation.classes.size() <= most_shown_classes)
      html += html_table(confusion_table(result, ablation.classes));
  }
  html += html_table(sees) + html_table(phases_table(ablation)) + "<h2>How it was measured</h2>\n" +
          html_paragraphs(method_lines(ablation, machine));
  return html_page("Representations of " + ablation.data, html);
}

}  // namespace jetpinn
