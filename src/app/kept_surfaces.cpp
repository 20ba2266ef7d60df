#include "jetpinn/app/kept_surfaces.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <filesystem>
#include <map>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

// f(name of a shape, path of its surface, place of its copy)
template <class Geometry, class F>
void for_surfaces(Geometry& geometry, const std::string& folder, const F& f) {
  for (auto& [name, shape] : geometry.shapes)
    if (const auto stl = shape.values.find("stl"); stl != shape.values.end())
      f(name, stl->second.points[0][0].text, folder + "/shapes/" + name + ".stl");
}

std::string change_of(const std::string& path, const std::string& copy) {
  std::error_code trouble;
  if (!fs::exists(path, trouble)) return "is gone";
  try {
    return hash_of_file(path) == hash_of_file(copy) ? "" : "has changed since this run began";
  } catch (const Error&) {
    return "cannot be read any more";
  }
}

}  // namespace

void take_kept_surfaces(Communicator& communicator, GeometryText& geometry, const std::string& folder) {
  std::string kept;  // a digit for each surface, as rank 0 sees the folder
  communicator.agree("surfaces", [&] {
    const bool run = communicator.root() && find_run(folder).exists;
    for_surfaces(geometry, folder, [&](const std::string&, const std::string&, const std::string& copy) {
      std::error_code trouble;
      kept += run && fs::exists(copy, trouble) ? '1' : '0';
    });
  });
  kept = communicator.broadcast("surfaces", kept);
  std::size_t next = 0;
  for_surfaces(geometry, folder, [&](const std::string&, std::string& path, const std::string& copy) {
    if (kept[next++] == '1') path = copy;
  });
}

Warnings changed_surfaces(Communicator& communicator, const GeometryText& given, const GeometryText& kept) {
  Warnings warnings;  // rank 0
  std::map<std::string, std::string> copies;
  for_surfaces(kept, "", [&](const std::string& name, const std::string& path, const std::string&) { copies[name] = path; });
  for_surfaces(given, "", [&](const std::string& name, const std::string& path, const std::string&) {
    if (!communicator.root() || path == copies[name]) return;
    if (const std::string change = change_of(path, copies[name]); !change.empty())
      warnings.push_back({"surfaces", path + " " + change + ": the run goes on with the surface that it began with, in " +
                                          copies[name] + "; another --output begins anew"});
  });
  return from_lines(communicator.broadcast("surfaces", to_lines(warnings)));
}

void keep_surfaces(const GeometryText& geometry, const std::string& folder) {
  for_surfaces(geometry, folder, [&](const std::string&, const std::string& path, const std::string& copy) {
    std::error_code trouble;
    if (fs::equivalent(path, copy, trouble)) return;
    make_folder(fs::path(copy).parent_path().string());
    fs::copy_file(path, copy, fs::copy_options::overwrite_existing, trouble);
    if (trouble) fail_to_write(copy + " as a copy of " + path, trouble.value());
  });
}

}  // namespace jetpinn
