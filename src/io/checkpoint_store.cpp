#include "jetpinn/io/checkpoint_store.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_folder.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"
#include "jetpinn/io/column_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr const char* phase = "checkpoint";

// While a run goes on, every failure with a file is one of storage.
void as_storage(const std::string& task, const std::function<void()>& work) {
  try {
    work();
  } catch (const FailedElsewhere&) {
    throw;
  } catch (const Error& error) {
    if (error.status() != Status::usage && error.status() != Status::storage) throw;
    throw Error(Status::storage, task + error.what());
  } catch (const std::system_error& error) {
    throw Error(Status::storage, task + error.what());
  }
}

// A folder that is removed unless it was renamed.
class Temporary {
 public:
  ~Temporary() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  std::string path;
};

// Network file systems show new files to other machines late: some seconds of patience, but not
// with what is there and wrong.
void with_patience(const std::function<void()>& look) {
  constexpr int tries = 10;   // 5 s
  for (int k = 0;; ++k) {
    try {
      return look();
    } catch (const Error&) {
      if (k + 1 == tries) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10 << k));
    }
  }
}

CheckpointManifest manifest_in_sight(const std::string& folder) {
  CheckpointManifest manifest;
  with_patience([&] {
    manifest = read_manifest(folder);
    check_file_size(folder + "/state.h5", manifest.file_bytes);
  });
  return manifest;
}

void verify(const std::string& folder, std::uint64_t state_hash) {
  const CheckpointManifest manifest = manifest_in_sight(folder);
  if (hash_of(manifest.datasets) != state_hash)
    throw Error(Status::storage, folder + ": it holds another state than the ranks do");
  check_state_hash(folder, manifest);
  verify_state_file(folder + "/state.h5", manifest.datasets);
}

// All but the columns and the manifest, which knows the hashes of both files.
void write_files(const std::string& folder, CheckpointManifest& manifest, const State& state) {
  const std::string file = folder + "/state.h5";
  write_state_file(file, state);
  manifest.file_bytes = file_bytes(file);
  manifest.file_hash = hash_of_file(file);
  if (has_columns(manifest.datasets))
    manifest.columns_bytes = create_column_file(folder + "/columns.h5", manifest.datasets);
}

std::string ranks_text(const std::vector<int>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (std::size_t k = 0; k < ranks.size(); ++k)
    text += (k == 0 ? "" : k + 1 == ranks.size() ? " and " : ", ") + std::to_string(ranks[k]);
  return text;
}

// Empty: one hash everywhere.
std::string difference(const std::vector<std::uint64_t>& hashes) {
  std::map<std::uint64_t, std::vector<int>> holders;
  for (std::size_t rank = 0; rank < hashes.size(); ++rank) holders[hashes[rank]].push_back(static_cast<int>(rank));
  if (holders.size() == 1) return {};
  std::vector<int> wrong;
  const auto most = std::max_element(holders.begin(), holders.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  const bool majority = 2 * most->second.size() > hashes.size();
  const std::uint64_t right = majority ? most->first : hashes[0];
  for (std::size_t rank = 0; rank < hashes.size(); ++rank)
    if (hashes[rank] != right) wrong.push_back(static_cast<int>(rank));
  const std::string verb = wrong.size() == 1 ? " holds" : " hold";
  return ranks_text(wrong) + verb + (majority ? " another state than the other ranks" : " another state than rank 0");
}

// Every rank decides alike; one of them speaks.
void agree_on_state(Communicator& communicator, std::uint64_t hash, std::int64_t step) {
  // A double holds half of a hash exactly.
  const std::vector<double> high = communicator.gather(phase, static_cast<double>(hash >> 32));
  const std::vector<double> low = communicator.gather(phase, static_cast<double>(hash & 0xffffffffu));
  std::vector<std::uint64_t> hashes;
  for (std::size_t k = 0; k < high.size(); ++k)
    hashes.push_back(static_cast<std::uint64_t>(high[k]) << 32 | static_cast<std::uint64_t>(low[k]));
  const std::string reason = difference(hashes);
  if (reason.empty()) return;
  if (!communicator.root()) throw FailedElsewhere(Status::communication, 0);
  throw Error(Status::communication,
              "step " + std::to_string(step) + ": " + reason +
                  "; memory or network may be faulty: exclude the machine and continue from the last checkpoint");
}

// What ranks hold alike: the columns without the hashes of each rank's own rows.
std::uint64_t hash_of_replicated(std::vector<StateRecord> records) {
  for (StateRecord& record : records)
    if (record.type == StateType::column) record.hash = 0;
  return hash_of(records);
}

// What rank 0 found, for everybody. [count numbers] per dataset, in the manifest's order.
void share(Communicator& communicator, const CheckpointManifest& manifest, LoadedCheckpoint& checkpoint) {
  checkpoint.facts = manifest.facts;
  checkpoint.folder = communicator.broadcast(phase, checkpoint.folder);
  std::int64_t rejected = static_cast<std::int64_t>(checkpoint.rejected.size());
  communicator.broadcast(phase, &rejected, sizeof rejected);
  checkpoint.rejected.resize(static_cast<std::size_t>(rejected));
  for (std::string& sentence : checkpoint.rejected) sentence = communicator.broadcast(phase, sentence);

  communicator.agree(phase, [&] {   // all have the memory, or nobody goes on
    if (communicator.root()) return;
    for (const StateRecord& record : manifest.datasets) {
      if (record.type == StateType::column) continue;
      StateValue& value = checkpoint.values[record.name];
      if (record.type == StateType::real) value = std::vector<double>(static_cast<std::size_t>(record.count));
      if (record.type == StateType::integer) value = std::int64_t{0};
      if (record.type == StateType::text) value = std::string(static_cast<std::size_t>(record.count), '\0');
    }
  });
  for (const StateRecord& record : manifest.datasets) {
    if (record.type == StateType::column) continue;
    StateValue& value = checkpoint.values[record.name];
    if (auto* numbers = std::get_if<std::vector<double>>(&value))
      communicator.broadcast(phase, numbers->data(), 8 * record.count);
    if (auto* number = std::get_if<std::int64_t>(&value)) communicator.broadcast(phase, number, sizeof *number);
    if (auto* text = std::get_if<std::string>(&value)) communicator.broadcast(phase, text->data(), record.count);
  }
  communicator.agree(phase, [&] {
    as_storage("", [&] { add_column_values(checkpoint.folder + "/columns.h5", manifest.datasets, checkpoint.values); });
  });
}

}  // namespace

