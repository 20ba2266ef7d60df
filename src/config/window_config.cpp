#include "jetpinn/config/window_config.hpp"

#include "jetpinn/config/edit_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

template <class Keeps>
void keep_items(Value* list, const Keeps& keeps) {
  if (!list) return;
  std::vector<Value> kept;
  for (std::size_t i = 0; i < list->items.size(); ++i)
    if (keeps(i)) kept.push_back(std::move(list->items[i]));
  list->items = std::move(kept);
}

// Of a table that names terms, where none means all of them: it goes with the last one.
void leave_out(Value& parent, const std::string& table, const std::string& term) {
  Value* own = parent.find(table);
  Value* terms = own ? own->find("terms") : nullptr;
  if (!terms || terms->items.empty()) return;
  keep_items(terms, [&](std::size_t i) { return terms->items[i].place.text != term; });
  if (terms->items.empty()) parent.erase(table);
}

// The same of a gate, which its stages name too. The table stays: what is erased moves its neighbours in the root.
void leave_out_of_gate(Value& root, const std::string& term) {
  Value* gate = root.find("gate");
  if (!gate) return;
  if (Value* emphasis = gate->find("emphasis")) emphasis->erase(term);
  Value* terms = gate->find("terms");
  if (!terms || terms->items.empty()) return;
  keep_items(terms, [&](std::size_t i) { return terms->items[i].place.text != term; });
  if (!terms->items.empty()) return;
  gate->entries.clear();
  for (Value& stage : root.find("training")->find("stages")->items) stage.erase("gate");
}

// Everything that names a term beside the term itself. `points` alone: its table says how many points there are.
void forget_points(Value& root, const std::string& term, bool everywhere) {
  Value &sampling = *root.find("sampling"), &stages = *root.find("training")->find("stages");
  for (const char* key : {"points", "methods"}) {
    if (Value* of_terms = sampling.find(key)) of_terms->erase(term);
    for (Value& stage : stages.items)
      if (Value* own = stage.find("sampling"))
        if (Value* of_terms = own->find(key)) of_terms->erase(term);
  }
  leave_out(sampling, "adaptive", term);
  if (!everywhere) return;
  leave_out_of_gate(root, term);
  if (Value* batch = sampling.find("batch")) batch->erase(term);
  Value& training = *root.find("training");
  if (Value* balance = training.find("balance"))
    if (Value* terms = balance->find("terms"))
      keep_items(terms, [&](std::size_t i) { return terms->items[i].place.text != term; });
  for (Value& stage : stages.items)
    for (const char* key : {"batch", "weights"})
      if (Value* of_terms = stage.find(key)) of_terms->erase(term);
}

// Where a condition at the first edge holds in a window that begins at `edge`, its conditions beside bounds left out.
std::string set_at(const Problem& problem, const Term& term, int coordinate, double edge) {
  std::string text;
  for (const Piece& piece : term.region.pieces) {
    std::string place = fmt::format("{} == {}", problem.symbols.coordinates[static_cast<std::size_t>(coordinate)], edge);
    for (std::size_t d = 0; d < piece.lower.size(); ++d) {
      const std::string& name = problem.symbols.coordinates[d];
      if (static_cast<int>(d) == coordinate) continue;
      if (piece.lower[d] == piece.upper[d])
        place += fmt::format(" && {} == {}", name, piece.lower[d]);
      else if (piece.lower[d] > problem.lower[d] || piece.upper[d] < problem.upper[d])
        place += fmt::format(" && {0} >= {1} && {0} <= {2}", name, piece.lower[d], piece.upper[d]);
    }
    text += (text.empty() ? "" : " || ") + place;
  }
  return text;
}

// r becomes r - data.last_1; a vector the difference of two.
Value difference_to_last(const TermText& text, const std::vector<std::size_t>& components) {
  Value list;
  list.kind = Value::Kind::list;
  std::size_t column = 0;
  for (std::size_t r = 0; r < text.residuals.size(); ++r) {
    std::string last;
    for (std::size_t k = 0; k < components[r]; ++k) last += (k == 0 ? "data." : ", data.") + last_state_column(column++);
    list.items.push_back(text_value("(" + text.residuals[r].text + ") - " + (components[r] > 1 ? "[" + last + "]" : last)));
  }
  return list;
}

// The config with the paths of `root`, which begin at the window's folder: a run folder can be moved with its windows.
void keep_paths(const Value& root, Config& config) {
  Value resolved = parse_document(config.resolved, config.path);
  for (const char* list : {"equations", "conditions"}) {
    const Value* items = root.find("problem")->find(list);
    for (std::size_t i = 0; items && i < items->items.size(); ++i)
      resolved.find("problem")->find(list)->items[i].find("points")->place = items->items[i].find("points")->place;
  }
  resolved.find("training")->find("start_from")->place = root.find("training")->find("start_from")->place;
  config.resolved = write_document(resolved);
}

}  // namespace

std::string last_state_column(std::size_t residual) { return "last_" + std::to_string(residual + 1); }

Config window_config(const Config& whole, const Problem& problem, const Windows& windows, std::size_t k,
                     const WindowParts& parts, const std::string& path) {
  Value root = parse_document(whole.resolved, path);
  set(root, "name", text_value(whole.name + "-window-" + std::to_string(k)));
  Value& text = *root.find("problem");   // behind the name, which moves what lies beside it
  const std::string& cut = problem.symbols.coordinates[static_cast<std::size_t>(windows.coordinate)];
  Value bounds;
  bounds.kind = Value::Kind::list;
  bounds.items = {number_value(windows.edges[k]), number_value(windows.edges[k + 1])};
  set(*text.find("domain"), cut, std::move(bounds));

  Value &equations = *text.find("equations"), *conditions = text.find("conditions");
  const std::size_t first_condition = equations.items.size();
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    Value& item = t < first_condition ? equations.items[t] : conditions->items[t - first_condition];
    if (!parts.terms[t]) {
      forget_points(root, term.name, true);
    } else if (!parts.tables[t].empty()) {
      set(item, "points", text_value(parts.tables[t]));
      forget_points(root, term.name, false);
      if (!windows.begins[t]) continue;
      item.erase("on");
      set(item, "residual", difference_to_last(whole.problem.terms[t], term.components));
    } else if (windows.begins[t] && k > 0) {
      set(item, "on", text_value(set_at(problem, term, windows.coordinate, windows.edges[k])));
    }
  }
  keep_items(&equations, [&](std::size_t i) { return static_cast<bool>(parts.terms[i]); });
  keep_items(conditions, [&](std::size_t i) { return static_cast<bool>(parts.terms[first_condition + i]); });
  keep_items(root.find("monitors"), [&](std::size_t m) { return static_cast<bool>(windows.monitors[k][m]); });
  if (!parts.reference) root.erase("reference");
  Value& training = *root.find("training");
  training.erase("windows");
  set(training, "start_from", text_value(parts.start_from));
  Config config = parse_config(write_document(root), path, {});
  keep_paths(root, config);
  return config;
}

}  // namespace jetpinn
