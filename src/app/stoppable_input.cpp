#include "jetpinn/app/stoppable_input.hpp"

#include "jetpinn/base/error.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr int look_every_ms = 100;  // at stop(), while nothing comes

}  // namespace

StoppableInput::StoppableInput(int descriptor, std::function<bool()> stop)
    : descriptor_(descriptor), stop_(std::move(stop)) {}

StoppableInput::int_type StoppableInput::underflow() {
  while (!stop_()) {
    pollfd waited{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waited, 1, look_every_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0)
      throw Error(Status::storage, std::string("standard input cannot be read: ") + std::strerror(errno) +
                                       "; check where it comes from");
    if (count == 0) break;
    setg(buffer_.data(), buffer_.data(), buffer_.data() + count);
    return traits_type::to_int_type(buffer_[0]);
  }
  return traits_type::eof();
}

}  // namespace jetpinn
