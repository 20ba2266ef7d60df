// Networks of other programs, and run folders of this one, as a collection of weights.
#pragma once

#include "jetpinn/ablate/weight_file.hpp"

#include <string>

namespace jetpinn {

// list: a CSV file with the columns path and label, a network a line, paths relative to the list. A path is a safetensors
// file or the folder of a run. Labels are numbers, or names of classes.
//
// Of safetensors the LoRA pairs are taken (names with lora_A and lora_B, or lora_down and lora_up), where there are none all
// tensors of two extents, in the order of their names with numbers as numbers; of run folders the matrices of the hidden
// layers but the first. match: only tensors whose name holds this text. All that is taken must have one shape.
//
// Reads the headers of all files. What it returns reads one network at a time. Throws Error (usage) naming file and tensor.
WeightFileContent import_weights(const std::string& list, const std::string& match);

}  // namespace jetpinn
