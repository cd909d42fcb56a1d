// A client that keeps a fixed number of records in flight and hears running totals of what is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/options.hpp"
#include "bench/row.hpp"

namespace conclave::bench {

class ClosedLoop {
 public:
  using Clock = std::chrono::steady_clock;

  /// `done_before`: the total that the other side has already told.
  ClosedLoop(std::size_t in_flight, std::chrono::milliseconds period, std::uint64_t done_before)
      : in_flight_(in_flight), period_(period), completed_(done_before), bytes_(in_flight * payload_bytes) {}

  /// `submit(data, size)` sends records; `wait(seen)` returns a total above `seen`, zero when the other side is gone.
  template <class Submit, class Wait>
  void run(Submit submit, Wait wait) {
    const auto begin = Clock::now();
    for (std::size_t more = in_flight_; true;) {
      const auto now = Clock::now();
      if (now - begin < period_) {
        sent_at_.insert(sent_at_.end(), more, now);
        submit(bytes_.data(), more * payload_bytes);
      }
      if (sent_at_.empty()) break;
      const auto total = wait(completed_);
      if (total == 0) throw std::runtime_error("the floor's leader has ended");
      const auto heard = Clock::now();
      for (more = 0; completed_ < total; ++completed_, ++more) {
        latencies_.push_back(heard - sent_at_.front());
        sent_at_.pop_front();
      }
    }
    elapsed_ = Clock::now() - begin;
  }

  [[nodiscard]] std::uint64_t completed() const { return completed_; }
  [[nodiscard]] nlohmann::json report() const { return to_json(latencies_, elapsed_); }
  [[nodiscard]] const Latencies& latencies() const { return latencies_; }

  [[nodiscard]] static nlohmann::json to_json(const Latencies& latencies, std::chrono::nanoseconds elapsed) {
    auto list = nlohmann::json::array();
    for (const auto latency : latencies) list.push_back(latency.count());
    return {{"latencies_ns", std::move(list)}, {"elapsed_ns", elapsed.count()}};
  }
  /// Adds what a process reported; several ran side by side.
  static void add(Run& run, const nlohmann::json& report) {
    for (const auto& latency : report.at("latencies_ns")) run.latencies.emplace_back(latency.get<std::int64_t>());
    run.elapsed = std::max(run.elapsed, std::chrono::nanoseconds(report.at("elapsed_ns").get<std::int64_t>()));
  }

 private:
  std::size_t in_flight_;
  std::chrono::milliseconds period_;
  std::uint64_t completed_;
  std::vector<char> bytes_;
  std::deque<Clock::time_point> sent_at_;
  Latencies latencies_;
  std::chrono::nanoseconds elapsed_{0};
};

}  // namespace conclave::bench
