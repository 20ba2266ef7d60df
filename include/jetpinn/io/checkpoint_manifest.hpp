// manifest.json of a checkpoint: what it is, and hashes of every byte, its own included.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/state_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

constexpr int checkpoint_schema = 2;   // the newest that can be read; older ones must stay readable

struct CheckpointManifest {
  CheckpointFacts facts;
  std::int64_t ordinal = 0;      // the how-manieth checkpoint of the run, continuations included; from 1
  std::int64_t file_bytes = 0;   // of state.h5
  std::uint64_t file_hash = 0;
  std::int64_t columns_bytes = 0;   // of columns.h5; there is one where a dataset is a column
  std::uint64_t columns_hash = 0;   // of its pieces (hash.hpp)
  std::vector<StateRecord> datasets;
};

// Without columns it is a manifest of schema 1, which earlier versions read. Loss and time survive exactly; a loss that is
// not finite becomes not-a-number.
std::string to_text(const CheckpointManifest& manifest);

// Throws Error (storage): a sentence that begins with `path`. Any flipped bit and any missing end is found.
CheckpointManifest parse_manifest(const std::string& text, const std::string& path);

// That of a checkpoint's folder. Throws Error (storage, or usage where the file may not be read) naming the file.
CheckpointManifest read_manifest(const std::string& folder);

// Every byte of state.h5 in that folder, before the HDF5 library sees any of them. Throws Error (storage).
void check_state_hash(const std::string& folder, const CheckpointManifest& manifest);

}  // namespace jetpinn
