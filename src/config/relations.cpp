#include "jetpinn/config/relations.hpp"

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/io/row_table.hpp"
#include "jetpinn/io/vtk_table.hpp"
#include "jetpinn/problem/monitor.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

bool is_plain_name(const std::string& name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

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
  const Value* by = term.find("holdout_by");
  if (by && !by->place.text.empty() && !(holdout && holdout->number != 0))
    fail_at(by->place,
            "holdout_by says which rows are held out together, and holdout is 0; give a share too, as in holdout = 0.1");
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

bool streams(const Value& term) {
  const Value* stream = term.find("stream");
  return stream && stream->flag;
}

// A table that is streamed is HDF5, whose rows lie where they can be read in any order, and all of them are trained on.
void check_stream(const Value& term) {
  const Value* stream = term.find("stream");
  const Value* points = table_of_points(term);
  const auto refuse = [&](const std::string& reason) { fail_at(stream->place, "stream = true " + reason); };
  if (!points) refuse("reads the rows of a table, and this term has no `points`; name its file, or leave `stream` away");
  if (is_csv(points->place.text)) refuse("reads an HDF5 file, and " + points->place.text + " is CSV; write it as HDF5");
  if (is_vtk(points->place.text))
    refuse("reads an HDF5 file, and " + points->place.text +
           " is one for VTK; write it as HDF5: `jetpinn sample` with this config, without `stream`, and --term does");
  if (const Value* holdout = term.find("holdout"); holdout && holdout->number != 0)
    refuse("trains on all rows of its table, and holdout keeps some away; write those to a table of their own");
  if (squares_mean(term))
    refuse("takes some rows in a step, and reduction = \"square_of_mean\" needs all of them; leave one of the two away");
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

void check_causal(const Value& equation, const Names& coordinates) {
  const Value* causal = equation.find("causal");
  if (!causal || causal->entries.empty()) return;
  const SourceText& place = causal->entries[0].place;
  if (squares_mean(equation))
    fail_at(place,
            "causal weights are of squared residuals at points, and this equation squares their mean (reduction = "
            "\"square_of_mean\"); remove one of the two");
  const Value *coordinate = causal->find("coordinate"), *list = causal->find("tolerances");
  if (!coordinate)
    fail_at(place,
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

std::size_t length(const Value* value) { return !value ? 0 : value->kind == Value::Kind::list ? value->items.size() : 1; }

void fail_name(const SourceText& place, const std::string& name, const std::string& what, const Names& known) {
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

bool squares_mean(const Value& term) {
  const Value* reduction = term.find("reduction");
  return reduction && reduction->place.text == "square_of_mean";
}

namespace {

void check_hard(const Value& root, const Value& condition) {
  const Value* hard = condition.find("hard");
  if (!hard || !hard->flag) return;
  const auto refuse = [&](const std::string& reason) { fail_at(hard->place, "hard = true " + reason); };
  if (table_of_points(condition)) refuse("is for a set (`on`), and this condition has a table of `points`; leave it away");
  if (const Value* pair = condition.find("pair"); pair && !pair->place.text.empty())
    refuse("is for single points, and `pair` links them with others; leave it away");
  if (squares_mean(condition))
    refuse("holds at every point, and reduction = \"square_of_mean\" is a mean; keep one of them");
  if (cuts_windows(root)) refuse("belongs to the whole domain, and training.windows cuts it; keep one of them");
}

}  // namespace

const Value* method_that_weighs_points(const Value& root) {
  const Value* method = look(root, {"training", "balance", "method"});
  BalanceOptions balance;
  if (method) balance.method = balance_method(method->place.text);
  return balance.weighs_points() ? method : nullptr;
}

bool cuts_windows(const Value& root) {
  const Value *count = look(root, {"training", "windows", "count"}), *edges = look(root, {"training", "windows", "edges"});
  return (count && count->integer > 1) || length(edges) > 0;
}

const Value* table_of_points(const Value& term) {
  const Value* points = term.find("points");
  return points && !points->place.text.empty() ? points : nullptr;
}

void check_run_name(const Value& name) {
  if (name.place.text.empty() || name.place.text[0] == '.' || name.place.text.find_first_of("/\\") != std::string::npos)
    fail_at(name.place, "the name of a run becomes a folder: it cannot be empty, begin with '.' or contain '/'");
}

void check_relations(const Value& root) {
  const Value& problem = *root.find("problem");
  const Names coordinates = names_in(problem.find("coordinates"));
  const Names fields = problem.find("fields") ? names_in(problem.find("fields")) : Names{"u"};

  check_run_name(*root.find("name"));
  if (const Value& time = *problem.find("time"); !time.place.text.empty() && !has(coordinates, time.place.text))
    fail_name(time.place, time.place.text, "a coordinate", coordinates);
  check_domain(problem, coordinates);
  check_trainable(problem.find("trainable"));

  std::map<std::string, SourceText> seen;
  TermNames terms;
  for_each_term(root, [&](const Value& term, bool equation, std::size_t number) {
    check_term(term, seen);
    const std::string& own = term.find("name")->place.text;
    if (squares_mean(term)) terms.means.push_back(own);
    if (const Value* table = table_of_points(term)) terms.tables[own] = table->place.text;
    if (streams(term)) {
      check_stream(term);
      terms.streams.push_back(own);
    }
    equation ? check_region(term) : check_points(term, number);
    if (!equation) check_hard(root, term);
    if (equation) check_causal(term, coordinates);
  });
  for (const auto& entry : seen) terms.all.push_back(entry.first);
  check_training(root, coordinates, terms);

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
