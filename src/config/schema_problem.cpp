#include "jetpinn/config/schema_rows.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

TermText& equation(const KeySlot& slot) { return slot.config.problem.terms[slot.index]; }

TermText& condition(const KeySlot& slot) {
  auto& terms = slot.config.problem.terms;
  const auto first = std::find_if(terms.begin(), terms.end(), [](const TermText& term) { return !term.equation; });
  return *(first + static_cast<std::ptrdiff_t>(slot.index));
}

void add_name_key(std::vector<Key>& keys, const std::string& prefix, const std::string& standard_name,
                  TermText& (*term)(const KeySlot&)) {
  KeyRow(keys, prefix + "name", KeyType::text, "", "Name of the term, in messages, in logs and under sampling.points.")
      .standard(standard_name)
      .set([term](const KeySlot& s, const Value& v) { term(s).name = v.place.text, term(s).name_place = v.place; });
}

void add_points_key(std::vector<Key>& keys, const std::string& prefix, const std::string& doc,
                    TermText& (*term)(const KeySlot&)) {
  KeyRow(keys, prefix + "points", KeyType::file, "\"\"", doc).set([term](const KeySlot& s, const Value& v) {
    if (!v.place.text.empty()) term(s).points = v.place;
  });
  KeyRow(
      keys, prefix + "stream", KeyType::flag, "",
      "The table's rows are read while the run trains on them, sampling.batch of them in a step, and never held in memory.")
      .standard("true where its file is larger than half of run.memory_limit, if nothing else needs it held; else false")
      .set([term](const KeySlot& s, const Value& v) { term(s).stream = v.flag; });
}

void add_residual_keys(std::vector<Key>& keys, const std::string& prefix, TermText& (*term)(const KeySlot&)) {
  KeyRow(
      keys, prefix + "residual", KeyType::expressions, "",
      "What is to vanish: an expression, or a list of them on the same points; a vector is as many residuals as components.")
      .required()
      .set([term](const KeySlot& s, const Value& v) { term(s).residuals = places(v); });
  KeyRow(keys, prefix + "weight", KeyType::expressions, "1",
         "Factor of the squared residual: a number, an expression of coordinates and of what places say (sdf, n_x, ...), or "
         "a list of them, one per residual.")
      .set([term](const KeySlot& s, const Value& v) { term(s).weight = places(v), term(s).weight_place = v.place; });
  KeyRow(keys, prefix + "reduction", KeyType::word, "\"mean_of_squares\"",
         "What enters the loss: the mean of the squared residual over the points; integral_of_squares: that times the "
         "measure of its set; square_of_mean, an integral constraint: the square of its mean.")
      .words({"mean_of_squares", "square_of_mean", "integral_of_squares"})
      .set([term](const KeySlot& s, const Value& v) {
        term(s).reduction = v.place.text == "square_of_mean" ? Reduction::square_of_mean : Reduction::mean_of_squares;
        term(s).integral = v.place.text == "integral_of_squares";
      });
}

CausalOptions& causal(const KeySlot& slot) { return equation(slot).causal.options; }

void add_causal_keys(std::vector<Key>& keys) {
  const std::string path = "problem.equations.*.causal";
  KeyRow(keys, path, KeyType::table, "",
         "Weights by which points late in time wait until the equation holds before them: the coordinate, or a table.")
      .shorthand("coordinate");
  const auto row = [&](const std::string& name, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, path + "." + name, type, std::move(standard), std::move(doc));
  };
  row("coordinate", KeyType::text, "", "Coordinate along which causes come before effects.")
      .standard("none; needed where another key of causal is given")
      .set([](const KeySlot& s, const Value& v) { equation(s).causal.coordinate = v.place; });
  row("chunks", KeyType::integer, "", "Parts of equal length that the coordinate's range is cut into.")
      .standard("32")
      .at_least(1)
      .at_most(10000)
      .set([](const KeySlot& s, const Value& v) { causal(s).chunks = v.integer; });
  row("tolerance", KeyType::number, "", "The larger, the smaller must residuals be before later points count.")
      .standard("1")
      .above(0)
      .set([](const KeySlot& s, const Value& v) { causal(s).tolerances = {v.number}; });
  row("tolerances", KeyType::numbers, "",
      "Rising tolerances, in place of one: the next one's turn comes when the smallest weight is above the threshold.")
      .standard("none")
      .above(0)
      .set([](const KeySlot& s, const Value& v) {
        causal(s).tolerances.clear();
        for (const Value& item : v.items) causal(s).tolerances.push_back(item.number);
      });
  row("threshold", KeyType::number, "", "Of the smallest weight, for tolerances.")
      .standard("0.99")
      .above(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { causal(s).threshold = v.number; });
  row("every", KeyType::integer, "", "Steps between two refreshes of the weights.")
      .standard("1")
      .unit("steps")
      .at_least(1)
      .set([](const KeySlot& s, const Value& v) { causal(s).every = v.integer; });
  row("search_every", KeyType::integer, "",
      "The same in stages of lbfgs, bfgs, ssbroyden and ngd, which begin anew with each; 0: weights stay as the stage "
      "found them.")
      .standard("100")
      .unit("steps")
      .at_least(0)
      .set([](const KeySlot& s, const Value& v) { causal(s).search_every = v.integer; });
}

