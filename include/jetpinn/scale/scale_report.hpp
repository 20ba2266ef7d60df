// A study as JSON (everything), CSV (a line per configuration) and text (a table for people).
#pragma once

#include "jetpinn/scale/scale_study.hpp"
#include "jetpinn/study/study_table.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// {schema, study, config, network, precision, until_error, steps, repeats, oversubscribed, machine{}, configurations[{ranks,
// points, reference, points_per_rank, seconds{}, speed_up, efficiency{}, runs[]}], model{}, held_back[], predictions[],
// sentences[], warnings[], status}.
// s, MiB, points; null: not known.
std::string study_json(const Study& study);
std::string study_csv(const Study& study);
std::string study_text(const Study& study);

// The tables that text and page share.
StudyTable measurements_table(const Study& study);
StudyTable split_table(const Study& study);        // no rows where nothing was profiled
StudyTable predictions_table(const Study& study);  // no rows without a model

// "weak scaling of burgers: ...": what was measured, how, and what efficiency is, a sentence each.
std::vector<std::string> how_measured(const Study& study);

}  // namespace jetpinn
