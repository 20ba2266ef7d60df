// What keys of a classification derive from one another, and say of one another.
#include "jetpinn/classify/classify_options.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/relations.hpp"
#include "jetpinn/config/schema.hpp"

namespace jetpinn {
namespace {

bool is_default(const Value& value, const Key& key) {
  return write_value(value) == write_value(parse_value(key.standard, key.path));
}

// Every key of [model] but its kind belongs to sparse_vit. At its default it says nothing: a resolved config has all keys.
void check_model(const Value& model) {
  const Value* kind = model.find("kind");
  const std::string name = kind ? kind->place.text : ClassifyOptions().model;
  if (name == "sparse_vit") return;
  for (const Value::Entry& entry : model.entries)
    if (entry.key != "kind" && !is_default(entry.value, *schema_of(ConfigTask::images).find("model." + entry.key)))
      fail_at(entry.place, "model." + entry.key + " belongs to sparse_vit, and the model is " + name + "; remove it");
}

// Keys of a gate that there is not are told, wherever they say more than their defaults.
void check_unused(const Value& table, const std::string& path) {
  for (const Value::Entry& entry : table.entries) {
    const std::string key = path + "." + entry.key;
    if (!entry.value.entries.empty())
      check_unused(entry.value, key);
    else if (const Key* known = schema_of(ConfigTask::images).find(key); known && !is_default(entry.value, *known))
      fail_at(entry.place, key +
                               " changes a gate that there is not; add a target below 1, as in gate.target = 0.25, or "
                               "remove it");
  }
}

void check_image_gate(const Value& gate) {
  const Value* target = gate.find("target");
  if (target && target->number < 1)
    check_gate_numbers(gate);
  else
    check_unused(gate, "gate");
}

}  // namespace

void derive_image_defaults(Value& root, const std::string& path) {
  if (!root.find("name")) root.insert("name", name_of_file(path));
  for (const char* key : {"folder", "file"})
    if (Value* place = root.find("dataset")->find(key); place && !place->place.text.empty())
      place->place.text = path_beside(path, place->place.text);
}

void check_image_relations(const Value& root) {
  check_run_name(*root.find("name"));
  const Value& dataset = *root.find("dataset");
  const Value& format = *dataset.find("format");
  const std::string& name = format.place.text;
  const auto given = [&](const char* key) {
    const Value* place = dataset.find(key);
    return place && !place->place.text.empty() ? place : nullptr;
  };
  const auto needs = [&](const char* key, const std::string& what, bool needed) {
    const Value* place = given(key);
    if (needed && !place) fail_at(format.place, "the format " + name + " needs dataset." + key + ", " + what);
    if (!needed && place) fail_at(place->place, "the format " + name + " reads no dataset." + key + "; remove it");
  };
  needs("folder", "where its files lie", name == "cifar10" || name == "cifar100" || name == "idx");
  needs("file", "an HDF5 file with images and labels", name == "hdf5");
  if (const Value* classes = dataset.find("classes"); classes && classes->integer != 0 && name != "idx" && name != "hdf5")
    fail_at(classes->place, "the format " + name + " has classes of its own and reads no dataset.classes; remove it");
  if (const Value* model = root.find("model")) check_model(*model);
  if (const Value* training = root.find("training")) check_schedule(*training);
  if (const Value* gate = root.find("gate")) check_image_gate(*gate);
}

}  // namespace jetpinn