// Rank 0, while it looks for the newest that is sound.
struct CheckpointStore::Search {
  std::vector<CheckpointFolder::Entry> entries;   // newest first
  std::size_t next = 0;
  CheckpointManifest manifest;                    // of the last one found
  LoadedCheckpoint checkpoint;
  std::vector<std::string> rejected_names;

  void reject(const std::string& reason) {
    checkpoint.rejected.push_back(reason);
    rejected_names.push_back(entries[next - 1].name);
  }
};

CheckpointStore::CheckpointStore(Communicator& communicator, std::string run_directory, const CheckpointOptions& options)
    : communicator_(communicator), options_(options),
      folder_(std::make_unique<CheckpointFolder>(std::move(run_directory) + "/checkpoints")) {}

CheckpointStore::~CheckpointStore() = default;

void CheckpointStore::save(const CheckpointFacts& facts, const State& state) {
  const ScopedRegion region(Region::checkpoint);
  const WorkScope scope(phase);   // its collectives have scopes of their own
  CheckpointManifest manifest;
  manifest.facts = facts;
  manifest.datasets = describe(state);
  agree_on_state(communicator_, hash_of(hex(hash_of_replicated(manifest.datasets)) + " " + std::to_string(facts.step)),
                 facts.step);
  const bool columns = has_columns(manifest.datasets), root = communicator_.root();
  if (columns) sum_column_hashes(communicator_, manifest.datasets);
  const std::uint64_t state_hash = hash_of(manifest.datasets);
  const std::string task = "the checkpoint of step " + std::to_string(facts.step) + " was not written: ";
  Temporary temporary;   // rank 0
  communicator_.agree(phase, [&] {
    if (!root) return;
    as_storage(task, [&] {
      folder_->prepare();
      manifest.ordinal = folder_->ordinal_for(facts.step);
      temporary.path = folder_->create_temporary(facts.step);
      write_files(temporary.path, manifest, state);
    });
  });
  const std::string written = communicator_.broadcast(phase, temporary.path);
  if (columns) write_columns(task, written, manifest, state);
  communicator_.agree(phase, [&] {
    if (!root) return;
    as_storage(task, [&] { write_text_file(written + "/manifest.json", to_text(manifest)); });
    if (before_verification) before_verification(written);
  });
  const int verifier = std::min(1, communicator_.size() - 1);   // not the one that wrote, where there is another
  communicator_.agree(phase, [&] {
    if (communicator_.rank() == verifier) as_storage(task, [&] { verify(written, state_hash); });
  });
  if (columns) verify_columns(task, written, manifest);
  communicator_.agree(phase, [&] {
    if (!root) return;
    as_storage(task, [&] { folder_->publish(temporary.path, facts.step); });
    temporary.path.clear();
    for (const std::string& name : rejected_)
      if (name != CheckpointFolder::name_of(facts.step)) folder_->reject(name);
    rejected_.clear();
    folder_->prune(options_, facts.step);
  });
  newest_ = folder_->path(CheckpointFolder::name_of(facts.step));
}

