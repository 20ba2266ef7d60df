#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/relations.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/io/row_table.hpp"
#include "jetpinn/io/vtk_table.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

Value derived_text(const std::string& text, const std::string& key) {
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

// A table whose file is larger than half of what the job may take is streamed where nothing speaks against it. What is wrong
// with the file, or with the limit, is said by who reads them.
bool streams_by_size(const Value& root, const Value& term) {
  const Value *limit = look(root, {"run", "memory_limit"}), *holdout = term.find("holdout");
  const std::string& file = table_of_points(term)->place.text;
  const double bytes = limit ? parse_bytes(limit->place.text).value_or(0) : 0;
  std::error_code trouble;
  const std::uintmax_t size = std::filesystem::file_size(file, trouble);
  if (trouble || bytes == 0 || static_cast<double>(size) <= bytes / 2) return false;
  const bool held_out = holdout && holdout->number != 0;
  return !is_csv(file) && !is_vtk(file) && !held_out && !squares_mean(term) && !cuts_windows(root) &&
         !method_that_weighs_points(root);
}

}  // namespace

Value name_of_file(const std::string& path) {
  const std::string stem = std::filesystem::path(path).stem().string();
  return derived_text(stem.empty() ? "run" : stem, "name");
}

void derive_defaults(Value& root, const std::string& path) {
  if (!root.find("name")) root.insert("name", name_of_file(path));
  Value& problem = *root.find("problem");
  if (!problem.find("time"))
    problem.insert("time", derived_text(has(names_in(problem.find("coordinates")), "t") ? "t" : "", "problem.time"));

  table_of(root, "sampling");
  table_of(*root.find("sampling"), "points");
  for_each_term(root, [&](Value& term, bool equation, std::size_t i) {
    const std::string key =
        std::string("problem.") + (equation ? "equations." : "conditions.") + std::to_string(i) + ".name";
    if (!term.find("name"))
      term.insert("name", derived_text((equation ? "equation_" : "condition_") + std::to_string(i), key));
    const std::string name = term.find("name")->place.text;
    if (Value* table = term.find("points"); table && !table->place.text.empty())
      table->place.text = path_beside(path, table->place.text);
    if (table_of_points(term) && !term.find("stream") && streams_by_size(root, term))
      term.insert("stream", parse_value("true", key.substr(0, key.rfind('.')) + ".stream"));
    Value& points = *root.find("sampling")->find("points");
    const std::int64_t count = equation ? default_equation_points : default_condition_points;
    if (!points.find(name) && !table_of_points(term))
      points.insert(name, parse_value(std::to_string(count), "sampling.points." + name));
  });

  if (Value* monitors = root.find("monitors"))
    for (std::size_t i = 0; i < monitors->items.size(); ++i)
      if (!monitors->items[i].find("name"))
        monitors->items[i].insert("name",
                                  derived_text("monitor_" + std::to_string(i), "monitors." + std::to_string(i) + ".name"));

  const auto beside = [&](Value* table, const char* key) {
    if (Value* file = table ? table->find(key) : nullptr; file && !file->place.text.empty())
      file->place.text = path_beside(path, file->place.text);
  };
  beside(root.find("reference"), "file");
  beside(root.find("training"), "start_from");
  beside(root.find("network"), "pattern");
  if (Value* networks = root.find("networks"))
    for (Value& network : networks->items) beside(&network, "pattern");
  Value* const geometry = root.find("geometry");
  if (Value* shapes = geometry ? geometry->find("shapes") : nullptr)
    for (Value::Entry& shape : shapes->entries) beside(&shape.value, "stl");
}

std::string path_beside(const std::string& config, const std::string& file) {
  return (std::filesystem::path(absolute_path(config)).parent_path() / file).lexically_normal().string();
}

}  // namespace jetpinn
