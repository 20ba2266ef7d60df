#include "jetpinn/app/study_command.hpp"

#include <cstdio>

namespace jetpinn {

void say_unless(bool quiet, const std::string& line) {
  if (quiet) return;
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void leave_results(const StudyFolder& folder, const std::vector<std::pair<std::string, std::string>>& files,
                   const std::vector<Picture>& pictures, const std::string& text) {
  folder.write(files, pictures);
  std::fputs(("\n" + text).c_str(), stdout);
  std::printf("\n%s/index.html shows it with charts\n", folder.path().c_str());
}

}  // namespace jetpinn
