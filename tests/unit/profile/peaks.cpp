#include "jetpinn/profile/peaks.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/profile/peak_kernels.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/product.hpp"
#include "support/environment_variable.hpp"
#include "support/not_run.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace jetpinn {
namespace {

using testing::EnvironmentVariable;
using testing::TemporaryFolder;

const MachinePeaks some_peaks{1e11, 2e11, 3e10, 1e10, 1 << 20, 64 << 20};

// Loosened by nothing but time: products and ceiling are measured in turn until each has had an undisturbed moment.
template <class T>
void expect_no_product_above_the_ceiling() {
  double ceiling = 0, product = 0;
  for (int round = 0; round < 60; ++round) {   // a neighbour may take the core through many of them
    ceiling = std::max(ceiling, multiply_add_rate<T>(5e-3));
    for (std::int64_t width : {32, 64, 128}) {
      const ProductShape shape{ProductKind::multiply, width, width, width, width, width};
      for (const std::string& backend : product_backends())
        product = std::max(product, measure_product<T>(backend, shape, 768, 2e-3));
    }
    if (round >= 2 && ceiling >= product) break;
  }
  EXPECT_GE(ceiling, product);
  EXPECT_LT(ceiling, 5 * product);   // a ceiling far away says nothing
}

TEST(Peaks, NoProductIsFasterThanTheCeilingOfArithmetic) {
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
  JETPINN_NOT_RUN("this build is not made for speed, the product libraries are");
#endif
  expect_no_product_above_the_ceiling<double>();
  expect_no_product_above_the_ceiling<float>();
}

TEST(Peaks, ArePlausible) {
  const std::int64_t high_water = peak_resident_bytes();
  const MachinePeaks peaks = measure_peaks();
  EXPECT_GT(peaks.fp64_flops, 1e8);   // of any core that is looked at at all
  EXPECT_GT(peaks.fp32_flops, 1e8);
  EXPECT_GT(peaks.cache_bytes, 1e8);
  if (peaks.memory_bytes > 0) {
    EXPECT_GE(peaks.memory_set, 16 * peaks.cache_set);
    EXPECT_LT(peak_resident_bytes(), high_water + peaks.memory_set / 2)
        << "the measurement stays in the run's peak of memory";
  }
}

TEST(Peaks, ArePerPrecision) {
  EXPECT_EQ(some_peaks.in(Precision::fp64).flops, 1e11);
  EXPECT_EQ(some_peaks.in(Precision::fp32).flops, 2e11);
  EXPECT_EQ(some_peaks.in(Precision::bf16).flops, 0);
  EXPECT_EQ(some_peaks.in(Precision::fp32).cache_bytes, 3e10);
  EXPECT_EQ(some_peaks.in(Precision::fp32).memory_bytes, 1e10);
}

TEST(PeakKernels, TriadComputesWhatItIsTimedFor) {
  Pool pool;
  double* data = pool.allocate<double>(3 * 1024);
  EXPECT_GT(triad_rate(data, 3 * 1024 * 8, 1e-3), 1e8);
  for (int i = 0; i < 1024; ++i) ASSERT_EQ(data[i], 1.5);
}

TEST(PeakKernels, CacheSizesAreRead) {
  const CacheSizes here = cache_sizes();
  EXPECT_GE(here.second, 64 << 10);
  EXPECT_GE(here.last, here.second);
  EXPECT_EQ(cache_sizes("/nonexistent").second, CacheSizes{}.second);
}

TEST(PeakCache, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const PeakCache cache(folder.file("new/folders"));
  EXPECT_FALSE(cache.read());
  cache.write(some_peaks);
  const auto peaks = cache.read();
  ASSERT_TRUE(peaks);
  EXPECT_EQ(peaks->fp64_flops, some_peaks.fp64_flops);
  EXPECT_EQ(peaks->fp32_flops, some_peaks.fp32_flops);
  EXPECT_EQ(peaks->cache_bytes, some_peaks.cache_bytes);
  EXPECT_EQ(peaks->memory_bytes, some_peaks.memory_bytes);
  EXPECT_EQ(peaks->cache_set, some_peaks.cache_set);
  EXPECT_EQ(peaks->memory_set, some_peaks.memory_set);
}

TEST(PeakCache, DamagedOrForeignFilesAreNone) {
  const TemporaryFolder folder;
  const PeakCache cache(folder.path());
  cache.write(some_peaks);
  const std::string whole = read_text_file(cache.file());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("\0\1\2", 3), whole.substr(0, whole.size() / 2), std::string("[]"),
        with("100000000000.0", "-1"), with("100000000000.0", "0"), with("100000000000.0", "\"fast\""),
        with("100000000000.0", "1e999"), with("fp32_flops", "other"), with("jetpinn ", "jetpinn 99")}) {
    write_text_file(cache.file(), text);
    EXPECT_FALSE(cache.read()) << text;
  }
  read_or_measure_peaks(cache);
  EXPECT_TRUE(cache.read()) << "not mended";
}

TEST(PeakCache, AFolderThatCannotBeWrittenIsNoError) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("file")) << "no folder";
  for (const std::string& place : {folder.file("file/below"), std::string("/proc/nonexistent"), std::string()}) {
    const PeakCache cache(place);
    cache.write(some_peaks);
    EXPECT_FALSE(cache.read()) << place;
    EXPECT_GT(read_or_measure_peaks(cache).fp64_flops, 1e9) << place;
  }
}

TEST(PeakCache, FasterNumbersReplaceADisturbedMeasurement) {
  const TemporaryFolder folder;
  const PeakCache cache(folder.path());
  cache.write({1.0, 1e30, 1.0, 1.0, 1 << 20, 64 << 20});
  const MachinePeaks peaks = read_or_measure_peaks(cache);
  EXPECT_GT(peaks.fp64_flops, 1e9);
  EXPECT_GT(peaks.cache_bytes, 1e9);
  EXPECT_EQ(peaks.fp32_flops, 1e30);
  EXPECT_EQ(cache.read().value_or(MachinePeaks{}).fp64_flops, peaks.fp64_flops);
}

TEST(PeakCache, ItsFolderIsTheUsersChoice) {
  const EnvironmentVariable home("HOME", "/house");
  {
    const EnvironmentVariable own("JETPINN_CACHE", "/own"), common("XDG_CACHE_HOME", "/common");
    EXPECT_EQ(PeakCache::default_folder(), "/own");
  }
  const EnvironmentVariable own("JETPINN_CACHE", nullptr);
  {
    const EnvironmentVariable common("XDG_CACHE_HOME", "/common");
    EXPECT_EQ(PeakCache::default_folder(), "/common/jetpinn");
  }
  {
    const EnvironmentVariable common("XDG_CACHE_HOME", "relative");
    EXPECT_EQ(PeakCache::default_folder(), "/house/.cache/jetpinn");
  }
  const EnvironmentVariable common("XDG_CACHE_HOME", nullptr), none("HOME", nullptr);
  EXPECT_EQ(PeakCache::default_folder(), "");
}

}  // namespace
}  // namespace jetpinn
