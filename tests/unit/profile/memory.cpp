#include "jetpinn/profile/memory.hpp"

#include "jetpinn/profile/host.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max(), mib = std::int64_t{1} << 20;

class ControlGroups : public ::testing::Test {
 protected:
  void group(const std::string& path, const std::string& limit, std::int64_t used, std::int64_t files) {
    put(path + "/memory.max", limit);
    put(path + "/memory.current", std::to_string(used));
    put(path + "/memory.stat", "anon 5\nfile 7\ninactive_file " + std::to_string(files) + "\nactive_file 0\n");
  }
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_.file(name)).parent_path());
    std::ofstream(folder_.file(name)) << text << "\n";
  }
  std::int64_t left(const std::string& membership) {
    put("membership", membership);
    return left_in_control_groups(folder_.path() + "/root", folder_.file("membership"));
  }
  testing::TemporaryFolder folder_;
};

TEST_F(ControlGroups, NoneOrNoLimitIsNoLimit) {
  EXPECT_EQ(left("0::/"), unlimited);
  group("root/job", "max", 100, 0);
  EXPECT_EQ(left("0::/job"), unlimited);
}

// A Slurm step: the job's group has the limit, the step's own has none.
TEST_F(ControlGroups, TheTightestGroupAroundDecides) {
  group("root/slurm/job/step", "max", 100, 0);
  group("root/slurm/job", "1000", 400, 0);
  group("root/slurm", "5000", 4800, 0);
  EXPECT_EQ(left("0::/slurm/job/step"), 200);
  group("root/slurm", "50000", 4800, 0);
  EXPECT_EQ(left("0::/slurm/job/step"), 600);
  EXPECT_EQ(left("0::/elsewhere"), unlimited);
}

TEST_F(ControlGroups, PagesOfFilesCountAsFree) {
  group("root/job", "1000", 900, 700);
  EXPECT_EQ(left("0::/job"), 800);
  group("root/job", "1000", 1200, 0);   // above its limit: nothing, not less
  EXPECT_EQ(left("0::/job"), 0);
}

TEST_F(ControlGroups, VersionOneAndContainers) {
  put("root/memory/memory.limit_in_bytes", "1000");   // in a container the path leads to what is not mounted
  put("root/memory/memory.usage_in_bytes", "400");
  put("root/memory/memory.stat", "cache 9\ntotal_inactive_file 100\ntotal_active_file 50");
  EXPECT_EQ(left("5:cpu,memory:/docker/0123\n1:name=systemd:/docker/0123\n0::/"), 750);
  put("root/memory/docker/0123/memory.limit_in_bytes", "500");
  put("root/memory/docker/0123/memory.usage_in_bytes", "400");
  EXPECT_EQ(left("5:cpu,memory:/docker/0123"), 100);
}

// ulimit -v for the time of a test.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(std::int64_t room) {
    getrlimit(RLIMIT_AS, &before_);
    rlimit tight = before_;
    std::ifstream statm("/proc/self/statm");
    std::int64_t pages = 0;
    statm >> pages;
    tight.rlim_cur = static_cast<rlim_t>(pages * 4096 + room);
    setrlimit(RLIMIT_AS, &tight);
  }
  ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

TEST(MemoryReservation, TakesWhatItSaysAndGivesItBack) {
  const std::int64_t before = resident_bytes();
  {
    const MemoryReservation reservation(96 * mib);
    EXPECT_GE(resident_bytes() - before, 95 * mib);
  }
  EXPECT_LE(resident_bytes() - before, mib);
  EXPECT_LE(peak_resident_bytes() - before, 8 * mib) << "the peak tells of what was used, not of what was tried";
}

TEST(MemoryReservation, NothingIsAlwaysThere) { const MemoryReservation none(0), negative(-5); }

// The whole machine and a bit: refused before the system's killer comes, which an overcommitted mapping would call.
TEST(MemoryReservation, MoreThanTheMachineHasIsAnErrorAndNoKill) {
  const std::int64_t before = resident_bytes();
  testing::expect_error(Status::usage, {"needs", "MiB of memory"}, [] { MemoryReservation{std::int64_t{1} << 46}; });
  EXPECT_LE(resident_bytes() - before, mib);
}

TEST(MemoryReservation, ALimitOnTheAddressSpaceIsAnErrorToo) {
  const AddressSpaceLimit limit(300 * mib);
  EXPECT_LE(address_space_left_bytes(), 301 * mib);
  EXPECT_GT(address_space_left_bytes(), 200 * mib);
  testing::expect_error(Status::usage, {"500 MiB", "limit on the address space"}, [] { MemoryReservation{500 * mib}; });
  const MemoryReservation fits(64 * mib);
}

TEST(AddressSpace, IsUnlimitedWithoutALimit) {
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  EXPECT_EQ(address_space_left_bytes() == unlimited, limit.rlim_cur == RLIM_INFINITY);
}

}  // namespace
}  // namespace jetpinn
