#include "jetpinn/config/relations.hpp"

#include <fmt/format.h>

namespace jetpinn {
namespace {

constexpr const char* node_method = "gauss_legendre";

bool is_list(const Value& value) { return value.kind == Value::Kind::list; }

// The most points of a term, of a monitor: a product of nodes may be as large as one number.
constexpr double most_term_points = 1e15, most_monitor_points = 1e9;

// Of a list of nodes along axes. coordinates: of the problem, its parameters too
void check_nodes(const Value& nodes, std::size_t coordinates, double most, const std::string& of_what) {
  if (nodes.items.size() > coordinates)
    fail_at(nodes.place, "a list of nodes has a number for each axis, and this one has " +
                             std::to_string(nodes.items.size()) + " for " + std::to_string(coordinates) + " coordinates");
  double product = 1;
  for (const Value& count : nodes.items) product *= static_cast<double>(count.integer);
  if (product > most)
    fail_at(nodes.place,
            fmt::format("the product of these numbers of nodes is above {:g}, the most points of a {}", most, of_what));
}

void check_lists(const Value& root, const Value* stage, const TermNames& terms, std::size_t coordinates) {
  const Value* sampling = stage ? stage->find("sampling") : root.find("sampling");
  const Value* points = sampling ? sampling->find("points") : nullptr;
  for (std::size_t i = 0; points && i < points->entries.size(); ++i) {
    const auto& [term, place, value] = points->entries[i];
    if (!is_list(value) || !has(terms.all, term)) continue;
    check_nodes(value, coordinates, most_term_points, "term");
    if (const std::string method = sampling_method_of(root, stage, term); method != node_method)
      fail_at(value.place, "a list counts the nodes of gauss_legendre along each axis, and the points of '" + term +
                               "' are chosen by " + method + ": give one number, or say methods = { " + term +
                               " = \"gauss_legendre\" } too");
  }
}

void check_methods(const Value* sampling, const std::string& key, const TermNames& terms) {
  const Value* methods = sampling ? sampling->find("methods") : nullptr;
  check_keys(methods, "a term", terms.all);
  for (std::size_t i = 0; methods && i < methods->entries.size(); ++i)
    if (const auto table = terms.tables.find(methods->entries[i].key); table != terms.tables.end())
      fail_at(methods->entries[i].value.place, "the points of '" + table->first + "' are the rows of its table, " +
                                                   table->second + ", scattered as they are: " + key +
                                                   ".methods has no method for it");
}

void check_integral(const Value& root, const Value& term) {
  const Value* reduction = term.find("reduction");
  if (!reduction || reduction->place.text != "integral_of_squares") return;
  const auto refuse = [&](const std::string& reason) {
    fail_at(reduction->place, "reduction = \"integral_of_squares\" " + reason);
  };
  if (table_of_points(term))
    refuse("needs a set with a measure, and rows of a table stand for none; leave it away for their mean");
  if (cuts_windows(root))
    refuse(
        "is over the whole domain, and training.windows cuts it into parts that hand over rows of tables; keep one of them");
}

}  // namespace

std::string sampling_method_of(const Value& root, const Value* stage, const std::string& term) {
  const Value* levels[] = {stage ? stage->find("sampling") : nullptr, root.find("sampling")};
  for (const Value* sampling : levels)
    if (const Value* methods = sampling ? sampling->find("methods") : nullptr)
      if (const Value* own = methods->find(term.c_str())) return own->place.text;
  for (const Value* sampling : levels)
    if (const Value* method = sampling ? sampling->find("method") : nullptr) return method->place.text;
  return "sobol";
}

bool always_the_same(const std::string& sampling_method) {
  return sampling_method == "grid" || sampling_method == node_method;
}

void check_quadrature(const Value& root, const TermNames& terms) {
  const Value *coordinates = look(root, {"problem", "coordinates"}), *parameters = look(root, {"problem", "parameters"});
  const std::size_t inputs = length(coordinates) + (parameters ? parameters->entries.size() : 0);
  const Value* stages = look(root, {"training", "stages"});
  std::vector<const Value*> levels{nullptr};
  for (std::size_t i = 0; stages && i < stages->items.size(); ++i) levels.push_back(&stages->items[i]);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Value* stage = levels[level];
    check_methods(stage ? stage->find("sampling") : root.find("sampling"),
                  stage ? "training.stages." + std::to_string(level - 1) + ".sampling" : "sampling", terms);
    check_lists(root, stage, terms, inputs);
  }
  for_each_term(root, [&](const Value& term, bool, std::size_t) { check_integral(root, term); });
  const Value* monitors = root.find("monitors");
  for (std::size_t i = 0; monitors && i < monitors->items.size(); ++i) {
    const Value *points = monitors->items[i].find("points"), *method = monitors->items[i].find("method");
    if (!points || !is_list(*points)) continue;
    check_nodes(*points, inputs, most_monitor_points, "monitor");
    if (!method || method->place.text != node_method)
      fail_at(points->place, "a list counts the nodes of gauss_legendre along each axis; add method = \"gauss_legendre\"");
  }
}

}  // namespace jetpinn
