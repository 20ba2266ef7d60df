// The triangle surfaces that a config's shapes name, and the copies of them that a run folder keeps: a run goes on, and is
// read, with those that it began with.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/problem/shape_text.hpp"

#include <string>

namespace jetpinn {

// Collective. Shapes whose surfaces the run in `folder` keeps read these.
void take_kept_surfaces(Communicator& communicator, GeometryText& geometry, const std::string& folder);

// What a run that goes on has to say: surfaces that are gone or have changed. given: as the config names them; kept: after
// take_kept_surfaces. Collective; equal on every rank.
Warnings changed_surfaces(Communicator& communicator, const GeometryText& given, const GeometryText& kept);

// Copies the surfaces to `folder`, unless that is where they are read from. One rank alone. Throws Error.
void keep_surfaces(const GeometryText& geometry, const std::string& folder);

}  // namespace jetpinn
