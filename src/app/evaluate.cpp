#include "jetpinn/infer/evaluate.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"

#include <cstdio>
#include <memory>

namespace jetpinn {

int run_evaluate(Communicator& communicator, const CommandLine& line) {
  const std::string file =
      !line.file.empty() ? line.file : (line.output.empty() ? line.subject : line.output) + "/evaluation.json";
  const Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  const ReferenceSet reference(communicator, trained_part(trained), line.at);
  communicator.agree("reference", [&] {
    if (communicator.root()) prepare_file(file);
    if (reference.empty()) throw Error(Status::usage, line.subject + ": the problem has no [reference] to compare with");
  });
  const std::unique_ptr<Engine> engine = make_engine(trained.engine, trained.assembly.network, {trained.assembly.fields});
  const auto errors = reference.errors(communicator, *engine, trained.parameters.data());

  communicator.agree("evaluation.json", [&] {
    if (!communicator.root()) return;
    write_evaluation(file, errors, reference, trained.source.file, trained.source.step);
    for (const std::string& note : reference.notes()) std::printf("%s\n", note.c_str());
    for (const FieldError& error : errors)
      std::printf("%s: relative L2 error %.4e, largest error %.4e (%lld points, %s)\n", error.field.c_str(), error.rel_l2,
                  error.max_abs, static_cast<long long>(reference.points()), reference.source().c_str());
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
