// The queue that kernels, copies and collectives are ordered on: a stream of a device; on a host nothing, and all work is
// done when the call that asked for it returns.
#pragma once

#include <cstdint>
#include <functional>

namespace jetpinn {

// Work of one queue runs in the order in which it was given.
class StreamQueue {
 public:
  virtual ~StreamQueue() = default;
  // `work` holds by value whatever it needs, and addresses of nothing that may be gone when it runs.
  virtual void give(std::function<void()> work) = 0;
  virtual std::int64_t given() const = 0;           // pieces of work so far
  virtual void wait_for(std::int64_t pieces) = 0;   // until that many are done; throws what one of them threw
};

// Everything that was given to a stream up to a moment. What completes is this, not a call-back on the host.
class Event {
 public:
  Event() = default;   // of nothing: complete
  Event(StreamQueue* queue, std::int64_t pieces) : queue_(queue), pieces_(pieces) {}
  // What the event stands for is done and the host may read it.
  void wait() const {
    if (queue_) queue_->wait_for(pieces_);
  }

 private:
  friend struct Stream;
  StreamQueue* queue_ = nullptr;
  std::int64_t pieces_ = 0;
};

struct Stream {
  StreamQueue* queue = nullptr;   // null: the host

  Event record() const { return queue ? Event(queue, queue->given()) : Event(); }
  void wait() const { record().wait(); }
  // Later work of this stream begins after the event. On the host: the host waits.
  void wait_for(Event event) const {
    if (!queue) return event.wait();
    if (event.queue_ != queue) queue->give([event] { event.wait(); });   // its own queue keeps the order already
  }
};

}  // namespace jetpinn