TrainedText& trained(const KeySlot& slot) { return slot.config.problem.trained[slot.name]; }

void add_trainable_keys(std::vector<Key>& keys) {
  const std::string path = "problem.trainable.<name>";
  KeyRow(keys, path, KeyType::table, "",
         "A number that is trained with the network: where it starts, or a table; expressions use it as a constant.")
      .shorthand("start");
  KeyRow(keys, path + ".start", KeyType::expression, "", "The value that training begins with: a constant expression.")
      .required()
      .set([](const KeySlot& s, const Value& v) { trained(s).start = v.place; });
  KeyRow(keys, path + ".min", KeyType::expression, "", "A bound that the value stays above: a constant expression.")
      .standard("none")
      .set([](const KeySlot& s, const Value& v) { trained(s).lower = v.place; });
  KeyRow(keys, path + ".max", KeyType::expression, "", "A bound that the value stays below: a constant expression.")
      .standard("none")
      .set([](const KeySlot& s, const Value& v) { trained(s).upper = v.place; });
  KeyRow(keys, path + ".learning_rate", KeyType::number, "",
         "Of this number, where a stage's schedule begins; it follows the schedule from there. L-BFGS has none.")
      .above(0)
      .standard("the stage's")
      .set([](const KeySlot& s, const Value& v) { trained(s).learning_rate = v.number; });
}

}  // namespace

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.items) out.push_back(item.place.text);
  return out;
}

std::vector<SourceText> places(const Value& value) {
  if (value.kind != Value::Kind::list) return {value.place};
  std::vector<SourceText> list;
  for (const Value& item : value.items) list.push_back(item.place);
  return list;
}

