// The user state machine of the kill test: it keeps every command in order, and a doubled one twice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <conclave/state_machine.hpp>

#include "process/kill/history.hpp"

namespace conclave::process {

class Journal final : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "journal/1"; }

  /// Returns the place of the command, from 0.
  Bytes apply(const Applied&, BytesView command) override {
    records_.push_back(parse_record(std::string(conclave::to_text(command))));
    digest_ = digest_ * 31 + std::hash<std::string>{}(to_text(records_.back()));
    return to_bytes(std::to_string(records_.size() - 1));
  }

  void snapshot(const std::function<void(BytesView)>& write) const override {
    for (const auto& record : records_) write(to_bytes(to_text(record)));
  }

  Result<void> restore(const std::function<BytesView()>& read) override {
    records_.clear();
    digest_ = 0;
    for (auto chunk = read(); !chunk.empty(); chunk = read()) (void)apply({}, chunk);
    return {};
  }

  [[nodiscard]] std::uint64_t digest() const override { return digest_; }
  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

 private:
  std::vector<Record> records_;
  std::uint64_t digest_{0};
};

}  // namespace conclave::process
