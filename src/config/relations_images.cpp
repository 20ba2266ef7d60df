// What keys of a classification derive from one another, and say of one another.
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/relations.hpp"

namespace jetpinn {

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
  if (const Value* training = root.find("training")) check_schedule(*training);
}

}  // namespace jetpinn
