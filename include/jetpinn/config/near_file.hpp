// What was meant by a path that leads nowhere: a neighbour with a similar name.
#pragma once

#include <string>

namespace jetpinn {

// "; did you mean 'configs/burgers.toml'?": the TOML file beside `path`, or of the same name in configs/, whose name is
// nearest; a name without its ending counts too. Empty: none is near.
std::string near_config(const std::string& path);
// The same for tables of points, HDF5 or CSV files beside `path`.
std::string near_table(const std::string& path);
// The same for run folders (those with a config.toml).
std::string near_run(const std::string& path);

}  // namespace jetpinn
