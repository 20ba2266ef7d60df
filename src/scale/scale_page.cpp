#include "jetpinn/scale/scale_page.hpp"

#include "jetpinn/scale/scale_report.hpp"
#include "jetpinn/study/html.hpp"

#include <fmt/format.h>

namespace jetpinn {

std::string study_page(const Study& study, const std::vector<Picture>& pictures) {
  std::string html = html_paragraphs(efficiency_sentences(study), "say") + html_paragraphs(study.warnings, "warning") +
                     html_figures(pictures);
  for (const StudyTable& table : {measurements_table(study), split_table(study), predictions_table(study)})
    html += html_table(table);
  if (study.model) {
    html +=
        "<h2>Model of a step</h2>\n<p>T(p, N) = step + compute n + latency log2 p + [p &gt; 1] (message + imbalance n), n = "
        "N / p</p>\n<pre>";
    for (const std::string& line : model_sentences(study)) html += escaped(line) + "\n";
    html += "</pre>\n";
  }
  html += "<h2>How it was measured</h2>\n" + html_paragraphs(how_measured(study));
  return html_page(fmt::format("{} scaling of {}", to_string(study.options.kind), study.name), html);
}

}  // namespace jetpinn