void add_problem_keys(std::vector<Key>& keys) {
  const auto row = [&](std::string path, KeyType type, std::string standard, std::string doc) {
    return KeyRow(keys, std::move(path), type, std::move(standard), std::move(doc));
  };
  row("name", KeyType::text, "", "Name of the run; its folder is runs/<name>.")
      .standard("the file's name")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.name = v.place.text; });

  row("problem.coordinates", KeyType::names, "", "Independent variables; \"x1..x10\" stands for ten of them.")
      .required()
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.coordinates = texts(v);
        for (const Value& item : v.items) s.config.problem.name_places[item.place.text] = item.place;
      });
  row("problem.time", KeyType::text, "", "The coordinate that is time: left out of laplacian; \"\" for none.")
      .standard("t, where there is one")
      .set([](const KeySlot& s, const Value& v) { s.config.problem.time = v.place.text; });
  row("problem.fields", KeyType::names, "[\"u\"]", "Unknown functions, the network's outputs.")
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.fields = texts(v);
        for (const Value& item : v.items) s.config.problem.name_places[item.place.text] = item.place;
      });
  row("problem.constants.<name>", KeyType::expression, "",
      "A constant: a number, or an expression of other constants and pi.")
      .set([](const KeySlot& s, const Value& v) { s.config.problem.constants[s.name] = v.place; });
  row("problem.definitions.<name>", KeyType::expression, "",
      "A named expression for use in others; it may be differentiated.")
      .set([](const KeySlot& s, const Value& v) { s.config.problem.definitions[s.name] = v.place; });
  row("problem.domain.<coordinate>", KeyType::bounds, "", "Lower and upper bound: numbers or constant expressions.")
      .required()
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.domain[s.name] = {v.items[0].place, v.items[1].place};
      });
  row("problem.parameters.<name>", KeyType::bounds, "",
      "A further input, sampled between two bounds, numbers or constant expressions; nothing is differentiated by it.")
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.parameters[s.name] = {v.items[0].place, v.items[1].place};
        s.config.problem.name_places[s.name] = v.items[0].place;
      });
  add_trainable_keys(keys);
  row("problem.scales", KeyType::scales, "{}",
      "Sizes of coordinates, fields and trained numbers, by which the problem is scaled: { x = \"1 mm\", u = \"300 K\" }, "
      "the "
      "others chosen; \"auto\": all are chosen.")
      .words({"auto"})
      .above(0)
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.scales.automatic = v.kind == Value::Kind::text;
        for (const Value::Entry& entry : v.entries) s.config.problem.scales.values[entry.key] = entry.value.place;
      });
  row("problem.initial", KeyType::table, "{}", "Reserved: initial data.").later();

  row("problem.equations", KeyType::tables, "", "Residuals over the domain or a region of it, one term each.")
      .required()
      .set([](const KeySlot& s, const Value& v) { s.config.problem.terms.resize(v.items.size()); });
  add_name_key(keys, "problem.equations.*.", "equation_<number>", equation);
  add_residual_keys(keys, "problem.equations.*.", equation);
  add_points_key(keys, "problem.equations.*.",
                 "Table of the equation's points, HDF5, CSV or VTK; empty: they are drawn. Its columns are data.NAME.",
                 equation);
  row("problem.equations.*.in", KeyType::text, "\"\"",
      "Region where the equation holds, by inequalities such as x < 0; empty: the whole domain.")
      .set([](const KeySlot& s, const Value& v) {
        if (!v.place.text.empty()) equation(s).on = v.place;
      });
  add_causal_keys(keys);

  row("problem.conditions", KeyType::tables, "[]",
      "Residuals on a part of the domain: initial and boundary conditions, one term each.")
      .set([](const KeySlot& s, const Value& v) {
        for (std::size_t i = 0; i < v.items.size(); ++i) {
          s.config.problem.terms.emplace_back();
          s.config.problem.terms.back().equation = false;
        }
      });
  add_name_key(keys, "problem.conditions.*.", "condition_<number>", condition);
  row("problem.conditions.*.on", KeyType::text, "",
      "Where: equalities fix the set (t == 0, x == -1 || x == 1), inequalities restrict it; boundary: all faces of the "
      "domain.")
      .standard("none; needed where there are no points")
      .set([](const KeySlot& s, const Value& v) { condition(s).on = v.place; });
  row("problem.conditions.*.pair", KeyType::text, "\"\"",
      "Equalities that replace those of `on`: every point is linked with the one there, whose values are other(...) in the "
      "residuals, as in u - other(u).")
      .set([](const KeySlot& s, const Value& v) {
        if (!v.place.text.empty()) condition(s).pair = v.place;
      });
  row("problem.conditions.*.hard", KeyType::flag, "false",
      "The field meets this condition by its form, whatever the network: of residuals u - g on whole faces and borders.")
      .set([](const KeySlot& s, const Value& v) { condition(s).hard = v.flag; });
  add_residual_keys(keys, "problem.conditions.*.", condition);
  add_points_key(
      keys, "problem.conditions.*.",
      "Table of measurements or other data, HDF5, CSV or VTK, instead of `on`: its rows are the points, its columns "
      "data.NAME in the expressions of this term.",
      condition);
  row("problem.conditions.*.sigma", KeyType::expressions, "",
      "Standard deviations of the data, by which residuals are divided: a number, an expression such as \"data.su\", or a "
      "list of them, one per residual.")
      .standard("1")
      .set([](const KeySlot& s, const Value& v) { condition(s).sigma = places(v), condition(s).sigma_place = v.place; });
  row("problem.conditions.*.holdout", KeyType::number, "0",
      "Share of the table's rows that is not trained on: their error is logged as `validation`.")
      .at_least(0)
      .at_most(0.9)
      .set([](const KeySlot& s, const Value& v) { condition(s).holdout = v.number; });
  row("problem.conditions.*.holdout_by", KeyType::text, "\"\"",
      "Column of the table, such as the number of a tool: rows with the same value are held out together, or none of them; "
      "empty: each row by itself.")
      .set([](const KeySlot& s, const Value& v) {
        if (!v.place.text.empty()) condition(s).holdout_by = v.place;
      });
  add_geometry_keys(keys);
  add_gate_keys(keys);

  row("reference.file", KeyType::file, "\"\"", "Point table with the coordinates and the fields to compare with.")
      .harmless()
      .set([](const KeySlot& s, const Value& v) {
        s.config.problem.reference.file = v.place.text, s.config.problem.reference.file_place = v.place;
      });
  row("reference.exact.<field>", KeyType::expression, "",
      "The exact solution of a field, an expression of coordinates; instead of `file`.")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.problem.reference.exact[s.name] = v.place; });
  row("reference.free_constant", KeyType::names, "[]", "Fields that are compared after removing their mean.")
      .harmless()
      .set([](const KeySlot& s, const Value& v) { s.config.problem.reference.free_constant = texts(v); });
}

}  // namespace jetpinn
