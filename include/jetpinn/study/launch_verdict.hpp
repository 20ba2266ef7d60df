// What a run has come to, from the words of its ranks and its launcher, by the table that jobs/verdict reads too.
#pragma once

#include <string>

namespace jetpinn {

// `statuses` holds the lines "rank status" that ranks have written, `launcher` is what mpirun or the program itself
// returned, 128 + n for signal n. A failure of any rank outweighs a stop with a checkpoint, and that a success.
int judge_launch(const std::string& statuses, int launcher, int ranks);

}  // namespace jetpinn
