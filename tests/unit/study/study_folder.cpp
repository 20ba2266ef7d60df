#include "jetpinn/study/study_folder.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/config.hpp"
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

std::string refusal_of(const StudyIdentity& identity, const Config& config) {
  try {
    StudyFolder folder(identity, config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(StudyFolder, AnotherDeviceIsAnotherStudy) {
  const testing::TemporaryFolder folder;
  const Config config = parse_config(small_config, "small.toml", {});
  StudyIdentity identity{folder.path() + "/s", {{"study", "\"sweep\""}}};
  EXPECT_EQ(refusal_of(identity, config), "");
  identity.device = "emulated";
  EXPECT_NE(refusal_of(identity, config).find("device: \"auto\" -> \"emulated\""), std::string::npos)
      << refusal_of(identity, config);
  identity.path += "2";
  EXPECT_EQ(refusal_of(identity, config), "");
  EXPECT_EQ(refusal_of(identity, config), "");  // taken up again
  identity.device = "auto";
  EXPECT_NE(refusal_of(identity, config).find("device: \"emulated\" -> \"auto\""), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
