// What an ablation study shows: tables, charts, JSON, CSV, text and page.
#pragma once

#include "jetpinn/ablate/ablation.hpp"
#include "jetpinn/chart/chart.hpp"
#include "jetpinn/study/machine.hpp"
#include "jetpinn/study/study_table.hpp"

#include <string>
#include <vector>

namespace jetpinn {

StudyTable ranking_table(const Ablation& ablation);
StudyTable phases_table(const Ablation& ablation);  // where the time went
StudyTable confusion_table(const RepresentationResult& result, const std::vector<std::string>& classes);
std::vector<Picture> draw_ablation(const Ablation& ablation);

// {schema, study, data{}, runs, results[{name, score{mean, deviation, half_width, runs[]}, ...}], seconds{}, sentences[],
// ...}
std::string ablation_json(const Ablation& ablation, const MachineDescription& machine);
std::string ablation_csv(const Ablation& ablation);  // a line a run of a representation
std::string ablation_text(const Ablation& ablation);
std::string ablation_page(const Ablation& ablation, const std::vector<Picture>& pictures, const MachineDescription& machine);

}  // namespace jetpinn
