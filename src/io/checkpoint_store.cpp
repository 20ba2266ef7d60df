#include "jetpinn/io/checkpoint_store.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_folder.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"
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

void check_file_size(const std::string& file, const CheckpointManifest& manifest) {
  std::error_code trouble;
  if (!fs::is_regular_file(file, trouble)) throw Error(Status::storage, file + ": there is no such file");
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file, trouble));
  if (trouble || bytes != manifest.file_bytes)
    throw Error(Status::storage, file + ": it has " + std::to_string(bytes) + " bytes, " +
                                     std::to_string(manifest.file_bytes) + " were written");
}

// Every byte, before the HDF5 library sees any of them.
void check_file_hash(const std::string& file, const CheckpointManifest& manifest) {
  check_file_size(file, manifest);
  if (const std::uint64_t hash = hash_of_file(file); hash != manifest.file_hash)
    throw Error(Status::storage,
                file + ": it is damaged (it has the hash " + hex(hash) + ", " + hex(manifest.file_hash) + " was written)");
}

// Network file systems show new files to other machines late: some seconds of patience, but not
// with what is there and wrong.
CheckpointManifest manifest_in_sight(const std::string& folder) {
  constexpr int tries = 10;   // 5 s
  for (int k = 0;; ++k) {
    try {
      CheckpointManifest manifest = read_manifest(folder);
      check_file_size(folder + "/state.h5", manifest);
      return manifest;
    } catch (const Error&) {
      if (k + 1 == tries) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10 << k));
    }
  }
}

void verify(const std::string& folder, std::uint64_t state_hash) {
  const CheckpointManifest manifest = manifest_in_sight(folder);
  if (hash_of(manifest.datasets) != state_hash)
    throw Error(Status::storage, folder + ": it holds another state than the ranks do");
  check_file_hash(folder + "/state.h5", manifest);
  verify_state_file(folder + "/state.h5", manifest.datasets);
}

void write_files(const std::string& folder, CheckpointManifest manifest, const State& state) {
  const std::string file = folder + "/state.h5";
  write_state_file(file, state);
  manifest.file_bytes = static_cast<std::int64_t>(fs::file_size(file));
  manifest.file_hash = hash_of_file(file);
  write_text_file(folder + "/manifest.json", to_text(manifest));
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
      StateValue& value = checkpoint.values[record.name];
      if (record.type == StateType::real) value = std::vector<double>(static_cast<std::size_t>(record.count));
      if (record.type == StateType::integer) value = std::int64_t{0};
      if (record.type == StateType::text) value = std::string(static_cast<std::size_t>(record.count), '\0');
    }
  });
  for (const StateRecord& record : manifest.datasets) {
    StateValue& value = checkpoint.values[record.name];
    if (auto* numbers = std::get_if<std::vector<double>>(&value))
      communicator.broadcast(phase, numbers->data(), 8 * record.count);
    if (auto* number = std::get_if<std::int64_t>(&value)) communicator.broadcast(phase, number, sizeof *number);
    if (auto* text = std::get_if<std::string>(&value)) communicator.broadcast(phase, text->data(), record.count);
  }
}

}  // namespace

struct CheckpointStore::Found {
  CheckpointManifest manifest;
  LoadedCheckpoint checkpoint;
  std::vector<std::string> rejected_names;
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
  const std::uint64_t state_hash = hash_of(manifest.datasets);
  agree_on_state(communicator_, hash_of(hex(state_hash) + " " + std::to_string(facts.step)), facts.step);

  const bool root = communicator_.root();
  const std::string task = "the checkpoint of step " + std::to_string(facts.step) + " was not written: ";
  Temporary temporary;   // rank 0
  communicator_.agree(phase, [&] {
    if (!root) return;
    as_storage(task, [&] {
      folder_->prepare();
      manifest.ordinal = folder_->ordinal_for(facts.step);
      temporary.path = folder_->create_temporary(facts.step);
      write_files(temporary.path, manifest, state);
      if (before_verification) before_verification(temporary.path);
    });
  });
  const std::string written = communicator_.broadcast(phase, temporary.path);
  const int verifier = std::min(1, communicator_.size() - 1);   // not the one that wrote, where there is another
  communicator_.agree(phase, [&] {
    if (communicator_.rank() == verifier) as_storage(task, [&] { verify(written, state_hash); });
  });
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

// Rank 0. Looks at every byte of a checkpoint before it is believed.
std::optional<CheckpointStore::Found> CheckpointStore::find() const {
  const std::vector<CheckpointFolder::Entry> entries = folder_->entries();
  if (entries.empty()) return {};
  Found found;
  std::vector<std::string>& rejected = found.checkpoint.rejected;
  for (const auto& entry : entries) {
    const std::string folder = folder_->path(entry.name);
    try {
      found.manifest = read_manifest(folder);
      if (found.manifest.facts.step != entry.step)
        throw Error(Status::storage, folder + ": its manifest is that of step " + std::to_string(found.manifest.facts.step));
      check_file_hash(folder + "/state.h5", found.manifest);
      found.checkpoint.values = read_state_file(folder + "/state.h5", found.manifest.datasets);
      found.checkpoint.facts = found.manifest.facts;
      found.checkpoint.folder = folder;
      return found;
    } catch (const Error& error) {
      rejected.push_back(error.what());
      found.rejected_names.push_back(entry.name);
    }
  }
  std::string reasons;
  for (const std::string& sentence : rejected) reasons += (reasons.empty() ? "" : "; ") + sentence;
  throw Error(Status::storage, "no checkpoint of this run can be loaded: " + reasons +
                                   "; copy a sound one back, or begin anew with --force, which renames this run away");
}

std::optional<LoadedCheckpoint> CheckpointStore::load() {
  const ScopedRegion region(Region::checkpoint);
  const WorkScope scope(phase);   // its collectives have scopes of their own
  std::optional<Found> found;   // rank 0
  communicator_.agree(phase, [&] {
    if (communicator_.root()) as_storage("", [&] { found = find(); });
  });
  const std::string manifest = communicator_.broadcast(phase, found ? to_text(found->manifest) : std::string());
  if (manifest.empty()) return {};
  if (found) rejected_ = found->rejected_names;
  LoadedCheckpoint checkpoint = found ? std::move(found->checkpoint) : LoadedCheckpoint();
  share(communicator_, parse_manifest(manifest, "the manifest of rank 0"), checkpoint);
  return checkpoint;
}

}  // namespace jetpinn
