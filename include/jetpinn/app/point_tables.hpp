// The tables that a config names, and the copies of them that a run folder keeps: a run goes on with the rows it began with.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>

namespace jetpinn {

// Collective. Throws Error (usage) where a table is not there, naming a neighbour with a similar name.
void require_tables(Communicator& communicator, const Problem& problem);

// Collective. Where a run is in `folder`, terms whose tables it keeps read these; the others must be there.
void take_kept_tables(Communicator& communicator, Problem& problem, const std::string& folder);

// What a run that goes on has to say: tables that are gone, or hold other numbers than their copies. given: as the config
// names them; kept: after take_kept_tables. Collective; equal on every rank.
Warnings changed_tables(Communicator& communicator, const Problem& given, const Problem& kept);

// Collective. For commands that train the network of a run on, by the tables and surfaces that its config names, where the
// run itself was on its copies of them. config, kept: those of the run, after take_kept_surfaces and take_kept_tables.
// Throws Error (usage), naming what is gone or has changed since; command: "prune", for the message.
void require_same_tables(Communicator& communicator, const Config& config, const Problem& kept, const std::string& run,
                         const std::string& command);

// Copies what terms read of their tables to `folder`/points/TERM.h5, unless that is where it is read from. One
// rank alone.
void keep_tables(const Problem& problem, const std::string& folder);

}  // namespace jetpinn
