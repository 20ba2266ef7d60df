#include "jetpinn/ablate/weight_file.hpp"

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/dataset_check.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

using Extents = std::vector<std::int64_t>;

std::string text_of(const Extents& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// Which type of memory the library is to convert to.
std::int64_t memory_type(const float*) { return H5T_NATIVE_FLOAT; }
std::int64_t memory_type(const double*) { return H5T_NATIVE_DOUBLE; }

class WeightFile : public WeightSource {
 public:
  explicit WeightFile(const std::string& path) : checked_(path) {
    file_ = hdf5::Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), hdf5::close_file);
    read_shape();
    read_labels();
  }

  const WeightShape& shape() const override { return shape_; }
  const WeightLabels& labels() const override { return labels_; }
  std::string name() const override { return checked_.path(); }

  // Of the bytes of the file, a share on each rank.
  std::uint64_t content_hash(Communicator& communicator) const override {
    std::int64_t sum = 0;
    communicator.agree("hash", [&] {
      const auto bytes = file_bytes(checked_.path(), Status::usage);
      const RowRange own = share_rows(file_pieces(bytes), communicator.rank(), communicator.size());
      sum = static_cast<std::int64_t>(hash_of_file_pieces(checked_.path(), own));
    });
    communicator.sum("hash", &sum, 1);
    return static_cast<std::uint64_t>(sum);
  }

  void read(std::int64_t first, std::int64_t count, WeightBlock<float>& block) const override {
    read_block(first, count, block);
  }
  void read(std::int64_t first, std::int64_t count, WeightBlock<double>& block) const override {
    read_block(first, count, block);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(Status::usage, checked_.path() + ": " + what); }

  Extents shape_of(const std::string& dataset) const {
    const Extents shape = checked_.shape(dataset);
    if (shape.size() != 4 || std::count_if(shape.begin(), shape.end(), [](std::int64_t n) { return n < 1; }) > 0)
      checked_.fail(dataset, "its shape is " + text_of(shape),
                    dataset == "A"   ? "write it as [samples, layers, rank, columns]"
                    : dataset == "B" ? "write it as [samples, layers, rows, rank]"
                                     : "write it as [samples, layers, rows, columns]");
    return shape;
  }

  void read_shape() {
    if (checked_.has("weight")) {
      const Extents whole = shape_of("weight");
      shape_ = {whole[0], whole[1], whole[2], whole[3], 0};
    } else if (checked_.has("A") && checked_.has("B")) {
      const Extents a = shape_of("A"), b = shape_of("B");
      if (a[0] != b[0] || a[1] != b[1] || a[2] != b[3])
        refuse(
            fmt::format("A is {} and B is {}: they are no factors of one matrix in each layer; all layers of all samples "
                        "need A [rank, columns] and B [rows, rank] of one shape",
                        text_of(a), text_of(b)));
      shape_ = {a[0], a[1], b[2], a[3], a[2]};
    } else {
      refuse(
          fmt::format("it holds {}, and a collection of weights has labels, and A and B or weight (docs/ablate.md); write "
                      "these, or import networks with jetpinn sample weights --import",
                      checked_.members().empty() ? "nothing" : fmt::format("{}", fmt::join(checked_.members(), ", "))));
    }
    constexpr std::int64_t most = 1 << 24;  // of a layer's numbers: a side of 4096
    if (shape_.numbers_of_layer() > most || shape_.rows > most / shape_.columns)
      refuse(fmt::format("its layers are {} x {}; take blocks of at most {} numbers", shape_.rows, shape_.columns, most));
  }

  void read_labels() {
    const Extents shape = checked_.shape_of_any("labels");
    if (shape != Extents{shape_.samples})
      checked_.fail("labels", "its shape is " + text_of(shape),
                    fmt::format("write one for each of the {} samples", shape_.samples));
    labels_.values.resize(static_cast<std::size_t>(shape_.samples));
    checked_.read_all("labels", labels_.values.data());
    labels_.classes = checked_.texts_attribute("classes");
    if (!labels_.classes.empty()) return;
    constexpr double most_classes = 1000;
    double most = 0;
    for (const double label : labels_.values) {
      if (!(label >= 0 && label < most_classes) || label != std::floor(label)) return;
      most = std::max(most, label);
    }
    for (int c = 0; c <= static_cast<int>(most); ++c) labels_.classes.push_back(std::to_string(c));
  }

  // Samples first .. first + count - 1 of a dataset, whose numbers must be finite.
  template <class T>
  void read_samples(const std::string& dataset, std::int64_t first, std::int64_t count, std::int64_t of_layer,
                    std::vector<T>& out) const {
    const hdf5::Handle data(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), hdf5::close_dataset);
    const hdf5::Handle from(data.valid() ? H5Dget_space(data.get()) : -1, hdf5::close_space);
    hsize_t start[4] = {}, extent[4] = {};
    bool sound = from.valid() && H5Sget_simple_extent_dims(from.get(), extent, nullptr) == 4;
    start[0] = static_cast<hsize_t>(first);
    extent[0] = static_cast<hsize_t>(count);
    out.resize(static_cast<std::size_t>(count * shape_.layers * of_layer));
    const hdf5::Handle to = hdf5::simple_space({static_cast<std::int64_t>(out.size())});
    sound = sound && H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, start, nullptr, extent, nullptr) >= 0 &&
            H5Dread(data.get(), memory_type(out.data()), to.get(), from.get(), H5P_DEFAULT, out.data()) >= 0;
    if (!sound) checked_.fail(dataset, "cannot be read (" + hdf5::library_reason() + ")", "copy or write the file again");
    check_finite(out, first, shape_.layers, of_layer, dataset, checked_.path());
  }

  template <class T>
  void read_block(std::int64_t first, std::int64_t count, WeightBlock<T>& block) const {
    if (shape_.rank == 0) return read_samples("weight", first, count, shape_.rows * shape_.columns, block.weight);
    read_samples("A", first, count, shape_.rank * shape_.columns, block.a);
    read_samples("B", first, count, shape_.rows * shape_.rank, block.b);
  }

  hdf5::InputFile checked_;
  hdf5::Handle file_;
  WeightShape shape_;
  WeightLabels labels_;
};

}  // namespace

std::unique_ptr<WeightSource> open_weight_file(const std::string& path) { return std::make_unique<WeightFile>(path); }

}  // namespace jetpinn
