#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/config/document.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/schema.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/problem/monitor.hpp"
#include "jetpinn/train/options.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

using Names = std::vector<std::string>;

// The value under a path of plain keys; null where it is not given.
const Value* look(const Value& root, std::initializer_list<const char*> path) {
  const Value* at = &root;
  for (const char* part : path)
    if (!(at = at->find(part))) return nullptr;
  return at;
}

Names names_in(const Value* list) {
  Names names;
  if (list)
    for (const Value& item : list->items) names.push_back(item.place.text);
  return names;
}

bool has(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

[[noreturn]] void fail_name(const SourceText& place, const std::string& name, const std::string& what, const Names& known) {
  const std::string nearest = nearest_name(name, known);
  std::string list;
  for (const std::string& item : known) list += (list.empty() ? "" : ", ") + item;
  fail_at(place, "'" + name + "' is not " + what + "; " +
                     (nearest.empty() ? "there is " + list : "did you mean '" + nearest + "'?"));
}

void check_items(const Value* list, const std::string& what, const Names& known) {
  if (!list) return;
  for (const Value& item : list->items)
    if (!has(known, item.place.text)) fail_name(item.place, item.place.text, what, known);
}

void check_keys(const Value* table, const std::string& what, const Names& known) {
  if (!table) return;
  for (const auto& entry : table->entries)
    if (!has(known, entry.key)) fail_name(entry.place, entry.key, what, known);
}

bool is_plain_name(const std::string& name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

// Terms by name, equations first; the list of each kind is visited with its path.
template <class Visit>
void for_each_term(Value& root, Visit&& visit) {
  Value* problem = root.find("problem");
  for (const char* kind : {"equations", "conditions"})
    if (Value* list = problem ? problem->find(kind) : nullptr)
      for (std::size_t i = 0; i < list->items.size(); ++i) visit(list->items[i], std::string(kind) == "equations", i);
}

Value text_value(const std::string& text, const std::string& key) {
  Value value;
  value.kind = Value::Kind::text;
  value.place.text = text;
  value.place.file = "default of";
  value.place.key = key;
  return value;
}

Value& table_of(Value& root, const std::string& key) {
  if (Value* found = root.find(key)) return *found;
  return root.insert(key, Value{});
}

// The table of a term; null: its points are drawn.
const Value* table_of_points(const Value& term) {
  const Value* points = term.find("points");
  return points && !points->place.text.empty() ? points : nullptr;
}

std::size_t length(const Value* value) { return !value ? 0 : value->kind == Value::Kind::list ? value->items.size() : 1; }

// A condition has its points on a set, or from a table.
void check_points(const Value& term, std::size_t number) {
  const Value *on = term.find("on"), *points = table_of_points(term);
  const std::string key = "problem.conditions." + std::to_string(number);
  if (on && points)
    fail_at(points->place, "a condition has its points `on` a set or from a table of `points`; keep one of them");
  if (!on && !points)
    fail_at(term.place, "the key '" + key + ".on' is missing; it takes text, or `points` names a table instead");
  if (const Value* pair = term.find("pair"); points && pair && !pair->place.text.empty())
    fail_at(pair->place, "`pair` links the points of a set (`on`) with others, and this condition has a table of `points`");
  const Value *sigma = term.find("sigma"), *holdout = term.find("holdout");
  if (!points && sigma) fail_at(sigma->place, "sigma belongs to a table, and this condition has no `points`");
  if (!points && holdout && holdout->number != 0)
    fail_at(holdout->place, "holdout keeps rows of a table, and this condition has no `points`");
}

void check_term(const Value& term, std::map<std::string, SourceText>& seen) {
  const Value& name = *term.find("name");
  const std::string& text = name.place.text;
  if (!is_plain_name(text)) fail_at(name.place, "the name of a term is made of letters, digits, '_' and '-'");
  const auto [known, fresh] = seen.emplace(text, name.place);
  if (!fresh)
    fail_at(name.place, "the term '" + text + "' is declared twice" +
                            (known->second.line > 0 ? ", first in line " + std::to_string(known->second.line) : ""));
}

// An equation has its points in a region, or from a table.
void check_region(const Value& term) {
  const Value *in = term.find("in"), *points = table_of_points(term);
  if (in && !in->place.text.empty() && points)
    fail_at(in->place, "an equation has its points `in` a region or from a table of `points`; keep one of them");
}

// The value that a schedule has or would get.
double rate_of(const Value& schedule, const char* key) {
  const Value* value = schedule.find(key);
  return value ? value->number
               : parse_value(find_key(std::string("training.stages.*.learning_rate.") + key)->standard, key).number;
}

void check_pieces(const Value& schedule) {
  const Value *at = schedule.find("at"), *factors = schedule.find("factors");
  if (length(at) == 0)
    fail_at(schedule.find("schedule")->place,
            "the schedule piecewise needs steps and factors, as in at = [1000, 2000], factors = [0.5, 0.5]");
  if (length(at) != length(factors))
    fail_at(at->place, "learning_rate.at has " + std::to_string(length(at)) + " steps and learning_rate.factors has " +
                           std::to_string(length(factors)) + "; each step needs a factor");
  for (std::size_t k = 1; k < at->items.size(); ++k)
    if (at->items[k].integer <= at->items[k - 1].integer)
      fail_at(at->items[k].place, "the steps of learning_rate.at must rise");
}

void check_schedule(const Value& stage) {
  const Value* schedule = stage.find("learning_rate");
  const Value* kind = schedule ? schedule->find("schedule") : nullptr;
  if (!kind) return;
  const std::string& name = kind->place.text;
  if (name == "piecewise") check_pieces(*schedule);
  if ((name == "cyclical" || name == "one_cycle") && rate_of(*schedule, "max") < rate_of(*schedule, "start"))
    fail_at(schedule->find("max") ? schedule->find("max")->place : schedule->find("start")->place,
            "the schedule " + name + " rises from learning_rate.start to learning_rate.max, which is below it");
}

void check_monitor(const Value& monitor, std::set<std::string>& seen) {
  const SourceText& name = monitor.find("name")->place;
  if (!is_plain_name(name.text)) fail_at(name, "the name of a monitor is made of letters, digits, '_' and '-'");
  if (!seen.insert(name.text).second) fail_at(name, "the monitor '" + name.text + "' is declared twice");
  const Value* given = nullptr;
  for (const MonitorKind kind : {MonitorKind::integral, MonitorKind::mean, MonitorKind::min, MonitorKind::max}) {
    const Value* expression = monitor.find(to_string(kind));
    if (given && expression)
      fail_at(expression->place, "the monitor '" + name.text + "' has two expressions; give each a monitor of its own");
    if (expression) given = expression;
  }
  if (!given) fail_at(name, "the monitor '" + name.text + "' has no expression; give it one of integral, mean, min, max");
}

void check_stage_constants(const Value& stage, const Value* constants) {
  const Value* changed = stage.find("constants");
  if (!changed) return;
  Names known;
  for (std::size_t i = 0; constants && i < constants->entries.size(); ++i) known.push_back(constants->entries[i].key);
  if (known.empty() && !changed->entries.empty())
    fail_at(changed->entries[0].place, "'" + changed->entries[0].key + "' is not a constant; problem.constants has none");
  check_keys(changed, "a constant", known);
}

bool squares_mean(const Value& term) {
  const Value* reduction = term.find("reduction");
  return reduction && reduction->place.text == "square_of_mean";
}

// The square of a batch's mean is larger than that of the mean by the batch's scatter. Batches of other terms leave it
// alone.
void check_batch_of_mean(const Value* batch, const Names& means) {
  for (std::size_t i = 0; batch && i < batch->entries.size(); ++i)
    if (has(means, batch->entries[i].key))
      fail_at(batch->entries[i].place, "the term '" + batch->entries[i].key +
                                           "' squares the mean of its residual over all its points (reduction = "
                                           "\"square_of_mean\"), so it takes no batch; leave it out here");
}

// The natural gradient is solved in residuals at points, of which a squared mean has none.
void check_optimizer_of_mean(const Value& stage, const Names& means) {
  const Value* optimizer = stage.find("optimizer");
  if (!optimizer || means.empty()) return;
  OptimizerOptions options;
  options.kind = optimizer->place.text;
  if (options.linearizes())
    fail_at(optimizer->place, "the term '" + means.front() +
                                  "' squares the mean of its residual (reduction = "
                                  "\"square_of_mean\"), which " +
                                  options.kind + " does not know yet; take ssbroyden, lbfgs or adam");
}

// A line search compares losses, which are those of other points in every batch.
void check_stage_batch(const Value& stage, const Names& terms) {
  const Value *batch = stage.find("batch"), *optimizer = stage.find("optimizer");
  check_keys(batch, "a term", terms);
  if (!batch || batch->entries.empty() || !optimizer) return;
  OptimizerOptions options;
  options.kind = optimizer->place.text;
  if (options.searches())
    fail_at(batch->entries[0].place, "a stage of " + options.kind +
                                         " takes all points in every step, for a line search "
                                         "compares losses; batches are for adam, adamw and soap");
}

void check_domain(const Value& problem, const Names& coordinates) {
  const Value* domain = problem.find("domain");
  check_keys(domain, "a coordinate", coordinates);
  for (const std::string& name : coordinates)
    if (!domain || !domain->find(name))
      fail_at(domain ? domain->place : problem.find("coordinates")->place,
              "problem.domain says nothing about the coordinate '" + name + "'; add " + name + " = [lower, upper]");
}

// owned: the fields that have a network already, and this one's then.
void check_network(const Value& network, const Names& coordinates, const Names& fields, std::set<std::string>& owned) {
  check_items(network.find("periodic"), "a coordinate", coordinates);
  const Value* given = network.find("fields");
  check_items(given, "a field", fields);
  for (std::size_t i = 0; given && i < given->items.size(); ++i)
    if (const SourceText& field = given->items[i].place; !owned.insert(field.text).second)
      fail_at(field, "the field '" + field.text + "' has a network already; a field belongs to one network");
  const bool some = length(given) > 0;
  if (!some) owned.insert(fields.begin(), fields.end());
  check_keys(network.find("output"), some ? "a field of this network" : "a field", some ? names_in(given) : fields);
}

// Every field belongs to one network: to [network], or to one of [[networks]].
void check_networks(const Value& root, const Names& coordinates, const Names& fields) {
  const Value *one = root.find("network"), *several = root.find("networks");
  std::set<std::string> owned;
  if (length(several) == 0) {
    check_network(one ? *one : Value{}, coordinates, fields, owned);
  } else {
    if (one)
      fail_at(one->entries.empty() ? one->place : one->entries[0].place,
              "[network] and [[networks]] are both given; keep one of them");
    for (const Value& network : several->items) check_network(network, coordinates, fields, owned);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (owned.count(fields[i])) continue;
    const Value* declared = look(root, {"problem", "fields"});
    fail_at(declared ? declared->items[i].place : several->items[0].place,
            "the field '" + fields[i] + "' belongs to no network; add it to the `fields` of one");
  }
}

// An option that the method does not read would be believed to do something.
void check_balance(const Value& root, const Names& terms, const Names& means) {
  const Value* balance = look(root, {"training", "balance"});
  if (!balance) return;
  BalanceOptions options;
  const Value* given = balance->find("method");
  if (given) options.method = balance_method(given->place.text);
  const BalanceDefaults& reads = balance_defaults(options.method);
  const std::map<std::string, bool> read{{"momentum", reads.momentum.has_value()},
                                         {"rate", reads.rate.has_value()},
                                         {"temperature", reads.temperature.has_value()},
                                         {"look_back", reads.look_back.has_value()},
                                         {"points", reads.points.has_value()}};
  for (const auto& entry : balance->entries) {
    if (entry.key == "method") continue;
    if (!options.active())
      fail_at(entry.place, "training.balance." + entry.key + " needs a method, as in method = \"gradnorm\"");
    if (const auto option = read.find(entry.key); option != read.end() && !option->second)
      fail_at(entry.place,
              "the method " + given->place.text + " does not read training.balance." + entry.key + "; remove it");
  }
  const Value* chosen = balance->find("terms");
  check_items(chosen, "a term", terms);
  for (std::size_t i = 0; chosen && i < chosen->items.size(); ++i)
    if (has(means, chosen->items[i].place.text))
      fail_at(chosen->items[i].place, "the term '" + chosen->items[i].place.text +
                                          "' squares the mean of its residual (reduction = \"square_of_mean\") and keeps "
                                          "its weight; leave it out here");
  const Value* resample = look(root, {"sampling", "resample_every"});
  if (options.weighs_points() && resample && resample->integer > 0)
    fail_at(given->place,
            "the method " + given->place.text +
                " keeps a weight for each point, and sampling.resample_every makes other points: remove it, or "
                "take gradnorm, ntk or relobralo, which weigh whole terms");
}

void check_causal(const Value& equation, const Names& coordinates) {
  const Value* causal = equation.find("causal");
  if (!causal || causal->entries.empty()) return;
  if (squares_mean(equation))
    fail_at(causal->entries[0].place,
            "causal weights are of squared residuals at points, and this equation squares their mean (reduction = "
            "\"square_of_mean\"); remove one of the two");
  const Value *coordinate = causal->find("coordinate"), *list = causal->find("tolerances");
  if (!coordinate)
    fail_at(causal->entries[0].place,
            "causal weights need the coordinate along which causes come before effects, as in "
            "coordinate = \"" +
                coordinates[0] + "\"");
  if (!has(coordinates, coordinate->place.text))
    fail_name(coordinate->place, coordinate->place.text, "a coordinate", coordinates);
  if (!list) return;
  if (causal->find("tolerance"))
    fail_at(list->place, "causal.tolerance and causal.tolerances are both given; keep one of them");
  if (list->items.empty()) fail_at(list->place, "causal.tolerances is empty; write rising numbers, as in [0.01, 0.1, 1]");
  for (std::size_t k = 1; k < list->items.size(); ++k)
    if (list->items[k].number <= list->items[k - 1].number)
      fail_at(list->items[k].place, "the numbers of causal.tolerances must rise");
}

// Where windows lie and what holds in each is checked with the problem (problem/windows.cpp).
void check_windows(const Value& root, const Names& coordinates) {
  const Value* windows = look(root, {"training", "windows"});
  if (!windows || windows->entries.empty()) return;
  const Value *coordinate = windows->find("coordinate"), *edges = windows->find("edges");
  if (coordinate && !coordinate->place.text.empty() && !has(coordinates, coordinate->place.text))
    fail_name(coordinate->place, coordinate->place.text, "a coordinate", coordinates);
  if (!windows->find("count") && length(edges) == 0)
    fail_at(windows->entries[0].place,
            "training.windows says nothing about how many there are; add count = 4, or edges = [lower, ..., upper]");
}

// Keys below a free name are not looked for by the schema.
void check_trainable(const Value* trainable) {
  if (!trainable) return;
  for (const auto& entry : trainable->entries)
    if (!entry.value.find("start"))
      fail_at(entry.place,
              "the key 'problem.trainable." + entry.key + ".start' is missing; it takes an expression or a number");
}

// What has a scale: whatever is differentiated by, differentiated or trained.
void check_scales(const Value& problem, Names known) {
  const Value *scales = problem.find("scales"), *trainable = problem.find("trainable"),
              *parameters = problem.find("parameters");
  if (!scales) return;
  if (trainable)
    for (const auto& entry : trainable->entries) known.push_back(entry.key);
  for (const auto& entry : scales->entries)
    if (parameters && parameters->find(entry.key))
      fail_at(entry.place, "'" + entry.key + "' is a parameter: nothing is differentiated by it, so its range is its scale");
  check_keys(scales, "a coordinate, a field or a trained number", known);
}

}  // namespace

void derive_defaults(Value& root, const std::string& path) {
  if (!root.find("name")) {
    const std::string stem = std::filesystem::path(path).stem().string();
    root.insert("name", text_value(stem.empty() ? "run" : stem, "name"));
  }
  Value& problem = *root.find("problem");
  if (!problem.find("time"))
    problem.insert("time", text_value(has(names_in(problem.find("coordinates")), "t") ? "t" : "", "problem.time"));

  table_of(root, "sampling");
  table_of(*root.find("sampling"), "points");
  for_each_term(root, [&](Value& term, bool equation, std::size_t i) {
    const std::string key =
        std::string("problem.") + (equation ? "equations." : "conditions.") + std::to_string(i) + ".name";
    if (!term.find("name"))
      term.insert("name", text_value((equation ? "equation_" : "condition_") + std::to_string(i), key));
    const std::string name = term.find("name")->place.text;
    if (Value* table = term.find("points"); table && !table->place.text.empty())
      table->place.text = path_beside(path, table->place.text);
    Value& points = *root.find("sampling")->find("points");
    const std::int64_t count = equation ? default_equation_points : default_condition_points;
    if (!points.find(name) && !table_of_points(term))
      points.insert(name, parse_value(std::to_string(count), "sampling.points." + name));
  });

  if (Value* monitors = root.find("monitors"))
    for (std::size_t i = 0; i < monitors->items.size(); ++i)
      if (!monitors->items[i].find("name"))
        monitors->items[i].insert("name",
                                  text_value("monitor_" + std::to_string(i), "monitors." + std::to_string(i) + ".name"));

  for (const auto& [table, key] : {std::pair{"reference", "file"}, std::pair{"training", "start_from"}})
    if (const Value* file = look(root, {table, key}); file && !file->place.text.empty())
      root.find(table)->find(key)->place.text = path_beside(path, file->place.text);
}

std::string path_beside(const std::string& config, const std::string& file) {
  return (std::filesystem::absolute(config).parent_path() / file).lexically_normal().string();
}

void check_relations(const Value& root) {
  const Value& problem = *root.find("problem");
  const Names coordinates = names_in(problem.find("coordinates"));
  const Names fields = problem.find("fields") ? names_in(problem.find("fields")) : Names{"u"};

  const Value& name = *root.find("name");
  if (name.place.text.empty() || name.place.text[0] == '.' || name.place.text.find_first_of("/\\") != std::string::npos)
    fail_at(name.place, "the name of a run becomes a folder: it cannot be empty, begin with '.' or contain '/'");
  if (const Value& time = *problem.find("time"); !time.place.text.empty() && !has(coordinates, time.place.text))
    fail_name(time.place, time.place.text, "a coordinate", coordinates);
  check_domain(problem, coordinates);
  check_trainable(problem.find("trainable"));

  std::map<std::string, SourceText> seen;
  Names means;  // terms that square the mean of their residuals
  const Value* counts = look(root, {"sampling", "points"});
  for_each_term(const_cast<Value&>(root), [&](const Value& term, bool equation, std::size_t number) {
    check_term(term, seen);
    if (squares_mean(term)) means.push_back(term.find("name")->place.text);
    equation ? check_region(term) : check_points(term, number);
    if (equation) check_causal(term, coordinates);
    if (const Value* count = table_of_points(term) && counts ? counts->find(term.find("name")->place.text) : nullptr)
      fail_at(count->place, "the points of '" + term.find("name")->place.text + "' are the rows of its table, " +
                                table_of_points(term)->place.text + ": sampling.points has no number for it");
  });
  Names terms;
  for (const auto& entry : seen) terms.push_back(entry.first);
  check_keys(counts, "a term", terms);
  check_keys(look(root, {"sampling", "batch"}), "a term", terms);
  check_batch_of_mean(look(root, {"sampling", "batch"}), means);

  check_balance(root, terms, means);
  const Value* method = look(root, {"sampling", "method"});
  const Value* resample = look(root, {"sampling", "resample_every"});
  if (method && method->place.text == "grid" && resample && resample->integer > 0)
    fail_at(resample->place,
            "a grid is the same grid whenever it is made, so resampling changes nothing: remove sampling.resample_every, or "
            "take sampling.method = \"sobol\", \"lhs\" or \"uniform\"");

  if (const Value* stages = look(root, {"training", "stages"}))
    for (const Value& stage : stages->items) {
      check_schedule(stage);
      check_stage_constants(stage, problem.find("constants"));
      check_stage_batch(stage, terms);
      check_batch_of_mean(stage.find("batch"), means);
      check_optimizer_of_mean(stage, means);
    }

  check_windows(root, coordinates);

  std::set<std::string> monitor_names;
  if (const Value* monitors = root.find("monitors"))
    for (const Value& monitor : monitors->items) check_monitor(monitor, monitor_names);

  check_networks(root, coordinates, fields);
  Names scaled = coordinates;
  scaled.insert(scaled.end(), fields.begin(), fields.end());
  check_scales(problem, scaled);
  check_keys(look(root, {"reference", "exact"}), "a field", fields);
  check_items(look(root, {"reference", "free_constant"}), "a field", fields);
  const Value* file = look(root, {"reference", "file"});
  const Value* exact = look(root, {"reference", "exact"});
  if (file && !file->place.text.empty() && exact && !exact->entries.empty())
    fail_at(file->place, "reference.file and reference.exact are both given; keep one of them");
}

}  // namespace jetpinn