// Every rank sees the file before all open it at once: one that does not would leave the others waiting.
void CheckpointStore::write_columns(const std::string& task, const std::string& folder, CheckpointManifest& manifest,
                                    const State& state) {
  const std::string file = folder + "/columns.h5";
  communicator_.broadcast(phase, &manifest.columns_bytes, sizeof manifest.columns_bytes);
  communicator_.agree(phase, [&] {
    as_storage(task, [&] { with_patience([&] { check_file_size(file, manifest.columns_bytes); }); });
  });
  if (before_columns) before_columns(folder);
  as_storage(task, [&] { write_column_file(communicator_, file, state); });
  as_storage(task, [&] { manifest.columns_hash = hash_of_column_file(communicator_, file, manifest.columns_bytes); });
}

void CheckpointStore::verify_columns(const std::string& task, const std::string& folder,
                                     const CheckpointManifest& manifest) {
  const std::string fault = column_file_fault(communicator_, folder + "/columns.h5", manifest.columns_bytes,
                                              manifest.columns_hash, manifest.datasets, true);
  communicator_.agree(phase, [&] {
    if (communicator_.root() && !fault.empty()) throw Error(Status::storage, task + fault);
  });
}

// Rank 0. Looks at every byte of a checkpoint but those of its columns before it is believed. False: there is none left.
bool CheckpointStore::find_next(Search& search) const {
  while (search.next < search.entries.size()) {
    const CheckpointFolder::Entry& entry = search.entries[search.next++];
    const std::string folder = folder_->path(entry.name);
    try {
      search.manifest = read_manifest(folder);
      if (search.manifest.facts.step != entry.step)
        throw Error(Status::storage,
                    folder + ": its manifest is that of step " + std::to_string(search.manifest.facts.step));
      check_state_hash(folder, search.manifest);
      search.checkpoint.values = read_state_file(folder + "/state.h5", search.manifest.datasets);
      search.checkpoint.facts = search.manifest.facts;
      search.checkpoint.folder = folder;
      return true;
    } catch (const Error& error) {
      search.reject(error.what());
    }
  }
  if (search.entries.empty()) return false;
  std::string reasons;
  for (const std::string& sentence : search.checkpoint.rejected) reasons += (reasons.empty() ? "" : "; ") + sentence;
  throw Error(Status::storage, "no checkpoint of this run can be loaded: " + reasons +
                                   "; copy a sound one back, or begin anew with --force, which renames this run away");
}

// Rank 0 looks for one that is sound as far as it reads alone; where that has columns, all ranks look at those.
std::optional<LoadedCheckpoint> CheckpointStore::load() {
  const ScopedRegion region(Region::checkpoint);
  const WorkScope scope(phase);   // its collectives have scopes of their own
  Search search;   // rank 0
  communicator_.agree(phase, [&] {
    if (communicator_.root()) as_storage("", [&] { search.entries = folder_->entries(); });
  });
  CheckpointManifest manifest;
  for (bool sound = false; !sound;) {
    bool found = false;
    communicator_.agree(phase, [&] {
      if (communicator_.root()) as_storage("", [&] { found = find_next(search); });
    });
    const std::string text = communicator_.broadcast(phase, found ? to_text(search.manifest) : std::string());
    if (text.empty()) return {};
    manifest = parse_manifest(text, "the manifest of rank 0");
    sound = true;
    if (!has_columns(manifest.datasets)) break;
    const std::string folder = communicator_.broadcast(phase, search.checkpoint.folder);
    const std::string fault = column_file_fault(communicator_, folder + "/columns.h5", manifest.columns_bytes,
                                                manifest.columns_hash, manifest.datasets, false);
    sound = fault.empty();
    if (!sound && communicator_.root()) search.reject(fault);
  }
  rejected_ = search.rejected_names;
  LoadedCheckpoint checkpoint = std::move(search.checkpoint);
  share(communicator_, manifest, checkpoint);
  return checkpoint;
}

}  // namespace jetpinn
