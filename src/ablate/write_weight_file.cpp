// A collection as all ranks write it: rank 0 makes the file with room for every number, then each puts its samples in place.
#include "jetpinn/ablate/weight_file.hpp"
#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hdf5_disk.hpp"
#include "jetpinn/io/table_mark.hpp"
#include "jetpinn/runtime/runtime.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

// Where the datasets begin in the file, bytes.
struct Places {
  std::int64_t a = 0, b = 0, weight = 0;
};

class Skeleton {
 public:
  Skeleton(const std::string& path, const WeightFileContent& content) : path_(path), content_(content) {
    hdf5::tame_library();
    const hdf5::Handle access = hdf5::silent_disk_access(&failure_);
    file_ = hdf5::Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), hdf5::close_file);
    check(file_.valid());
  }

  Places make() {
    const auto [samples, layers, rows, columns, rank] = content_.shape;
    Places places;
    if (rank > 0) {
      places.a = reserve("A", {samples, layers, rank, columns});
      places.b = reserve("B", {samples, layers, rows, rank});
    } else {
      places.weight = reserve("weight", {samples, layers, rows, columns});
    }
    write_labels();
    texts("format", {"jetpinn weights"});
    texts("sample", {content_.mark});
    texts("program", {std::string("jetpinn ") + version});
    if (!content_.labels.classes.empty()) texts("classes", content_.labels.classes);
    check(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) >= 0 && file_.close());
    return places;
  }

 private:
  void check(bool sound) const {
    if (sound && failure_ == 0) return;
    if (failure_ != 0) fail_to_write(path_, failure_);
    throw Error(Status::storage, path_ + ": cannot be written: " + hdf5::library_reason() + "; check its folder");
  }

  hdf5::Handle create(const char* name, std::int64_t type, const std::vector<std::int64_t>& shape) {
    const hdf5::Handle creation(H5Pcreate(H5P_DATASET_CREATE), hdf5::close_properties), space = hdf5::simple_space(shape);
    H5Pset_obj_track_times(creation.get(), false);  // equal contents, equal bytes
    H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
    hdf5::Handle data(H5Dcreate2(file_.get(), name, type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                      hdf5::close_dataset);
    check(data.valid());
    return data;
  }

  std::int64_t reserve(const char* name, const std::vector<std::int64_t>& shape) {
    const haddr_t place = H5Dget_offset(create(name, H5T_IEEE_F32LE, shape).get());
    check(place != HADDR_UNDEF);
    return static_cast<std::int64_t>(place);
  }

  void write_labels() {
    const hdf5::Handle data = create("labels", H5T_IEEE_F64LE, {content_.shape.samples});
    check(H5Dwrite(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, content_.labels.values.data()) >= 0);
  }

  // One text as a scalar, several as a list.
  void texts(const char* name, const std::vector<std::string>& values) {
    const hdf5::Handle type(H5Tcopy(H5T_C_S1), hdf5::close_type);
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    const hdf5::Handle space = values.size() == 1 ? hdf5::Handle(H5Screate(H5S_SCALAR), hdf5::close_space)
                                                  : hdf5::simple_space({static_cast<std::int64_t>(values.size())});
    const hdf5::Handle made(H5Acreate2(file_.get(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                            hdf5::close_attribute);
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    check(made.valid() && H5Awrite(made.get(), type.get(), pointers.data()) >= 0);
  }

  const std::string& path_;
  const WeightFileContent& content_;
  int failure_ = 0;
  hdf5::Handle file_;
};

// This rank's samples, written where they belong.
class SampleWriter {
 public:
  SampleWriter(std::string path, const WeightFileContent& content, const Places& places)
      : path_(std::move(path)), content_(content), places_(places), file_(::open(path_.c_str(), O_WRONLY | O_CLOEXEC)) {
    if (file_ < 0) fail_to_write(path_, errno);
    const auto [samples, layers, rows, columns, rank] = content.shape;
    a_.resize(static_cast<std::size_t>(layers * rank * columns));
    b_.resize(static_cast<std::size_t>(layers * rows * rank));
    weight_.resize(static_cast<std::size_t>(rank > 0 ? 0 : layers * rows * columns));
  }
  ~SampleWriter() { ::close(file_); }
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;

  void write(std::int64_t sample) {
    content_.make(sample, a_.data(), b_.data(), weight_.data());
    put(a_, places_.a, sample);
    put(b_, places_.b, sample);
    put(weight_, places_.weight, sample);
  }
  void flush() {
    if (::fsync(file_) != 0) fail_to_write(path_, errno);
  }

 private:
  void put(const std::vector<float>& numbers, std::int64_t place, std::int64_t sample) {
    const auto bytes = static_cast<std::int64_t>(numbers.size() * sizeof(float));
    write_bytes(file_, path_, numbers.data(), bytes, place + sample * bytes);
  }

  std::string path_;
  const WeightFileContent& content_;
  Places places_;
  int file_;
  std::vector<float> a_, b_, weight_;
};

}  // namespace

void require_room_for_weights(const std::string& path, const WeightShape& shape) {
  const double bytes = 4.0 * static_cast<double>(shape.samples) * static_cast<double>(shape.numbers_of_sample());
  std::error_code trouble;
  const std::filesystem::path folder = std::filesystem::path(absolute_path(path)).parent_path();
  const std::filesystem::space_info space = std::filesystem::space(folder, trouble);
  if (!trouble && bytes > static_cast<double>(space.available))
    throw Error(Status::usage, fmt::format("{} would take {:.1f} GB, and the disk has {:.1f} GB left; ask for fewer samples "
                                           "or layers, or name a file on another disk",
                                           path, bytes / 1e9, static_cast<double>(space.available) / 1e9));
}

bool write_weight_file(Communicator& communicator, const std::string& path, const WeightFileContent& content,
                       const std::function<void(std::int64_t, std::int64_t)>& progress) {
  std::unique_ptr<AtomicFile> file;  // rank 0
  Places places;
  communicator.agree("weights", [&] {
    if (!communicator.root()) return;
    require_own_table(path, "sample", content.mark);
    require_room_for_weights(path, content.shape);
    file = std::make_unique<AtomicFile>(path);
    places = Skeleton(file->temporary(), content).make();
  });
  const std::string temporary = communicator.broadcast("weights", file ? file->temporary() : std::string());
  communicator.broadcast("weights", &places, sizeof places);
  std::int64_t stopped = 0;
  communicator.agree("weights", [&] {
    const RowRange own = share_rows(content.shape.samples, communicator.rank(), communicator.size());
    SampleWriter writer(temporary, content, places);
    for (std::int64_t s = own.begin; s < own.end && stopped == 0; ++s) {
      writer.write(s);
      if (communicator.root()) progress(s - own.begin + 1, own.count());
      if (stop_requested()) stopped = 1;
    }
    writer.flush();
  });
  communicator.sum("weights", &stopped, 1);
  communicator.agree("weights", [&] {
    if (file && stopped == 0) file->commit();
  });
  return stopped == 0;
}

}  // namespace jetpinn
